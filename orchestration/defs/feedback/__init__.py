"""What customers answer."""
