"""Every compiled model is SQL that DuckDB and Spark read, without what the two understand differently."""

import re

import pytest
import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

from tests.dbt.company import PROJECT_DIR, Company

# sqlfluff sees a macro's text only where it is compiled: one model for each macro that writes whole queries. Not here:
# the quotes that dbt puts around names, the layout, and subqueries, which stand where a CTE has no place.
GENERATED = (
    "int_contract__survey_response",
    "int_contract__deletion",
    "int_contract__departure",
    "fct_survey_response",
    "int_operations__contract_count",
    "int_reconciliation__contract_row",
    "int_reconciliation__landed_row",
    "int_reconciliation__singled_row",
    "int_reconciliation__stray",
    "int_reconciliation__unequal_file",
    "int_reconciliation__unequal_row",
    "int_reconciliation__unequal_load",
)
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


def test_what_macros_write_is_linted(built: Company) -> None:
    judged_by_people = FluffConfig.from_path(str(PROJECT_DIR)).get("exclude_rules")
    config = FluffConfig(
        overrides={
            "dialect": "duckdb",
            "templater": "raw",
            "rules": "capitalisation,aliasing,ambiguous,convention,references,structure",
            "exclude_rules": f"{judged_by_people},RF06,ST05",
        }
    )
    compiled = compiled_models(built)
    for name in GENERATED:
        found = Linter(config=config).lint_string(compiled[name]).get_violations()
        assert [(item.rule_code(), item.line_no) for item in found] == [], name


def test_macros_stay_short() -> None:
    for path in PROJECT_DIR.glob("macros/**/*.sql"):
        # Rendered from cx_assets/contracts.
        if path.name != "contract_definitions.sql":
            assert len(path.read_text().splitlines()) <= 100, path.name
