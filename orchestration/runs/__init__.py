"""One company as a run sees it, and Dagster's own state: event log, dead runs, failures, progress, alerts."""
