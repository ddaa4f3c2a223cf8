"""HTML with character offsets: tokens, a light tree, the main content, the metadata.  Pure functions, floor 0."""
