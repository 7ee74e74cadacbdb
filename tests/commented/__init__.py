"""Models of well-known kinds, with the shape comments that people write. All comments are true.

Each file has a `model()` and the `inputs()` that it is called with; all sizes differ.
"""
