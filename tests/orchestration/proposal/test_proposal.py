"""A proposal is accepted as it stands, lands every table, and says what the data do not tell."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.declaration.company import Company, load_company
from orchestration.declaration.staging_check import check_staging
from orchestration.ground.workspace import Workspace
from orchestration.landing.extraction import extract_table
from orchestration.proposal.files import find_tables
from orchestration.proposal.observed import ObservedTable
from orchestration.proposal.proposing import ProposalError, Settings, propose_from_files, write
from tests.companies.documented import write_documented_company
from tests.conftest import REAL_DATA, real_data_dir

NOW = datetime.fromisoformat("2026-06-01T06:00:00+00:00")


def _one_table(tmp_path: Path, text: str | bytes, name: str = "seen.csv") -> ObservedTable:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    [table] = find_tables(tmp_path)[0]
    return table


def _types(table: ObservedTable) -> dict[str, str]:
    return {name: column.type for name, column in table.columns.items()}


def _landed(tmp_path: Path, source_dir: Path, name: str = "shopper", **settings: str) -> tuple[Company, dict[str, int]]:
    """The proposal's company and the rows that landed by table; what is wrong with it is raised."""
    proposal = propose_from_files(source_dir, Settings(name, "shop", **settings))
    write(proposal, tmp_path / name)
    workspace = Workspace(name, tmp_path / name, source_dir, tmp_path / "state" / name, NOW)
    company = load_company(workspace)
    check_staging(company)
    return company, {
        item.table_name: extract_table(company, "shop", item.table_name, workspace, now=NOW).landed_count
        for item in company.tables()
    }


def test_the_documented_bakery_is_proposed_lands_and_fills_its_contracts(tmp_path: Path) -> None:
    _, source_dir = write_documented_company(tmp_path)
    company, rows = _landed(tmp_path / "new", source_dir, time_zone="Europe/Berlin")
    assert rows == {"members": 3, "till": 6}
    till = company.table("shop", "till").table
    assert (till.options.delimiter, till.options.decimal_separator) == (";", ",")
    assert till.options.timestamp_format == "%d.%m.%Y %H:%M"
    assert {name: column.type for name, column in till.columns.items()} == {
        "receipt": "text",
        "line": "bigint",
        "card": "text",
        "sold_at": "timestamp",
        "product": "text",
        "category": "text",
        "pieces": "bigint",
        "amount": "decimal(18,2)",
        "stars": "bigint",
    }
    assert (till.key, till.event_time) == (("receipt", "line"), "sold_at")
    assert till.required == ("receipt", "line", "sold_at")
    assert {entity for entity, models in company.staging_models().items() if models} == {
        "customer_record",
        "product",
        "sales_order",
        "survey_response",
        "transaction_line",
    }


@pytest.mark.parametrize(
    ("values", "kind", "option"),
    [
        (["13.02.2026", "01.03.2026"], "date", "%d.%m.%Y"),
        (["01/02/2026", "02/13/2026"], "date", "%m/%d/%Y"),
        (["01/02/2026", "13/02/2026"], "date", "%d/%m/%Y"),
        (["13.02.26", "01.03.26"], "date", "%d.%m.%y"),
        (["1/2/2011 8:26", "1/13/2011 17:00"], "timestamp", "%m/%d/%Y %H:%M"),
        (["13-Feb-2026", "01-Mar-2026"], "date", "%d-%b-%Y"),
        (["20260213", "20260301"], "date", "%Y%m%d"),
        (["2026-02-13", "2026-03-01"], "date", None),
        (["2026-02-13 08:00:00", "2026-03-01 09:30:00"], "timestamp", None),
    ],
)
def test_date_formats_are_told_apart_by_a_day_above_12(
    tmp_path: Path, values: list[str], kind: str, option: str | None
) -> None:
    table = _one_table(tmp_path, "happened,x\n" + "".join(f"{value},a\n" for value in values))
    column = table.columns["happened"]
    assert column.type == kind
    assert table.options.get("date_format" if kind == "date" else "timestamp_format") == option
    assert not any("DECIDE" in note for note in column.notes)


def test_a_day_and_a_month_that_nothing_tells_apart_are_left_to_a_person(tmp_path: Path) -> None:
    column = _one_table(tmp_path, "happened,x\n01/02/2026,a\n03/04/2026,b\n").columns["happened"]
    assert column.notes == ["DECIDE: no day above 12 tells %d/%m/%Y from %m/%d/%Y"]


