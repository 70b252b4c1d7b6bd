"""Dagster assets, checks, jobs, schedules and sensors, one folder per area."""
