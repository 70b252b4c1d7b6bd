"""What a source says of its own rows, by day: files by a second reader, databases by themselves."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.extraction import extract_table
from tests.orchestration.landing.conftest import NOW, Shop
from tests.orchestration.landing.test_pull import shop
from tests.orchestration.landing.test_pull_http import record
from tests.orchestration.landing.test_pull_http import shop as http_shop
from tests.servers.survey_tool import TOKEN, SurveyTool, serving

pytestmark = pytest.mark.usefixtures("alone_on_the_server")
FILES = {
    "key": ["contact_id"],
    "time_zone": "Europe/Berlin",
    "required": ["contact_id", "amount"],
    "columns": {"contact_id": "text", "amount": "decimal(18,2)", "sold": "timestamp"},
    "reconcile": {"day": "sold", "amount": "amount"},
}


def said(company: Shop) -> Counter[tuple[object, ...]]:
    """Kind, day, rows, amount and key of every row of the control totals."""
    frame = statement_rows(company.workspace.state_dir, company.manifests(), [company.item])
    columns = ["kind", "day", "row_count", "amount", "row_key"]
    return Counter(tuple(row) for row in frame[columns].astype(object).where(frame[columns].notna(), None).to_numpy())


def test_manifests_keep_the_key_under_which_they_always_named_control_totals(make_shop):
    company = make_shop(**FILES)
    company.write("contacts1.csv", "contact_id,amount,sold\na,1.5,2024-05-01 12:00\n")
    company.land()
    [path] = company.workspace.manifests_dir.glob("*.json")
    [part] = json.loads(path.read_text())["parts"]
    assert "control_totals" not in part
    [read] = company.manifests()[0].parts
    assert read.control_totals is not None
    assert part["statement"]["path"] == read.control_totals.path
    assert part["statement"]["rows"] == 1


def test_a_csv_file_is_counted_by_day_with_its_refused_rows(make_shop):
    company = make_shop(**FILES)
    # 23:30 and 00:10 in Berlin are two days there, and one in UTC.
    # c has no readable amount, d no day, e a field too many.
    company.write(
        "contacts1.csv",
        "contact_id,amount,sold\na,1.5,2024-05-01 23:30\nb,2,2024-05-02 00:10\nc,x,2024-05-02 10:00\nd\n"
        'e,1,2024-05-02 01:00,7\n"f\n1",2,2024-05-03\n',
    )
    company.land()
    assert said(company) == Counter(
        {
            ("total", "2024-05-01", "1", "1.500000", None),
            ("total", "2024-05-02", "3", "3.000000", None),
            ("total", "2024-05-03", "1", "2.000000", None),
            ("total", None, "1", None, None),
            ("refused", "2024-05-02", "1", None, "c"),
            ("refused", None, "1", None, "d"),
            ("refused", "2024-05-02", "1", "1.000000", "e"),
        }
    )


GERMAN = "contact_id;amount;sold\na;1.039;2024-05-01\nb;12,50;2024-05-01\nc;2.500,00;2024-05-01\nd;7;2024-05-01\n"


def test_amounts_are_read_as_the_file_writes_them_whatever_is_declared(make_shop):
    # Declared with a point, the landing takes 1.039 for 1.04 or nothing; the file means 1039 + 12.50 + 2500 + 7.
    company = make_shop(**FILES, options={"delimiter": ";"})
    company.write("contacts1.csv", GERMAN)
    company.land()
    assert [row for row in said(company) if row[0] == "total"] == [("total", "2024-05-01", "4", "3558.500000", None)]
    assert company.rows("contact_id, amount") == [("d", Decimal(7))]


@pytest.mark.parametrize(
    ("amounts", "declared", "total"),
    [
        (["1,039", "2"], ".", "1041.000000"),  # a comma alone before three digits leaves it open: as declared
        (["1.039", "2,5"], ",", "1041.500000"),
        (["1,039.5", "2"], ",", "1041.500000"),
        (["1.5", "2"], ",", "3.500000"),
        (["1.039.000", "2"], ".", "1039002.000000"),
        (["1 039,5", "2"], ".", "1041.500000"),
        (["-3.25", "x"], ".", "-3.250000"),
    ],
)
def test_separators_are_told_from_the_values(make_shop, amounts, declared, total):
    company = make_shop(**FILES, options={"delimiter": ";", "decimal_separator": declared})
    rows = "".join(f"{n};{amount};2024-05-01\n" for n, amount in enumerate(amounts))
    company.write("contacts1.csv", f"contact_id;amount;sold\n{rows}")
    company.land()
    assert [row[3] for row in said(company) if row[0] == "total"] == [total]


def test_days_are_read_as_the_file_writes_them_whatever_is_declared(make_shop):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "sold": "date"}
    company = make_shop(**FILES | {"columns": columns}, options={"date_format": "%m/%d/%Y"})
    # 31/03 can only be a day and a month; so 03/04 is the third of April, which landed as the fourth of March.
    company.write("contacts1.csv", "contact_id,amount,sold\na,1,03/04/2024\nb,2,31/03/2024\n")
    company.land()
    assert sorted(row[1] for row in said(company) if row[0] == "total") == ["2024-03-31", "2024-04-03"]
    assert company.rows("contact_id, sold") == [("a", date(2024, 3, 4))]


def test_a_default_in_place_of_an_invalid_amount_is_no_difference(make_shop):
    columns = {"contact_id": "text", "sold": "timestamp"}
    columns["amount"] = {"type": "decimal(18,2)", "if_invalid": "default", "default": "0"}
    company = make_shop(**FILES | {"columns": columns, "required": ["contact_id"]}, options={"delimiter": ";"})
    company.write("contacts1.csv", "contact_id;amount;sold\na;1.028,00;2024-05-01\nb;2,50;2024-05-01\nc;3;2024-05-01\n")
    company.land()
    landed = sum(row[0] for row in company.rows("amount"))
    [total] = [row[3] for row in said(company) if row[0] == "total"]
    assert (landed, Decimal(total)) == (Decimal(3), Decimal(3))


def test_json_lines_are_counted_by_day(make_shop):
    company = make_shop(**{**FILES, "path": "c*.jsonl", "format": "jsonl"})
    company.write("c1.jsonl", '{"contact_id":"a","amount":1.5,"sold":"2024-05-01"}\n\nbroken\n')
    company.land()
    assert said(company) == Counter(
        {
            ("total", "2024-05-01", "1", "1.500000", None),
            ("total", None, "1", None, None),
            ("refused", None, "1", None, ""),
        }
    )


def test_a_quote_that_is_never_closed_makes_the_source_unknown(make_shop):
    company = make_shop(**FILES)
    company.write("contacts1.csv", 'contact_id,amount,sold\n"a,1.5,2024-05-01\nb,2,2024-05-01\n')
    company.land()
    assert said(company) == Counter({("unknown", None, None, None, None)})


def test_a_database_names_rows_that_came_late_and_rows_that_are_gone(server, tmp_path):
    company = shop(
        server,
        tmp_path,
        time_zone="Europe/Berlin",
        required=["contact_id", "note"],
        reconcile={"day": "changed_at", "amount": "amount"},
    )
    server.insert(
        ("a", Decimal("1.50"), "x", "2024-05-01 23:30:00"),
        ("b", 2, "x", "2024-05-20 10:00:00"),
        ("c", 2, None, "2024-05-20 10:00:00"),
    )
    company.land()
    first = {
        ("total", "2024-05-01", "1", "1.500000", None),
        ("total", "2024-05-20", "2", "4.000000", None),
        ("refused", "2024-05-20", "1", "2.000000", "c"),
    }
    assert said(company) == Counter(first)
    # The cursor stands at 20 May and the window reaches back two days: 10 May is never pulled again.
    server.insert(("late", 7, "x", "2024-05-10 10:00:00"))
    server.run("delete from contacts where contact_id = 'a'")
    result = company.land(now=NOW + timedelta(days=1))
    assert (result.status, result.landed_count) == ("landed", 0)
    assert said(company) == Counter(
        {
            ("total", "2024-05-10", "1", "7.000000", None),
            ("total", "2024-05-20", "2", "4.000000", None),
            ("refused", "2024-05-20", "1", "2.000000", "c"),
            ("late", "2024-05-10", "1", "7.000000", "late"),
            ("gone", "2024-05-01", "1", "1.500000", "a"),
        }
    )
    assert company.land(now=NOW + timedelta(days=2)).status == "unchanged"


def test_a_database_that_shows_a_key_twice_has_two_rows_of_it(server, tmp_path):
    company = shop(server, tmp_path, reconcile={"day": "changed_at", "amount": "amount"})
    server.insert(("a", 2, "x", "2024-05-20 10:00:00"), ("a", 2, "x", "2024-05-20 10:00:00"))
    company.land()
    assert said(company) == Counter({("total", "2024-05-20", "2", "4.000000", None)})
    # What the last load brought of a key stands for it: its other row is a copy that the source shows beside it.
    server.insert(("a", 5, "y", "2024-05-21 10:00:00"))
    assert company.land(now=NOW + timedelta(days=1)).landed_count == 1
    assert said(company) == Counter(
        [
            ("total", "2024-05-20", "2", "4.000000", None),
            ("total", "2024-05-21", "1", "5.000000", None),
            ("copy", "2024-05-20", "1", "2.000000", "a"),
            ("copy", "2024-05-20", "1", "2.000000", "a"),
        ]
    )


REPORTED = {
    "day": "updated_at",
    "amount": "score",
    "totals": {"endpoint": "/reports/responses", "records": "report.days", "amount": "sum"},
}


OF_THE_REPORT = [("total", "2024-05-01", "1", "21.000000", None), ("total", "2024-05-02", "2", "45.000000", None)]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> SurveyTool:
    """Three answers on two days in Berlin: 1 May 21:00, 1 May 22:00 and 1 May 23:00 in UTC, two hours less."""
    monkeypatch.setenv("CX_TEST_TOKEN", TOKEN)
    return SurveyTool({"responses": [record(n, score=n, hour=n) for n in (21, 22, 23)]}, zone="Europe/Berlin")


def test_an_api_reports_its_totals(tool, tmp_path):
    with serving(tool) as url:
        company = http_shop(url, tmp_path, reconcile=REPORTED)
        company.land()
    assert said(company) == Counter(OF_THE_REPORT)


def test_a_row_that_the_export_lost_shows_in_the_report(tool, tmp_path):
    tool.has_total, tool.hides_rows = False, 1
    with serving(tool) as url:
        company = http_shop(url, tmp_path, reconcile=REPORTED)
        assert company.land().landed_count == 2
        # The report has three rows, and nothing says why two have landed: dbt tells it as unexplained.
        assert said(company) == Counter(OF_THE_REPORT)


@pytest.mark.parametrize(
    ("endpoint", "records", "reason"),
    [
        ("/reports/nothing", "report.days", "404"),
        ("/responses", "data.items", "tells no totals by day"),
        ("/reports/responses", "report", "tells no totals by day"),
        ("/reports/responses", "elsewhere", "tells no totals by day"),
    ],
)
def test_a_report_of_another_form_makes_the_source_unknown(tool, tmp_path, endpoint, records, reason):
    totals = {"endpoint": endpoint, "records": records}
    with serving(tool) as url:
        company = http_shop(url, tmp_path, reconcile={"day": "updated_at", "totals": totals})
        assert company.land().landed_count == 3
    frame = statement_rows(company.workspace.state_dir, company.manifests(), [company.item])
    assert list(frame["kind"]) == ["unknown"]
    assert reason in frame["reason"][0]


def test_totals_that_the_company_keeps_itself_count_before_the_second_reader(tmp_path):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "sold": "timestamp"}
    totals = {"table": "contact_totals", "day": "on_day", "count": "row_count", "amount": "total"}
    orders = {
        "description": "Orders.",
        "path": "orders.csv",
        "format": "csv",
        # Wrongly: the till writes the time of Berlin, where 23:30 is a day earlier than in UTC plus two hours.
        "time_zone": "UTC",
        "key": ["contact_id"],
        "columns": columns,
        "reconcile": {"day": "sold", "amount": "amount", "totals": totals},
    }
    kept = {
        "description": "Totals that the till prints at night.",
        "path": "totals.csv",
        "format": "csv",
        "columns": {"on_day": "date", "row_count": "bigint", "total": "decimal(18,2)"},
    }
    settings = {"sources": {"crm": {"description": "T.", "tables": {"contacts": orders, "contact_totals": kept}}}}
    company = Shop(tmp_path, orders, settings)
    company.write("orders.csv", "contact_id,amount,sold\na,1.5,2024-05-01 23:30\nb,2,2024-05-03 10:00\n")
    company.write("totals.csv", "on_day,row_count,total\n2024-05-01,2,9\n")
    company.land()
    extract_table(company.company, "crm", "contact_totals", company.workspace, now=NOW)
    # Corrected: the newest word on a day counts.
    company.write("totals.csv", "on_day,row_count,total\n2024-05-01,1,1.50\n")
    extract_table(company.company, "crm", "contact_totals", company.workspace, now=NOW + timedelta(days=1))
    assert said(company) == Counter(
        {
            # The day of the landing, 2 May, has no row of the company's: the zone shows.
            ("total", "2024-05-01", "1", "1.500000", None): 1,
            ("total", "2024-05-02", "1", "1.500000", None): 1,
            ("total", "2024-05-03", "1", "2.000000", None): 1,
        }
    )


@pytest.mark.parametrize(
    ("totals", "message"),
    [
        ({"table": "nowhere"}, "no table of this source"),
        ({"table": "contacts", "day": "sold"}, "has no column count of type bigint"),
        ({"endpoint": "/totals"}, "is for APIs"),
    ],
)
def test_totals_that_cannot_be_are_refused(make_shop, totals, message):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "sold": "date"}
    reconcile = {"day": "sold", "amount": "amount", "totals": totals}
    with pytest.raises(Exception, match=message):
        _ = make_shop(**FILES | {"columns": columns, "reconcile": reconcile}).company
