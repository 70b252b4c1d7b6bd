"""A border: one row of aggregates of each asset, held against what must hold of it by Great Expectations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from cx_assets.contracts.expectations import Expectation
from cx_assets.contracts.validation import validate_frames


@dataclass(frozen=True)
class Border:
    """One asset's row of aggregates, what must hold of it, and what people need to know when it does not."""

    asset: dg.AssetKey
    frame: pd.DataFrame
    expectations: Sequence[Expectation]
    why: str = ""


def border_results(name: str, found: Sequence[Border]) -> Iterator[dg.AssetCheckResult]:
    """Validate rows of aggregates; fewer executed than declared expectations is a failure, told with `why`."""
    outcomes = validate_frames([(border.frame, border.expectations) for border in found])
    for border, outcome in zip(found, outcomes, strict=True):
        yield dg.AssetCheckResult(
            check_name=name,
            asset_key=border.asset,
            passed=outcome.is_passed,
            severity=dg.AssetCheckSeverity.ERROR,
            description=outcome.summary if outcome.is_passed else f"{outcome.summary} {border.why}".strip(),
            metadata={
                "declared_expectations": outcome.declared_count,
                "executed_expectations": outcome.executed_count,
                "failures": dg.MetadataValue.json(outcome.failures),
                "aggregates": dg.MetadataValue.json(
                    {str(key): str(value) for key, value in border.frame.iloc[0].items()} if len(border.frame) else {}
                ),
            },
        )


def border_specs(
    name: str, keys: Sequence[dg.AssetKey], description: str, *, is_blocking: bool = True
) -> list[dg.AssetCheckSpec]:
    """One check of the border on each of the assets."""
    return [dg.AssetCheckSpec(name=name, asset=key, blocking=is_blocking, description=description) for key in keys]


def selected_assets(context: dg.AssetCheckExecutionContext) -> set[dg.AssetKey]:
    """Assets whose check this run wants: a part of a border where a part of the assets is materialised."""
    return {key.asset_key for key in context.selected_asset_check_keys}
