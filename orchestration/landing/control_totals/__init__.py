"""Control totals: what a source says of itself, by day, kept with the load that they belong to."""
