"""One file a stage; a stage turns findings of `pipeline.cjk` into edits and tags."""
