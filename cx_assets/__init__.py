"""The domain: contracts, identity, segments, prediction, churn. Knows neither Dagster, dbt nor a warehouse."""
