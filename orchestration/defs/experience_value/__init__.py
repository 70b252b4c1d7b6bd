"""What satisfaction is worth: later spending, and customers lost after a bad experience."""
