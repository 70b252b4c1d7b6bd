"""Only tests, benchmarks and the command line know the generator; nothing in the pipeline knows the truth."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
OWN = ROOT / "cx_assets" / "sample_company"
ALLOWED = {ROOT / "orchestration" / "cli.py"}


def _imports(path):
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level)[0] + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def test_only_the_command_line_imports_the_generator():
    guilty = [
        str(path.relative_to(ROOT))
        for folder in ("orchestration", "cx_assets", "report")
        for path in (ROOT / folder).rglob("*.py")
        if OWN not in path.parents and path not in ALLOWED
        and any("sample_company" in name for name in _imports(path))
    ]  # fmt: skip
    assert guilty == []


def test_the_generator_knows_only_itself():
    for path in OWN.glob("*.py"):
        for name in _imports(path):
            foreign = name.startswith(("cx_assets", "orchestration", "dagster", "dbt", "duckdb"))
            assert not foreign or name.startswith("cx_assets.sample_company"), (path.name, name)


def test_no_sql_and_no_configuration_names_the_truth():
    names = ("true_customer", "customer_cut", "touchpoint_driver", "sample_company", "churn_probability_full", "truth/")
    for folder, pattern in (
        ("dbt_project", "*.sql"),
        ("dbt_project", "*.yml"),
        ("data/companies", "*.sql"),
        ("data/companies", "*.yml"),
    ):
        for path in (ROOT / folder).rglob(pattern):
            text = path.read_text(encoding="utf-8")
            assert not [name for name in names if name in text], path
