"""What we know of Chinese text, as pure functions without documents or edits."""
