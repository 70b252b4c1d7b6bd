"""A kind of source and a format that the project does not know land by one class and a declaration each."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from orchestration.connectors import Connector, DayTotal, Pulled, PullRequest
from orchestration.connectors.source import SOURCES
from orchestration.declaration.file_options import FILE_FORMATS, FileFormat
from orchestration.declaration.source_kinds import CAPABILITIES, Capabilities
from orchestration.declaration.tables import LandingTable
from orchestration.landing.extraction import extract_table
from orchestration.landing.formats.columns import match_columns
from orchestration.landing.formats.readers import FORMATS, match_header
from orchestration.landing.formats.reading import Format, RawRows, Reading, UnreadableError
from orchestration.landing.quarantine.refused_file import Quarantine
from tests.orchestration.landing.conftest import NOW, Shop

ROWS = [("c1", "2024-05-01", "12.50"), ("c2", "2024-05-02", "7.25")]
TABLE: dict[str, object] = {
    "description": "Entries.",
    "relation": "entries",
    "key": ["entry_id"],
    "columns": {"entry_id": "text", "entered_date": "date", "amount": "decimal(18,2)"},
    "reconcile": {"day": "entered_date", "amount": "amount"},
}


class DiaryConnector(Connector):
    """A source in memory."""

    def __init__(self, connection: Any, environ: Mapping[str, str] | None = None) -> None:
        self.name = connection.url_env

    def __enter__(self) -> DiaryConnector:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        path = folder / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("entry_id", "entered_date", "amount"), *ROWS])
        return Pulled(path, "csv", len(ROWS))

    def keys(self, table: LandingTable, folder: Path) -> Pulled | None:
        return None

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal] | None:
        return [DayTotal(date.fromisoformat(day), 1, Decimal(amount)) for _, day, amount in ROWS]

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        return self.pull(PullRequest(table), folder)

    def columns(self, table: LandingTable) -> list[str]:
        return ["entry_id", "entered_date", "amount"]


def test_a_made_up_source_lands_by_its_class_and_its_declaration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "diary", f"{__name__}:DiaryConnector")
    monkeypatch.setitem(CAPABILITIES, "diary", Capabilities("relation"))
    shop = Shop(tmp_path, TABLE, connection={"kind": "postgres", "url_env": "CX_TEST_URL"})
    company = shop.company
    declared = company.sources["crm"]
    connection = declared.connection.model_copy(update={"kind": "diary"})
    company.sources["crm"] = declared.model_copy(update={"connection": connection})

    results = [extract_table(company, "crm", "contacts", shop.workspace, now=NOW) for _ in range(2)]

    assert [result.status for result in results] == ["landed", "unchanged"]
    assert shop.rows("entry_id, entered_date, amount") == [
        ("c1", date(2024, 5, 1), Decimal("12.50")),
        ("c2", date(2024, 5, 2), Decimal("7.25")),
    ]


class FixedWidthFormat(Format):
    """Two columns: the first four characters, and the rest of the line."""

    is_read_twice = False

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        return ["contact_id", "amount"]

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [{"_row": n, "c0": line[:4].strip(), "c1": line[4:]} for n, line in enumerate(lines, start=1)]
        engine.register("fixed_width", pa.Table.from_pylist(rows))
        columns = match_columns(item, source_file, ["contact_id", "amount"], [("c0", "VARCHAR"), ("c1", "VARCHAR")])
        return Reading("fixed_width", "_row", columns, lambda: len(rows))

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        raise UnreadableError("there is none")


def test_a_made_up_format_lands_by_its_class_and_its_declaration(
    make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "fixed_width", FixedWidthFormat())
    monkeypatch.setitem(FILE_FORMATS, "fixed_width", FileFormat(frozenset({"delimiter"})))
    shop = make_shop(path="contacts.txt", format="fixed_width")
    path = shop.write("contacts.txt", "c1  12.50\nc2  7.25\n")

    assert shop.land().status == "landed"
    assert shop.land().status == "unchanged"

    assert shop.rows("contact_id, amount") == [("c1", Decimal("12.50")), ("c2", Decimal("7.25"))]
    with duckdb.connect() as engine:
        header = match_header(engine, shop.item, path, path.name) or []
    assert [column.name for column in header] == ["contact_id", "amount"]
