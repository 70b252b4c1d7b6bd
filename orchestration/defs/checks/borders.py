"""The three borders: landing (files against manifests), contracts (canonical entities), marts (what BI reads)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from cx_assets.contracts import EntityContract, load_contracts
from cx_assets.contracts.expectations import (
    Expectation,
    aggregate_sql,
    entity_expectations,
    landing_expectations,
    refusals_sql,
)
from cx_assets.contracts.marts import MartContract, load_marts, mart_aggregate_sql, mart_expectations
from cx_assets.contracts.references import beside_expectations, beside_sql
from cx_assets.contracts.validation import validate_frames
from orchestration.declared_tables import LandingTable
from orchestration.defs.landing.assets import landing_key
from orchestration.landing import manifests, refused
from orchestration.landing.snapshot import published_load_sequence
from orchestration.site import Site
from orchestration.tables import contract_model
from orchestration.warehouse import Warehouse

LANDING_CHECK = "landing_matches_manifest"
CONTRACT_CHECK = "contract_holds"
MART_CHECK = "mart_is_plausible"


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


def _specs(name: str, keys: Sequence[dg.AssetKey], description: str) -> list[dg.AssetCheckSpec]:
    return [dg.AssetCheckSpec(name=name, asset=key, blocking=True, description=description) for key in keys]


def _selected(context: dg.AssetCheckExecutionContext) -> set[dg.AssetKey]:
    """Assets whose check this run wants: a part of a border where a part of the assets is materialised."""
    return {key.asset_key for key in context.selected_asset_check_keys}


def landing_border(tables: Sequence[LandingTable]) -> dg.AssetChecksDefinition:
    """Parquet files hold what the manifests say, and refused rows stay within the company's limit."""

    @dg.multi_asset_check(
        name="landing_border",
        can_subset=True,
        specs=_specs(
            LANDING_CHECK,
            [landing_key(table) for table in tables],
            "The landed files hold the rows that the manifests state; the share of refused rows is within the limit.",
        ),
    )
    def border(context: dg.AssetCheckExecutionContext, site: dg.ResourceParam[Site]) -> Iterator[dg.AssetCheckResult]:
        selected = _selected(context)
        expectations = landing_expectations(site.company.max_quarantined_share)
        listed = manifests.read_manifests(site.workspace)
        published = published_load_sequence(site.workspace)
        found = []
        for table in tables:
            if landing_key(table) not in selected:
                continue
            frame = manifests.landing_aggregates(
                site.workspace, listed, table.landing_name, published_sequence=published
            )
            why = refused.refusals(listed, table.landing_name)
            found.append(Border(landing_key(table), frame, expectations, why))
        yield from border_results(LANDING_CHECK, found)

    return border


def contract_key(entity: str) -> dg.AssetKey:
    """Address of an entity's contract model."""
    return dg.AssetKey(["intermediate", f"int_contract__{entity}"])


def contract_border() -> dg.AssetChecksDefinition:
    """Every canonical entity keeps its contract once the rows that break it are set aside."""
    contracts = load_contracts()

    @dg.multi_asset_check(
        name="contract_border",
        can_subset=True,
        specs=_specs(
            CONTRACT_CHECK,
            [contract_key(entity) for entity in contracts],
            "Accepted rows keep keys, types, ranges and currencies of the contract; refused rows, rows that name what"
            " no load brought and keys that one load brings twice with other content are within the limits.",
        ),
        pool="warehouse",
    )
    def border(
        context: dg.AssetCheckExecutionContext, site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = _selected(context)
        known = [contract for contract in contracts.values() if contract_key(contract.entity) in selected]
        alone = warehouse.frames([aggregate_sql(contract, contract_model(contract.entity)) for contract in known])
        beside = warehouse.frames(
            [beside_sql(contract, contracts, contract_model, site.company.currency_codes) for contract in known]
        )
        found = []
        for contract, *aggregates in zip(known, alone, beside, strict=True):
            frame = pd.concat(aggregates, axis=1)
            limit = site.company.max_quarantined_share
            # Counted only where it is needed: it reads the entity once for every rule.
            why = _refusals(warehouse, contract) if frame["quarantined_share"].gt(limit).any() else ""
            expectations = entity_expectations(contract, limit) + beside_expectations(
                contract,
                contracts,
                max_unknown_share=site.company.max_unknown_reference_share,
                max_conflicting_share=site.company.max_conflicting_key_share,
            )
            found.append(Border(contract_key(contract.entity), frame, expectations, why))
        yield from border_results(CONTRACT_CHECK, found)

    return border


def _refusals(warehouse: Warehouse, contract: EntityContract) -> str:
    """Why rows of an entity were refused, and where they are named; holds no value of a row."""
    counts = warehouse.frame(refusals_sql(contract, contract_model(contract.entity)))
    reasons = ", ".join(f"{row.reason} x{row.row_count}" for row in counts.head(3).itertuples())
    return f"{reasons}; find the rows in intermediate.int_contract__quarantined_row of {warehouse.path}."


def mart_key(mart: MartContract) -> dg.AssetKey:
    """Address of a mart."""
    return dg.AssetKey(["marts", mart.name])


def mart_border() -> dg.AssetChecksDefinition:
    """Every mart is unique on its key and within the bounds that its numbers can have at all."""
    marts = load_marts()

    @dg.multi_asset_check(
        name="mart_border",
        can_subset=True,
        specs=_specs(
            MART_CHECK,
            [mart_key(mart) for mart in marts],
            "Key unique and filled, every bounded number within the bounds that it can have at all.",
        ),
        pool="warehouse",
    )
    def border(
        context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = _selected(context)
        wanted = [mart for mart in marts if mart_key(mart) in selected]
        frames = warehouse.frames([mart_aggregate_sql(mart) for mart in wanted])
        found = zip(wanted, frames, strict=True)
        yield from border_results(
            MART_CHECK, [Border(mart_key(mart), frame, mart_expectations(mart)) for mart, frame in found]
        )

    return border
