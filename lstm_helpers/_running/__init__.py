"""The one floor that runs somebody's model, watches it, and leaves no trace of it."""
