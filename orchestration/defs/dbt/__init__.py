"""dbt models as Dagster assets, in three stages around the Python steps."""
