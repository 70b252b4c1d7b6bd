import pandas as pd

from cx_assets.identity import identifiers
from cx_assets.identity.identifiers import with_normalised
from cx_assets.identity.tables import MATCHED_RECORD, among

NOTHING = MATCHED_RECORD.typed(pd.DataFrame())


def _records(**columns: list[str | None]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"record_id": [f"r{number}" for number in range(count)], **columns}).astype("str")


def _kept(found: pd.DataFrame, **changes: str) -> pd.DataFrame:
    """What a run leaves, with other telephones written over it, so that what is taken from it shows."""
    kept = found[["record_id", "phone_typed_hash"]].assign(phone=found["normal_phone"])
    kept["phone"] = [changes.get(record, phone) for record, phone in zip(kept["record_id"], kept["phone"], strict=True)]
    return kept


def test_identifiers_are_in_comparable_form():
    records = _records(
        phone=["030 901820", "000000", "abc", None], email=["Ada@Example.ORG ", None, None, "ada@web.de"]
    )
    found = with_normalised(records, ["phone", "email", "tax_number"], default_country="DE", known=NOTHING)
    assert found["normal_phone"].tolist() == ["+4930901820", "", None, None]
    assert found["normal_email"].tolist() == ["", None, None, "ada@web.de"]
    assert "normal_tax_number" not in found.columns
    assert found["phone_typed_hash"].isna().tolist() == [False, False, False, True]


def test_a_telephone_is_read_once_in_its_life():
    records = _records(phone=["030 901820", "040 428280", "030 901821"], country_code=["DE", "DE", "DE"])
    kept = _kept(with_normalised(records, ["phone"], default_country="DE", known=NOTHING), r0="kept", r1="kept")
    later = records.assign(phone=["030 901820", "040 428281", "030 901821"])
    found = with_normalised(later, ["phone"], default_country="DE", known=kept)
    assert found["normal_phone"].tolist() == ["kept", "+4940428281", "+4930901821"]


def test_a_telephone_of_another_country_is_another_one():
    records = _records(phone=["030 901820"], country_code=["DE"])
    kept = _kept(with_normalised(records, ["phone"], default_country="DE", known=NOTHING), r0="kept")
    moved = with_normalised(records.assign(country_code="AT"), ["phone"], default_country="DE", known=kept)
    assert moved["normal_phone"].tolist() != ["kept"]
    assert with_normalised(records.head(0), ["phone"], default_country="DE", known=kept).empty


def test_among_is_true_for_the_ids_alone():
    values = pd.Series(["a", None, "b", "a"], index=[3, 1, 2, 0], dtype="str")
    assert among(values, {"a"}).to_dict() == {3: True, 1: False, 2: False, 0: True}
    assert among(values, []).tolist() == [False] * 4
    assert among(pd.Series([], dtype="str"), ["a"]).tolist() == []


def test_a_telephone_is_read_anew_when_reading_it_changes(monkeypatch):
    records = _records(phone=["030 901820"], country_code=["DE"])
    kept = _kept(with_normalised(records, ["phone"], default_country="DE", known=NOTHING), r0="kept")
    monkeypatch.setattr(identifiers, "_reading", lambda: "another version")
    found = with_normalised(records, ["phone"], default_country="DE", known=kept)
    assert found["normal_phone"].tolist() == ["+4930901820"]
