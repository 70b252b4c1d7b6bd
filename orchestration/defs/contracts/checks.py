"""The border of canonical entities: accepted rows keep their contract."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from cx_assets.contracts import EntityContract, load_contracts
from cx_assets.contracts.expectations import aggregate_sql, entity_expectations, refusals_sql
from cx_assets.contracts.references import beside_expectations, beside_sql
from orchestration.defs.area import Frame
from orchestration.defs.border import Border, border_results, border_specs, selected_assets
from orchestration.runs.site import Site
from orchestration.warehouse.database import Warehouse, contract_model, repeated_keys

CONTRACT_CHECK = "contract_holds"


def build_defs(frame: Frame) -> dg.Definitions:
    """The border of every entity."""
    return dg.Definitions(asset_checks=[contract_border()])


def contract_key(entity: str) -> dg.AssetKey:
    """Address of an entity's contract model."""
    return dg.AssetKey(["intermediate", f"int_contract__{entity}"])


def contract_border() -> dg.AssetChecksDefinition:
    """Every canonical entity keeps its contract once the rows that break it are set aside."""
    contracts = load_contracts()

    @dg.multi_asset_check(
        name="contract_border",
        can_subset=True,
        specs=border_specs(
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
        selected = selected_assets(context)
        known = [contract for contract in contracts.values() if contract_key(contract.entity) in selected]
        alone = warehouse.frames(
            [
                aggregate_sql(contract, contract_model(contract.entity), repeated_keys(contract.entity))
                for contract in known
            ]
        )
        currencies = site.company.currency_codes
        beside = warehouse.frames(
            [
                beside_sql(contract, contracts, contract_model, repeated_keys(contract.entity), currencies)
                for contract in known
            ]
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
