"""Snapshots: which loads and which observation date a run reads, and how far each feed is complete."""
