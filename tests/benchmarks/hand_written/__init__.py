"""The rival: SQL written by hand for DuckDB, and the few lines that run it."""
