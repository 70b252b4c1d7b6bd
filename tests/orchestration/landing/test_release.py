"""Rows come out of quarantine through the gate that refused them, once, and count in one place only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from orchestration.ground import faults
from orchestration.landing.errors import LandingError
from orchestration.landing.loads.aggregates import landing_aggregates
from orchestration.landing.loads.ledger import load_ledger, quarantine_reasons
from orchestration.landing.refused.release import ReleaseRequest, ReleaseResult, release_rows
from orchestration.landing.refused.rows import RowId, refused_groups, refused_parts, refused_rows
from tests.orchestration.landing.conftest import NOW, Shop

MakeShop = Callable[..., Shop]
CSV = "contact_id,amount\n1,10.00\n2,3.6O\n3,7,5\n"


def release(shop: Shop, id: str, rule: str | None = None, text: str | None = None, **values: str) -> ReleaseResult:
    request = ReleaseRequest(RowId.parse(id), "anna", rule, values, text)
    return release_rows(shop.company, shop.workspace, request, now=NOW)


def groups(shop: Shop) -> list[tuple[str, int, int]]:
    return [(group.rule, group.row_count, group.newest_load) for group in refused_groups(shop.manifests())]


def counts(shop: Shop) -> list[tuple[int, int, int]]:
    ledger = load_ledger(shop.manifests())
    columns = ["load_sequence", "landed_count", "quarantined_count"]
    return [tuple(map(int, row)) for row in ledger[columns].to_numpy()]


def test_corrected_value_lands_as_a_load_of_its_own_and_leaves_the_quarantine(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()
    assert groups(shop) == [("amount_type", 1, 1), ("csv_too_many_values", 1, 1)]
    result = release(shop, "1-0-2", amount="3.60")
    assert [str(row) for row in result.released] == ["1-0-2"]
    assert shop.rows("contact_id, cast(amount as varchar), _load_sequence, _source_file, _source_row") == [
        ("1", "10.00", 1, "contacts.csv", 1),
        ("2", "3.60", 2, "contacts.csv", 2),
    ]
    assert groups(shop) == [("csv_too_many_values", 1, 1)]
    assert counts(shop) == [(1, 1, 1), (2, 1, 0)]
    assert quarantine_reasons(shop.manifests())[["rule", "row_count"]].to_numpy().tolist() == [
        ["csv_too_many_values", 1]
    ]
    made = shop.manifests()[1].release
    assert made is not None
    assert (made.by, made.corrections) == ("anna", {"amount": "3.60"})


def test_a_row_is_released_once(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()
    release(shop, "1-0-2", amount="3.60")
    again = release(shop, "1-0-2", amount="4.00")
    assert again.already is not None
    assert again.already.sequence == 2
    assert len(shop.manifests()) == 2


def test_what_still_fails_stays_with_its_new_reason(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()
    assert release(shop, "1-0-2").manifest is None
    assert len(shop.manifests()) == 1
    result = release(shop, "1-0-2", contact_id=" ", amount="1.00")
    assert [(row.rule, str(row.id)) for row in result.refused] == [("contact_id_required", "1-0-2")]
    assert groups(shop) == [("contact_id_required", 1, 1), ("csv_too_many_values", 1, 1)]
    assert counts(shop) == [(1, 1, 2), (2, 0, 0)]
    assert [str(row) for row in release(shop, "1-0-2", amount="3.60").released] == ["1-0-2"]
    assert groups(shop) == [("csv_too_many_values", 1, 1)]


def test_a_text_mends_a_ragged_row(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()
    release(shop, "1-0-3", text="3,7.50")
    assert shop.rows("contact_id, cast(amount as varchar)") == [("1", "10.00"), ("3", "7.50")]
    with pytest.raises(LandingError, match="a text stands for one row"):
        release(shop, "1", text="3,7.50")


def test_a_file_that_is_read_again_takes_its_released_rows_with_it(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\n1,10.00\n2,3.60 EUR\n")
    shop.land()
    release(shop, "1-0-2", amount="3.60")
    shop.table = {**shop.table, "columns": {"contact_id": "text", "amount": "text"}}
    shop.land()
    assert shop.rows("contact_id, amount") == [("1", "10.00"), ("2", "3.60 EUR")]
    assert groups(shop) == []


def test_present_declaration_judges_a_row_whose_file_is_gone(make_shop: MakeShop) -> None:
    shop = make_shop(columns={"contact_id": "text", "amount": "text", "name": "text"}, required=["contact_id"])
    path = shop.write("contacts.csv", "contact_id,amount,name\n1,5,Ann\n2,5,Жук\n".encode("cp1251"))
    shop.land()
    path.unlink()
    [(number, part)] = refused_parts(shop.manifests(), RowId(1))[1]
    [row] = refused_rows(shop.workspace, shop.manifests(), shop.manifests()[0], number, part)
    assert row.raw_bytes == "2,5,Жук".encode("cp1251")
    shop.table = {**shop.table, "options": {"encoding": "cp1251"}, "is_optional": True}
    release(shop, "1")
    assert shop.rows("contact_id, name") == [("1", "Ann"), ("2", "Жук")]
    assert shop.land().status == "unchanged"


def test_bytes_of_utf_16_are_kept_that_cannot_be_decoded(make_shop: MakeShop) -> None:
    shop = make_shop(options={"encoding": "utf-16"})
    broken = "2,".encode("utf-16-be") + b"\xd8\x00" + "5".encode("utf-16-be")
    text = "contact_id,amount\n1,10\n".encode("utf-16-be") + broken + "\n".encode("utf-16-be")
    shop.write("contacts.csv", b"\xfe\xff" + text)
    shop.land()
    assert shop.quarantined("rule, raw_bytes, encoding") == [("file_encoding", broken, "utf-16-be")]


def test_an_older_version_does_not_come_back_over_a_newer_one(make_shop: MakeShop) -> None:
    shop = make_shop(key=["contact_id"])
    shop.write("contacts.csv", "contact_id,amount\n1,1O\n2,2O\n")
    shop.land()
    shop.write("contacts.csv", "contact_id,amount\n1,11\n")
    shop.land()
    result = release(shop, "1", amount="9")
    assert [str(row) for row in result.superseded] == ["1-0-1"]
    assert [str(row) for row in result.released] == ["1-0-2"]
    assert shop.rows("contact_id, cast(amount as integer)") == [("1", 11), ("2", 9)]


def test_killed_before_its_manifest_a_release_does_not_exist(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()

    def killed(name: str, **_: object) -> None:
        if name == "before_manifest":
            raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.landing.loads.load.boundary", killed)
    with pytest.raises(KeyboardInterrupt):
        release(shop, "1-0-2", amount="3.60")
    monkeypatch.setattr("orchestration.landing.loads.load.boundary", faults.boundary)
    assert groups(shop) == [("amount_type", 1, 1), ("csv_too_many_values", 1, 1)]
    release(shop, "1-0-2", amount="3.60")
    assert len(list((shop.workspace.landing_dir / "crm__contacts").iterdir())) == 2
    assert len(shop.rows()) == 2


def test_released_rows_no_longer_count_against_the_limit(make_shop: MakeShop) -> None:
    shop = make_shop()
    lines = "".join(f"{n},{'x' if n <= 60 else n}\n" for n in range(1, 101))
    shop.write("contacts.csv", "contact_id,amount\n" + lines)
    shop.land()
    share = landing_aggregates(shop.workspace, shop.manifests(), "crm__contacts")["quarantined_share"]
    assert share.tolist() == [0.6]
    release(shop, "1", amount="1")
    share = landing_aggregates(shop.workspace, shop.manifests(), "crm__contacts")["quarantined_share"]
    assert share.tolist() == [0.0]


def test_key_is_found_where_it_could_be_read(make_shop: MakeShop) -> None:
    shop = make_shop(columns={"contact_id": {"type": "text", "source_name": "Contact Nr"}, "amount": "decimal(18,2)"})
    shop.write("contacts.csv", "Contact Nr,amount\n7,x\n8,1,1\n")
    shop.land()
    load, [(number, part)] = refused_parts(shop.manifests(), RowId(1))
    found = [row.keys(shop.item) for row in refused_rows(shop.workspace, shop.manifests(), load, number, part)]
    assert found == [{"contact_id": "7"}, {}]


@pytest.mark.parametrize("id", ["", "x", "1-2", "9", "1-0-1"])
def test_an_id_that_names_no_refused_row_is_told(make_shop: MakeShop, id: str) -> None:
    shop = make_shop()
    shop.write("contacts.csv", CSV)
    shop.land()
    with pytest.raises(LandingError, match=r"no id of refused rows|no load|no refused row"):
        release(shop, id)


def test_json_rows_keep_their_numbers_as_written(make_shop: MakeShop) -> None:
    shop = make_shop(
        path="contacts.jsonl", format="jsonl", columns={"contact_id": "text", "amount": "text", "n": "bigint"}
    )
    shop.write("contacts.jsonl", '{"contact_id": "1", "amount": 0.10, "n": "x"}\n')
    shop.land()
    values: Mapping[str, str] = {"n": "4"}
    release(shop, "1", **values)
    assert shop.rows("contact_id, amount, n") == [("1", "0.10", 4)]
