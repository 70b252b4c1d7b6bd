"""Headers of several rows, blank and repeated names: columns are found by what is declared of them, or refused."""

from __future__ import annotations

import openpyxl
import pytest

from orchestration.declaration.company import CompanyError
from orchestration.declaration.file_options import FileOptions
from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import MissingColumnError
from orchestration.landing.formats.headers import combined
from orchestration.landing.refused.release import ReleaseRequest, release_rows
from orchestration.landing.refused.rows import RowId
from tests.orchestration.landing.conftest import NOW

QUESTION = "What did you buy? Choose all."
MONKEY = (
    f"Respondent ID,IP,{QUESTION},,,How likely?\n,,Bread,Cake,Other (please specify),\n1,10.0.0.1,Bread,,tea,9\n",
    f"Respondent ID,IP,Custom,{QUESTION},,,How likely?\n,,,Bread,Cake,Other (please specify),\n"
    "2,10.0.0.2,vip,,Cake,,7\n",
)


@pytest.mark.parametrize(
    ("rows", "names_from", "expected"),
    [
        ([["a", "b "]], None, ["a", "b"]),
        ([["Q", "", "", "L"], ["x", "y", "z", ""]], None, ["Q - x", "Q - y", "Q - z", "L"]),
        ([["Q", "", "L"], ["x", "", "y"]], None, ["Q - x", "", "L - y"]),
        ([["", "Q"], ["x", "y"]], None, ["x", "Q - y"]),
        ([["Q", ""], ["P", ""], ["x", "y"]], None, ["Q - P - x", "Q - P - y"]),
        ([["a", "b"], ["a", "c"]], None, ["a", "b - c"]),
        ([["a"], ["x", "y"]], None, ["a - x", "a - y"]),
        ([["Q1", "Q2"], ["How?", "Why?"], ["{i}", "{j}"]], (1,), ["Q1", "Q2"]),
        ([["Q1", "Q2"], ["How?", "Why?"], ["{i}", "{j}"]], (1, 2), ["Q1 - How?", "Q2 - Why?"]),
    ],
)
def test_rows_of_a_header_make_up_names(rows, names_from, expected):
    options = FileOptions(header_rows=len(rows), names_from=names_from)
    assert combined(rows, options) == expected


def test_survey_choices_land_by_question_and_choice_wherever_they_stand(make_shop):
    columns = {
        "respondent": {"type": "text", "source_name": "Respondent ID"},
        "cake": {"type": "text", "source_name": f"{QUESTION} - Cake"},
        "likely": {"type": "bigint", "source_name": "How likely?"},
    }
    shop = make_shop(options={"header_rows": 2}, required=["respondent"], columns=columns)
    for number, text in enumerate(MONKEY, start=1):
        shop.write(f"contacts{number}.csv", text)
    assert shop.land().quarantined_count == 0
    names = (
        "respondent, cake, likely, what_did_you_buy_choose_all_bread, what_did_you_buy_choose_all_other_please_specify"
    )
    assert shop.rows(f"{names}, custom, _source_row") == [
        ("1", None, 9, "Bread", "tea", None, 1),
        ("2", "Cake", 7, None, None, "vip", 1),
    ]


def test_choices_under_blank_names_do_not_move_into_each_other_without_a_declaration(make_shop):
    shop = make_shop(required=[], columns={"respondent": {"type": "text", "source_name": "Respondent ID"}})
    for number, text in enumerate(MONKEY, start=1):
        shop.write(f"contacts{number}.csv", text)
    shop.land()
    anchor = "what_did_you_buy_choose_all"
    assert shop.rows(f"{anchor}_2, {anchor}_3")[1::2] == [(None, "tea"), ("Cake", None)]


