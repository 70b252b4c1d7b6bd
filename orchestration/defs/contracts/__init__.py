"""The canonical entities."""
