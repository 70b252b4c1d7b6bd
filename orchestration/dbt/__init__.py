"""dbt in this process: its project, its metadata, the files rendered from the entity contracts."""
