"""Metrics, defined once in dbt_project/models/semantic and asked of a published generation through MetricFlow."""
