"""What every mart must be at the least: unique on its key, its numbers within the bounds that they can have at all.

The bounds are in `mart_contracts/<audience>.yml`. What a mart means is said in dbt, beside the model.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from cx_assets.contracts.expectations import Expectation, between, counted
from cx_assets.contracts.strict_yaml import read_strict_yaml

FOLDER = "mart_contracts"


class MartContract(BaseModel):
    """Key and bounds of one mart.

    Attributes:
        name: Table in schema marts.
        key: Columns that identify a row; none of them null.
        bounds: [lowest, highest] by column, null for open; null values pass.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^mart_[a-z0-9_]+$")
    key: tuple[str, ...] = Field(min_length=1)
    bounds: dict[str, tuple[float | None, float | None]] = {}


@cache
def load_marts() -> tuple[MartContract, ...]:
    """All marts, by audience and then in the order of its file; a new audience is found by its file."""
    files = sorted(resources.files("cx_assets.contracts").joinpath(FOLDER).iterdir(), key=lambda file: file.name)
    return tuple(
        MartContract(name=name, **fields)
        for file in files
        for name, fields in read_strict_yaml(file.read_text(encoding="utf-8"), file.name).data.items()
    )


def mart_aggregate_sql(mart: MartContract) -> str:
    """The query that reduces a mart to one row: row_count, null_key_count, duplicate_key_count, min_ and max_."""
    key = ", ".join(mart.key)
    is_null = " or ".join(f"{column} is null" for column in mart.key)
    is_nan = " or ".join(f"isnan(cast({column} as double))" for column in mart.bounds) or "false"
    limits = "".join(f",\n  min({name}) as min_{name},\n  max({name}) as max_{name}" for name in mart.bounds)
    return (
        "select\n  count(*) as row_count,\n"
        f"  count(*) filter (where {is_null}) as null_key_count,\n"
        f"  count(*) filter (where {is_nan}) as not_a_number_count,\n"
        f"  (select count(*) from (select {key} from marts.{mart.name} group by {key}\n"
        f"    having count(*) > 1) as repeated) as duplicate_key_count{limits}\nfrom marts.{mart.name}"
    )


def mart_expectations(mart: MartContract) -> list[Expectation]:
    """What must hold for the row that mart_aggregate_sql returns."""
    found = [
        counted("row_count", 0, None, "The mart was read."),
        counted("null_key_count", 0, 0, "A part of the key is null."),
        counted("not_a_number_count", 0, 0, "A bounded number is not a number."),
        counted("duplicate_key_count", 0, 0, "The key is not unique."),
    ]
    for column, (low, high) in mart.bounds.items():
        if low is not None:
            found.append(between(f"min_{column}", low, None, f"{column} is below {low:g}."))
        if high is not None:
            found.append(between(f"max_{column}", None, high, f"{column} is above {high:g}."))
    return found