def test_a_column_that_leaves_no_doubt_decides_for_one_that_does(tmp_path: Path) -> None:
    table = _one_table(tmp_path, "sold,sent\n01/02/2026,02/13/2026\n03/04/2026,02/14/2026\n")
    assert table.options == {"date_format": "%m/%d/%Y"}
    assert table.columns["sold"].notes == []


def test_numbers_are_what_their_values_and_names_say(tmp_path: Path) -> None:
    text = (
        "customer_no;plz;menge;betrag;gesamt;faktor;newsletter;note\n"
        "0815;01067;2;4,20;1.039,00;0,125;yes;1\n"
        "816;80331;-1;-3,60;12,50;1,5;no;1a\n"
    )
    table = _one_table(tmp_path, text)
    assert table.options == {"delimiter": ";", "decimal_separator": ","}
    assert _types(table) == {
        "customer_no": "text",
        "plz": "text",
        "menge": "bigint",
        "betrag": "decimal(18,2)",
        "gesamt": "text",
        "faktor": "double",
        "newsletter": "boolean",
        "note": "text",
    }
    assert table.columns["gesamt"].thousands == "."


def test_marks_for_null_are_declared_where_they_make_a_column_one_of_numbers(tmp_path: Path) -> None:
    table = _one_table(tmp_path, "x,pieces\n" + "a,3\n" * 9 + "b,n/a\n")
    assert (table.columns["pieces"].type, table.columns["pieces"].nulls) == ("bigint", ["n/a"])
    table = _one_table(tmp_path, "x,size\n" + "a,3\n" * 9 + "b,XL\n")
    assert _types(table)["size"] == "text"  # whole numbers are codes until all of them are numbers
    table = _one_table(tmp_path, "x,weight\n" + "a,3.5\n" * 9 + "b,n/a\n")
    assert (table.columns["weight"].type, table.columns["weight"].nulls) == ("decimal(18,2)", ["n/a"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = 'name,ort\n"Müller, Anna",Köln\nWeiß,Fürth\n'.replace(",", delimiter)
    table = _one_table(tmp_path, text.encode(encoding))
    assert list(table.columns) == ["name", "ort"]
    assert table.options.get("delimiter", ",") == delimiter
    assert table.options.get("encoding", "utf-8") == encoding.replace("-sig", "")


def test_words_that_yaml_reads_as_something_else_stay_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sales.csv").write_text("sale_id,yes,on\nS1,a,b\nS2,c,d\n")
    text = propose_from_files(tmp_path / "in", Settings("no", "off", country_code="NO")).files["company.yml"]
    document = yaml.safe_load(text)
    assert (document["name"], document["country_code"]) == ("no", "NO")
    assert document["sources"]["off"]["tables"]["sales"]["columns"] == {"sale_id": "text", "yes": "text", "on": "text"}
    assert "country_code: 'NO'  # DECIDE: the country of telephone numbers without a prefix" in text.splitlines()


def test_files_of_one_pattern_and_header_are_one_table_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "sales_2026-01.csv").write_text("order_no,amount\n1,2.50\n", encoding="utf-8")
    (tmp_path / "sales_2026-02.csv").write_text("order_no,amount\n2,3.50\n", encoding="utf-8")
    (tmp_path / "wave_2025.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "wave_2026.csv").write_text("a,c\n1,2\n", encoding="utf-8")
    tables, _ = find_tables(tmp_path)
    assert {table.name: (table.place["path"], table.rows) for table in tables} == {
        "sales": ("sales_*-*.csv", 2),
        "wave_2025": ("wave_2025.csv", 1),
        "wave_2026": ("wave_2026.csv", 1),
    }


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "own.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "folder").symlink_to(outside)
    os.mkfifo(folder / "pipe.csv")
    tables, left_out = find_tables(folder)
    assert [table.name for table in tables] == ["own"]
    assert left_out == [f"{name}.csv: a link or no file, which is not read" for name in ("link", "pipe")]


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    _, source_dir = write_documented_company(tmp_path)
    proposal = propose_from_files(source_dir, Settings("bakery", "shop"))
    target = tmp_path / "target"
    target.mkdir()
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ProposalError, match="not empty: nothing was written"):
        write(proposal, target)
    assert [path.name for path in target.iterdir()] == ["notes.txt"]


def test_the_command_writes_once(tmp_path: Path) -> None:
    _, source_dir = write_documented_company(tmp_path)
    arguments = ["init", "mine", "--source-dir", str(source_dir), "--into", str(tmp_path / "mine")]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0
    assert "shop.till: 9 columns; product, sales_order, survey_response, transaction_line" in first.output
    assert CliRunner().invoke(app, arguments).exit_code == 2


GERMAN = {
    "kunden.csv": "Kundennr;Vorname;Nachname;E-Mail;Geburtsdatum;Land;Newsletter\n"
    "0001;Anna;Weber;anna@post.lindner;13.02.45;Deutschland;ja\n"
    "0002;Bernd;Kaya;bernd@post.lindner;01.03.99;AT;nein\n"
    "0003;Cem;Roth;;24.12.03;Atlantis;ja\n",
    "verkauf.csv": "Beleg;Artikelnr;Menge;Betrag;Datum;Kundennr\n"
    "B1;7;2;1.039,00;13.02.2026;0001\n"
    "B1;8;1;3,60;13.02.2026;0001\n"
    "B2;7;-1;-519,50;14.02.2026;0002\n",
}


def test_recipes_for_lines_without_numbers_credit_notes_countries_thousands_and_short_years(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in GERMAN.items():
        (folder / name).write_text(text, encoding="cp1252")
    proposal = propose_from_files(folder, Settings("laden", "shop"))
    customers = proposal.files["staging/stg_shop__customer_record.sql"]
    lines = proposal.files["staging/stg_shop__transaction_line.sql"]
    assert "when 'deutschland' then 'DE'" in customers
    assert "no word of the contract for Atlantis" in customers
    assert "{{ dbt.dateadd('year', -100, 'geburtsdatum') }}" in customers
    assert "when lower(trim(newsletter)) in ('ja') then true" in customers
    assert "row_number() over (" in lines
    assert "case when menge < 0" in lines
    assert "replace(replace(betrag, '.', ''), ',', '.') as net_amount" in lines
    _landed(tmp_path / "new", folder)


def _by_hand(tmp_path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("written", "expected"), [("1.039,00", "1039.00"), ("-519,50", "-519.50"), ("1.234.567,8", "1234567.80")]
)
def test_amounts_with_marks_between_thousands(tmp_path: Path, written: str, expected: str) -> None:
    from orchestration.proposal.observed import ObservedColumn
    from orchestration.proposal.recipes import amount

    sql = amount(f"'{written}'", ObservedColumn("x", "x", thousands="."))
    assert _by_hand(tmp_path, f"select cast({sql} as decimal(18,2))") == [(Decimal(expected),)]


def test_a_birth_date_of_two_digits_is_never_after_the_data(tmp_path: Path) -> None:
    from orchestration.proposal.observed import ObservedColumn
    from orchestration.proposal.recipes import birth_date

    sql = birth_date("born", ObservedColumn("born", "born", years=2), 2026).replace(
        "{{ dbt.dateadd('year', -100, 'born') }}", "cast(born - interval 100 year as date)"
    )
    query = f"select {sql} from (values (date '2045-02-13'), (date '2003-12-24'), (date '1999-03-01')) as t(born)"
    assert _by_hand(tmp_path, query) == [(date(1945, 2, 13),), (date(2003, 12, 24),), (date(1999, 3, 1),)]


REAL_ENTITIES = {
    "olist": {"customer_record", "lead", "payment", "product", "sales_order", "survey_response", "transaction_line"},
    "complete_journey": {"customer_record", "product", "sales_order", "transaction_line"},
    "sfo_airport": set(),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[getattr(pytest.mark, f"needs_{name}"), pytest.mark.slow]) for name in REAL_DATA]
)
def test_real_data_are_proposed_and_every_table_lands(tmp_path: Path, name: str) -> None:
    source_dir = real_data_dir(name)
    company, rows = _landed(tmp_path, source_dir, name)
    assert sum(rows.values()) > 20_000
    assert all(rows.values())
    assert {entity for entity, models in company.staging_models().items() if models} == REAL_ENTITIES[name]
