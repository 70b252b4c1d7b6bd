"""The systems that the benchmark of sources compares, each run as a process of its own: `this` and its rivals.

All of them write the same columns with the same types to Parquet with zstd.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import yaml

from orchestration.declaration.company import load_company
from orchestration.ground.workspace import Workspace
from orchestration.landing.extraction import extract_table

COLUMNS = {
    "line_id": "bigint",
    "customer_id": "text",
    "ordered_at": "timestamp",
    "due_date": "date",
    "quantity": "bigint",
    "net_amount": "decimal(18,2)",
    "weight_kg": "double",
    "channel": "text",
    "is_gift": "boolean",
    "note": "text",
}
URL_VARIABLE = "CX_BENCH_SOURCE_URL"
RELATION = "order_line"
NOW = datetime(2026, 7, 2, 6, tzinfo=UTC)
DUCKDB_TYPES = {name: "varchar" if kind == "text" else kind for name, kind in COLUMNS.items()}


def land(kind: str, work: Path) -> None:
    """This platform: the table is landed as the daily job lands it, by configuration."""
    folder = work / "bench"
    (folder / "staging").mkdir(parents=True, exist_ok=True)
    table: dict[str, object] = {"description": "Order lines.", "required": ["line_id"], "columns": COLUMNS}
    connection: dict[str, object] = {"kind": "files"}
    if kind == "csv":
        table |= {"path": "order_line.csv", "format": "csv"}
    else:
        connection = {"kind": "postgres", "url_env": URL_VARIABLE}
        table |= {"relation": RELATION, "key": ["line_id"]}
    company = {
        "name": "bench",
        "title": "Bench",
        "description": "The benchmark of sources.",
        "currency_code": "EUR",
        "time_zone": "UTC",
        "country_code": "DE",
        "owner": "team:data",
        "sources": {"shop": {"description": "Shop.", "connection": connection, "tables": {"order_line": table}}},
    }
    (folder / "company.yml").write_text(yaml.safe_dump(company, sort_keys=False), encoding="utf-8")
    workspace = Workspace("bench", folder, work / "source", work / f"state_{kind}", NOW)
    result = extract_table(load_company(workspace), "shop", "order_line", workspace, now=NOW)
    print(result.message)


def duckdb_reader(work: Path) -> None:
    """DuckDB reads the CSV file with its types declared and writes it."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in DUCKDB_TYPES.items())
    with duckdb.connect() as engine:
        engine.execute("set memory_limit = $1", [os.environ["CX_MEMORY_LIMIT"]])
        engine.execute("set temp_directory = $1", [str(work / "spill")])
        engine.execute(
            f"copy (select * from read_csv('{work / 'source' / 'order_line.csv'}', auto_detect=false, header=true,"
            f" delim=',', quote='\"', escape='\"', columns={{{types}}}))"
            f" to '{work / 'rival_csv.parquet'}' (format parquet, compression zstd)"
        )


def connectorx_stream(work: Path) -> None:
    """ConnectorX streams the table as Arrow batches, DuckDB writes them."""
    import connectorx

    query = f"select {', '.join(COLUMNS)} from {RELATION}"
    stream = connectorx.read_sql(
        os.environ[URL_VARIABLE], query, return_type="arrow_stream", protocol="binary", batch_size=100_000
    )
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in DUCKDB_TYPES.items())
    with duckdb.connect() as engine:
        engine.execute("set memory_limit = $1", [os.environ["CX_MEMORY_LIMIT"]])
        engine.register("stream", stream)
        engine.execute(
            f"copy (select {casts} from stream)"
            f" to '{work / 'rival_postgres.parquet'}' (format parquet, compression zstd)"
        )


def main() -> None:
    """Run one system on one source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=["this", "duckdb", "connectorx"])
    parser.add_argument("kind", choices=["csv", "postgres"])
    parser.add_argument("work", type=Path)
    given = parser.parse_args()
    if given.system == "this":
        land(given.kind, given.work)
    elif given.system == "duckdb":
        duckdb_reader(given.work)
    else:
        connectorx_stream(given.work)


if __name__ == "__main__":
    main()
