"""dbt models as Dagster assets, in stages around the Python steps."""
