"""Object storage by URL."""
