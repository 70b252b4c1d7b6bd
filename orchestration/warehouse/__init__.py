"""The private DuckDB file: tables of Python steps, what they were built from, copies of what nothing can make again."""
