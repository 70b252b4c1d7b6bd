"""The domain: contracts, identity, segments, churn. Knows neither Dagster, dbt nor a warehouse."""
