"""What drives satisfaction, and the happiness index."""
