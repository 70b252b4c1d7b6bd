"""Retraining by request: a run's tag that every asset which keeps a model reads."""

from __future__ import annotations

import dagster as dg

RETRAIN = "cx/retrain"
"""Tag of runs that retrain every model, however young the present one is."""
RETRAINING_TAGS = {RETRAIN: "true"}


def is_retraining(context: dg.AssetExecutionContext) -> bool:
    """Whether the run was requested to retrain models."""
    return context.run.tags.get(RETRAIN) == "true"
