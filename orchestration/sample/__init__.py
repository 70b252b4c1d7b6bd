"""The sample company in real systems instead of files."""
