"""Canonical contracts: the one definition of every entity, and what is derived from it."""

from cx_assets.contracts.entity import (
    LINEAGE_COLUMNS,
    MISTYPED_COLUMN,
    ColumnContract,
    ColumnType,
    ContractError,
    EntityContract,
    EntityRule,
    load_contracts,
    parse_contract,
)
from cx_assets.contracts.rules import RowRule, row_rules

__all__ = [
    "LINEAGE_COLUMNS",
    "MISTYPED_COLUMN",
    "ColumnContract",
    "ColumnType",
    "ContractError",
    "EntityContract",
    "EntityRule",
    "RowRule",
    "load_contracts",
    "parse_contract",
    "row_rules",
]
