"""Sources held against marts."""
