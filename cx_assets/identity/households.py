"""Customers who share a home: one address under one family name, an e-mail address or a telephone."""

from __future__ import annotations

import pandas as pd

from cx_assets.identity.matching import connected_components
from cx_assets.identity.tables import HOUSEHOLD

# More customers behind one value are no family: a switchboard, a shop's own address, a home of students.
MOST_MEMBERS = 8
_SHARED = {"address": ("street", "postal_code", "family_sound"), "email": ("email",), "phone": ("phone",)}


def households(standard: pd.DataFrame | None, customers: pd.Series) -> pd.DataFrame:
    """Households of persons.

    A value that more than MOST_MEMBERS customers share joins nobody, and a chain of values that would join more
    joins none of them.

    Args:
        standard: Standardised records of persons; None or empty where none are compared.
        customers: customer_id by record_id.

    Returns:
        Columns of tables.HOUSEHOLD: one row per customer who has a household of two or more.
    """
    if standard is None or standard.empty:
        return HOUSEHOLD.typed(pd.DataFrame())
    customer = standard["record_id"].map(customers)
    parts = [_edges(standard, customer, name, list(columns)) for name, columns in _SHARED.items()]
    edges = pd.concat(parts, ignore_index=True)
    if edges.empty:
        return HOUSEHOLD.typed(pd.DataFrame())
    ids = pd.Series(sorted(set(edges["record_id_a"]) | set(edges["record_id_b"])), dtype="str")
    members = pd.DataFrame({"customer_id": ids, "label": connected_components(ids, edges)})
    members["member_count"] = members.groupby("label")["customer_id"].transform("size")
    label = edges["record_id_a"].map(members.set_index("customer_id")["label"])
    shared = edges["shared"].groupby(label.to_numpy()).agg(lambda names: ",".join(sorted(set(names))))
    members = members[members["member_count"] <= MOST_MEMBERS]
    first = members.groupby("label")["customer_id"].transform("min")
    told = members.assign(household_id="h_" + first.str.removeprefix("c_"), shared=members["label"].map(shared))
    return HOUSEHOLD.typed(told[list(HOUSEHOLD.columns)].sort_values("customer_id", ignore_index=True))


def _edges(standard: pd.DataFrame, customer: pd.Series, name: str, columns: list[str]) -> pd.DataFrame:
    """Customers who share a value, each joined to the first of them; ends are named as components expect them."""
    if missing := [column for column in columns if column not in standard]:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    rows = standard[columns].assign(customer_id=customer).dropna().drop_duplicates()
    sizes = rows.groupby(columns)["customer_id"].transform("size")
    rows = rows[(sizes > 1) & (sizes <= MOST_MEMBERS)]
    first = rows.groupby(columns)["customer_id"].transform("min")
    others = rows[rows["customer_id"] != first]
    ends = {"record_id_a": first[others.index], "record_id_b": others["customer_id"], "shared": name}
    return pd.DataFrame(ends).astype("str")
