"""The published generation."""
