"""Documentation of a publication as files: dbt's own pages, and where each column comes from. No figures of it."""
