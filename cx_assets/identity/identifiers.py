"""The identifiers of all records in comparable form, found out once a run and, of telephones, once in their life.

How one value is read is in normalise.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable
from functools import cache

import pandas as pd

from cx_assets.identity import normalise as normalise_module
from cx_assets.identity.normalise import column_of, normalise, qualifiers


def with_normalised(
    records: pd.DataFrame, identifiers: Iterable[str], *, default_country: str, known: pd.DataFrame
) -> pd.DataFrame:
    """The records with what costs most to find out found out once: their identifiers in comparable form.

    Args:
        records: See normalise; record_id is unique.
        identifiers: Those whose columns the records lack are left out.
        default_country: See normalise.
        known: Telephones of the run before: record_id
            (unique), phone_typed_hash, phone. Telephones are nearly all of the cost, and hardly one changes in a day.

    Returns:
        The records with `normal_<identifier>` for each identifier and, where they have telephones, phone_typed_hash:
        of what was typed, where, and the numbering plans' version; null where nothing was typed.
    """
    there = sorted({name for name in identifiers if column_of(name) in records.columns})
    columns = {
        f"normal_{name}": normalise(records, name, default_country=default_country) for name in there if name != "phone"
    }
    if "phone" not in there:
        return records.assign(**columns)
    typed = _phone_typed_hash(records, default_country)
    before = known.set_index("record_id").reindex(records["record_id"].astype("str"))
    held = pd.Series(before["phone_typed_hash"].array, index=records.index)
    is_same = (typed == held).fillna(False).astype("bool")
    phones = pd.Series(before["phone"].astype("object").to_numpy(), index=records.index)
    phones = phones.where(phones.notna() & is_same, None)
    phones[~is_same] = normalise(records[~is_same], "phone", default_country=default_country)
    return records.assign(**columns, normal_phone=phones, phone_typed_hash=typed)


@cache
def _reading() -> str:
    """How telephones are read: the version of the numbering plans, and the code; another one reads all anew."""
    import phonenumbers

    code = hashlib.sha256(inspect.getsource(normalise_module).encode()).hexdigest()
    return f"\x1f{phonenumbers.__version__}\x1f{code}"


def _phone_typed_hash(records: pd.DataFrame, default_country: str) -> pd.Series:
    country = qualifiers(records, "country_code", default_country).astype("str")
    text = records["phone"].astype("str") + "\x1f" + country + _reading()
    hashes = pd.util.hash_array(text.fillna("").to_numpy(dtype="object")).view("int64")
    return pd.Series(hashes, index=records.index, dtype="Int64").where(records["phone"].notna())
