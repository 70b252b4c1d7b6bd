"""Every compiled model is SQL that DuckDB and Spark read, without what the two understand differently."""

import re

import pytest
import sqlglot
from sqlglot import exp

from tests.dbt.company import PROJECT_DIR, Company

CLOCKS = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.CurrentDatetime)


def compiled_models(company: Company) -> dict[str, str]:
    """Compiled SQL of every model of the last build, staging models included."""
    folder = company.folder / "target" / "compiled" / "cx"
    paths = [*folder.glob("models/**/*.sql"), *folder.glob("staging/*.sql")]
    return {path.stem: path.read_text() for path in paths if ".yml" not in str(path)}


def test_every_model_was_compiled(built: Company) -> None:
    written = {path.stem for path in PROJECT_DIR.glob("models/**/*.sql")}
    assert written <= compiled_models(built).keys()


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_both_dialects_parse_every_model(built: Company, dialect: str) -> None:
    for name, text in compiled_models(built).items():
        assert len(sqlglot.parse(text, read=dialect)) == 1, name


def test_nothing_that_the_engines_read_differently(built: Company) -> None:
    for name, text in compiled_models(built).items():
        tree = sqlglot.parse_one(text, read="duckdb")
        assert "::" not in re.sub(r"'[^']*'", "", text), name
        assert not list(tree.find_all(exp.Qualify)), name
        assert not list(tree.find_all(*CLOCKS)), name
        for ordered in tree.find_all(exp.Ordered):
            # The list aggregate of the dispatched macro sorts texts without nulls.
            if not ordered.find_ancestor(exp.GroupConcat):
                assert "NULLS LAST" in ordered.sql("spark").upper() or ordered.args.get("nulls_first") is False, name


def test_models_stay_short() -> None:
    for path in PROJECT_DIR.glob("models/**/*.sql"):
        assert len(path.read_text().splitlines()) <= 120, path.name
