"""A source that changes its columns: company.yml says whether it stops, takes a default or goes to quarantine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchestration.declaration.company import CompanyError
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import MissingColumnError
from orchestration.landing.load_result import LoadResult
from orchestration.landing.refused.rows import refusals
from tests.orchestration.landing.conftest import Shop

MakeShop = Callable[..., Shop]
WITHOUT = "contact_id\n1\n2\n"
INVALID = "contact_id,amount\n1,10.00\n2,3.6O\n3,\n"


def amount(**settings: object) -> dict[str, object]:
    return {"contact_id": "text", "amount": {"type": "decimal(18,2)", **settings}}


def landed(shop: Shop) -> list[tuple[object, ...]]:
    return shop.rows("contact_id, cast(amount as varchar)")


def test_missing_column_stops_and_says_what_to_do(make_shop: MakeShop) -> None:
    shop = make_shop(columns=amount(if_missing="stop"))
    shop.write("contacts.csv", WITHOUT)
    with pytest.raises(MissingColumnError, match=r"crm__contacts: contacts.csv lacks .* amount; .*if_missing: default"):
        shop.land()
    assert shop.manifests() == []


@pytest.mark.parametrize(("default", "expected"), [(None, None), ("7.5", "7.50")])
def test_missing_column_takes_its_default(make_shop: MakeShop, default: str | None, expected: str | None) -> None:
    shop = make_shop(columns=amount(if_missing="default", **({"default": default} if default else {})))
    shop.write("contacts.csv", WITHOUT)
    shop.land()
    assert landed(shop) == [("1", expected), ("2", expected)]


def test_missing_column_sends_all_rows_to_quarantine(make_shop: MakeShop) -> None:
    shop = make_shop(columns=amount(), if_missing="quarantine")
    shop.write("contacts.csv", WITHOUT)
    shop.land()
    assert landed(shop) == []
    assert shop.quarantined("_source_row, rule, reason") == [
        (1, "amount_missing", "The source lacks the declared column amount."),
        (2, "amount_missing", "The source lacks the declared column amount."),
    ]


def test_json_may_leave_keys_out_unless_the_column_must_be_there(make_shop: MakeShop) -> None:
    shop = make_shop(path="contacts.jsonl", format="jsonl", columns=amount())
    shop.write("contacts.jsonl", '{"contact_id": "1"}\n')
    shop.land()
    assert landed(shop) == [("1", None)]
    shop.table = {**shop.table, "columns": amount(if_missing="stop")}
    with pytest.raises(MissingColumnError, match="lacks the declared column"):
        shop.land()


def test_invalid_value_takes_the_default_and_is_counted(make_shop: MakeShop) -> None:
    shop = make_shop(columns=amount(if_invalid="default", default="0"))
    shop.write("contacts.csv", INVALID)
    result = shop.land()
    assert landed(shop) == [("1", "10.00"), ("2", "0.00"), ("3", None)]
    assert "amount: 1 invalid value(s) became its default" in result.message
    assert result.metadata()["drift"] == "amount: 1 invalid value(s) became its default"


def test_invalid_value_stops_where_it_is_said(make_shop: MakeShop) -> None:
    shop = make_shop(columns=amount(if_invalid="stop"))
    shop.write("contacts.csv", INVALID)
    with pytest.raises(LandingError, match=r"1 row\(s\) whose amount is no valid decimal.*nothing was landed"):
        shop.land()
    assert shop.manifests() == []


def test_retyped_column_is_said_once(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\n1,ten\n2,eleven\n3,12.00\n")
    result: LoadResult = shop.land()
    sentence = "amount looks retyped: 2 of 3 values are no valid decimal(18,2); declare its new type, or fix the source"
    assert result.message.endswith(sentence)
    assert sentence in refusals(shop.manifests(), "crm__contacts")


def test_half_of_the_values_is_not_most(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\n1,ten\n2,12.00\n")
    assert "retyped" not in shop.land().message


def test_a_default_that_nothing_takes_is_refused(make_shop: MakeShop) -> None:
    with pytest.raises(CompanyError, match="column amount has a default that nothing takes"):
        _ = make_shop(columns=amount(default="1")).company


def test_an_invalid_default_is_no_way_in(make_shop: MakeShop) -> None:
    shop = make_shop(columns=amount(if_invalid="default", default="free"))
    shop.write("contacts.csv", INVALID)
    shop.land()
    assert shop.quarantined("rule") == [("amount_type",)]
