"""The documentation as files."""
