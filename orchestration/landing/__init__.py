"""Landings: source files become immutable Parquet, committed by manifests and pinned by snapshots.

Configuration is read in `orchestration.declaration.company`; what the rows mean begins in the company's staging SQL.
"""
