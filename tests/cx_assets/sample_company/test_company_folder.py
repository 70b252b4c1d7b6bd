"""The sample's folder: company.yml and staging SQL fit the files, the contracts and the truth's parameters."""

import csv
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from cx_assets.contracts import load_contracts
from cx_assets.sample_company.parameters import ELIGIBLE_DAYS, PERIOD_DAYS

FOLDER = Path(__file__).parents[3] / "data" / "companies" / "sample"
CONFIGURATION = yaml.safe_load((FOLDER / "company.yml").read_text(encoding="utf-8"))
TABLES = {
    f"{source}__{table}": settings
    for source, content in CONFIGURATION["sources"].items()
    for table, settings in content["tables"].items()
}
ARROW = {
    "text": pa.types.is_string,
    "boolean": pa.types.is_boolean,
    "timestamp": pa.types.is_timestamp,
    "bigint": pa.types.is_int64,
    "double": pa.types.is_float64,
    "decimal(18,2)": pa.types.is_decimal,
}


def test_the_forecast_of_the_configuration_is_that_of_the_truth():
    assert CONFIGURATION["churn"]["horizon_days"] == PERIOD_DAYS == 30
    assert CONFIGURATION["churn"]["eligible_days"] == ELIGIBLE_DAYS == 90
    assert CONFIGURATION["as_of"] == "latest_landed"


def _kind(column: str | dict[str, str]) -> str:
    return column if isinstance(column, str) else column["type"]


@pytest.mark.parametrize("table", TABLES)
def test_declared_columns_are_those_of_the_files(company, table):
    settings = TABLES[table]
    files = sorted(company.files.glob(settings["path"]))
    assert files
    declared = {name: _kind(column) for name, column in settings["columns"].items()}
    # A column that came later, or left: the files that lack it hold the others in the declared order.
    passing = {name for name, column in settings["columns"].items() if isinstance(column, dict)}
    for path in (files[0], files[-1]):
        if settings["format"] == "parquet":
            schema = pq.read_schema(path)
            expected = [name for name in declared if name not in passing or name in schema.names]
            assert schema.names == expected
            for field in schema:
                kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
                assert ARROW[declared[field.name]](kind), field.name
        elif settings["format"] == "csv":
            with path.open(encoding="utf-8") as file:
                assert next(csv.reader(file, delimiter=";")) == list(declared)
        else:
            with path.open(encoding="utf-8") as file:
                assert list(json.loads(file.readline())) == list(declared)
    assert set(settings.get("required", [])) <= set(declared)
    assert settings.get("event_time", next(iter(declared))) in declared


def test_every_file_is_declared_once(company):
    claimed = [path for settings in TABLES.values() for path in company.files.glob(settings["path"])]
    assert sorted(claimed) == sorted(path for path in company.files.rglob("*") if path.is_file())


def _staging():
    return sorted((FOLDER / "staging").glob("stg_*.sql"))


def test_every_entity_is_mapped_and_every_table_used():
    mapped = {path.stem.split("__")[1] for path in _staging()}
    assert mapped == set(load_contracts())
    used = {re.search(r"source\('landing', '(\w+)'\)", path.read_text())[1] for path in _staging()}
    assert used == set(TABLES)


@pytest.mark.parametrize("path", _staging(), ids=lambda path: path.stem)
def test_staging_gives_every_column_of_the_contract(path):
    entity = path.stem.split("__")[1]
    text = path.read_text(encoding="utf-8")
    mapped, conform = text.split("{{ landing_columns() }}")
    given = re.findall(r"(?:\bas |^ {8})(\w+),$", mapped, flags=re.MULTILINE)
    missing = re.findall(r"'(\w+)'", conform.split("conform(")[1])[1:]
    assert len(given) == len(set(given))
    assert sorted(given + missing) == sorted(load_contracts()[entity].columns)
