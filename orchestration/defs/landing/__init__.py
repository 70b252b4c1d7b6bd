"""From source files to pinned landings."""
