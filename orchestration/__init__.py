"""Dagster definitions and the adapters they need. The domain itself lives in cx_assets."""