def test_three_rows_of_which_the_first_names(make_shop):
    shop = make_shop(options={"header_rows": 3, "names_from": [1]})
    header = '"contact_id","amount"\n"The\nID","How, ""much""?"\n"{""ImportId"":""a""}","{""ImportId"":""b""}"\n'
    shop.write("contacts.csv", header + "c1,1\n,2\n")
    shop.land()
    assert shop.rows("contact_id, _source_row") == [("c1", 1)]
    assert shop.quarantined("_source_row, _source_line, rule") == [(2, 6, "contact_id_required")]


@pytest.mark.parametrize("above", ['Report "of May\n', "a,b,c\n\n\n", "x" * 100 + "\n"])
def test_lines_above_the_header_are_no_data(make_shop, above):
    shop = make_shop(options={"header_row": above.count("\n") + 1})
    shop.write("contacts.csv", above + "contact_id,amount\nc1,1\n")
    shop.land()
    assert shop.rows("contact_id, _source_row") == [("c1", 1)]
    assert shop.quarantined() == []


def test_a_file_that_ends_within_its_header_is_refused(make_shop):
    shop = make_shop(options={"header_rows": 3})
    shop.write("contacts.csv", "contact_id,amount\n,x\n")
    with pytest.raises(LandingError, match="it ends after 2 of its 3 header rows"):
        shop.land()


def test_a_sheet_has_header_rows_like_a_text_file(make_shop):
    columns = {"contact_id": "text", "cake": {"type": "text", "source_name": "Bought - Cake"}}
    shop = make_shop(path="*.xlsx", format="excel", options={"header_row": 2, "header_rows": 2}, columns=columns)
    book = openpyxl.Workbook()
    header = [["Survey"], ["contact_id", "Bought", None], [None, "Bread", "Cake"]]
    for row in (*header, ["c1", "x", None], ["c2", None, "y"]):
        book.active.append(row)
    shop.source.mkdir(parents=True)
    book.save(shop.source / "a.xlsx")
    shop.land()
    assert shop.rows("contact_id, bought_bread, cake, _source_row") == [("c1", "x", None, 1), ("c2", None, "y", 2)]


PAIR = {
    "contact_id": "text",
    "billing": {"type": "text", "source_name": "name", "after": "contact_id"},
    "shipping": {"type": "text", "source_name": "name", "after": "amount"},
}
RUN = {
    "contact_id": "text",
    "first": {"type": "text", "source_name": "name", "after": "contact_id", "place": "1 of 2"},
    "last": {"type": "text", "source_name": "name", "after": "contact_id", "place": "2 of 2"},
}
BLANK = {
    "contact_id": "text",
    "first": {"type": "text", "source_name": "", "after": "Q", "place": "1 of 2"},
    "last": {"type": "text", "source_name": "", "after": "Q", "place": "2 of 2"},
}
ALIKE = {
    "contact_id": "text",
    "first": {"type": "text", "source_name": "currency", "place": "1 of 2"},
    "last": {"type": "text", "source_name": "currency", "place": "2 of 2"},
}
BEGIN = {
    "contact_id": "text",
    "first": {"type": "text", "source_name": "", "after": ""},
    "last": {"type": "text", "source_name": "", "after": "contact_id"},
}


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (PAIR, "contact_id,name=1,amount,name=2"),
        (PAIR, "new,amount,name=2,other,contact_id,name=1"),
        (RUN, "contact_id,name=1,name=2"),
        (RUN, "new,contact_id,name=1,name=2,more"),
        (BLANK, "contact_id,Q,=1,=2,L"),
        (BLANK, "L,new,Q,=1,=2,contact_id"),
        (ALIKE, "contact_id,amount,currency=1,amount,currency=2"),
        (ALIKE, "amount,currency=1,new,amount,currency=2,contact_id"),
        (BEGIN, "=1,contact_id,=2"),
    ],
)
def test_columns_of_equal_or_no_names_are_found_where_they_stand(make_shop, columns, header):
    shop = make_shop(columns=columns)
    cells = [name.partition("=") for name in header.split(",")]
    values = [value or ("c1" if name == "contact_id" else "x") for name, _, value in cells]
    shop.write("contacts.csv", f"{','.join(name for name, *_ in cells)}\n{','.join(values)}\n")
    shop.land()
    names = list(columns)
    assert shop.rows(", ".join(names)) == [("c1", "1", "2")]


