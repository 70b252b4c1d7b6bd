"""Canonical contracts: the one definition of every entity, and what is derived from it."""

from cx_assets.contracts.entity import (
    BLANKED_COLUMN,
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
from cx_assets.contracts.rules import RowRule, blank_rules, row_rules

__all__ = [
    "BLANKED_COLUMN",
    "LINEAGE_COLUMNS",
    "MISTYPED_COLUMN",
    "ColumnContract",
    "ColumnType",
    "ContractError",
    "EntityContract",
    "EntityRule",
    "RowRule",
    "blank_rules",
    "load_contracts",
    "parse_contract",
    "row_rules",
]
