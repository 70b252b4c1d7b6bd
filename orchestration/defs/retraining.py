"""Retraining by request: a run's tag that every asset which keeps a model reads."""

from __future__ import annotations

import dagster as dg

RETRAIN = "cx/retrain"
"""Tag of runs that train every model anew, however young the present one is."""
RETRAINING_TAGS = {RETRAIN: "true"}


def is_retraining(context: dg.AssetExecutionContext) -> bool:
    """Whether the run was asked to train models anew."""
    return context.run.tags.get(RETRAIN) == "true"