@pytest.mark.parametrize(
    ("columns", "header", "told"),
    [
        (PAIR, "contact_id,new,name,amount,name", "lacks the declared column(s) billing"),
        (RUN, "contact_id,name,name,name", "has 3 columns that could be 'first', and company.yml knows 2"),
        (RUN, "contact_id,name,new,name", "has 1 columns that could be 'first', and company.yml knows 2"),
        (BLANK, "contact_id,Q,,,,L", "has 3 columns that could be 'first', and company.yml knows 2"),
        (BLANK, "contact_id,Q,,L", "has 1 columns that could be 'first', and company.yml knows 2"),
        (BLANK, "contact_id,P,,,L", "lacks the declared column(s) first, last"),
        (ALIKE, "contact_id,currency,amount,currency", "say by after which header stands on its left"),
        ({"contact_id": "text", "name": "text"}, "contact_id,name,name", "by after (the header on its left) and place"),
    ],
)
def test_columns_that_moved_are_refused_and_never_mixed(make_shop, columns, header, told):
    shop = make_shop(columns=columns)
    shop.write("contacts.csv", f"{header}\n{','.join('x' * len(header.split(',')))}\n")
    with pytest.raises(MissingColumnError) as caught:
        shop.land()
    assert told in str(caught.value)


def test_a_refused_row_of_equal_names_is_released_with_its_values_in_their_columns(make_shop):
    columns = {**RUN, "last": {**RUN["last"], "type": "bigint"}}
    shop = make_shop(columns=columns)
    shop.write("contacts.csv", "contact_id,name,name,,x,x\nc1,a,5O,b,c,d\n")
    shop.land()
    assert shop.quarantined("rule") == [("last_type",)]
    request = ReleaseRequest(RowId.parse("1-0-1"), "anna", None, {"last": "50"}, None)
    release_rows(shop.company, shop.workspace, request, now=NOW)
    undeclared = "name_after_name_2, x_after_name_after_name_2, x_after_x"
    assert shop.rows(f"contact_id, first, last, {undeclared}") == [("c1", "a", 50, "b", "c", "d")]


def test_the_second_reader_begins_below_the_header(make_shop):
    shop = make_shop(
        options={"header_row": 2, "header_rows": 2},
        key=["contact_id"],
        columns={"contact_id": "text", "day": "date", "amount": "decimal(18,2)"},
        reconcile={"day": "day", "amount": "amount"},
    )
    shop.write("contacts.csv", 'a "title\ncontact_id,day,amount\n,,\nc1,2024-05-01,1.5\n"c\n2",2024-05-01,2\n')
    shop.land()
    said = statement_rows(shop.workspace.state_dir, shop.manifests(), [shop.item])
    assert said[["kind", "day", "row_count", "amount"]].to_numpy().tolist() == [
        ["total", "2024-05-01", "2", "3.500000"]
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"columns": {"contact_id": "text", "a": {"type": "text", "source_name": ""}}}, "needs after or place"),
        ({"columns": {"contact_id": "text", "a": {"type": "text", "place": "3 of 2"}}}, "there is no place 3 of 2"),
        ({"options": {"header_rows": 2, "names_from": [3]}}, "names_from counts the header_rows"),
        ({"format": "jsonl", "options": {"header_rows": 2}}, "mean nothing for jsonl"),
        ({"format": "jsonl", "columns": {"contact_id": {"type": "text", "after": "x"}}}, "mean nothing for jsonl"),
    ],
)
def test_declarations_that_mean_nothing_are_refused(make_shop, table, told):
    with pytest.raises(CompanyError, match=told):
        _ = make_shop(**table).company
