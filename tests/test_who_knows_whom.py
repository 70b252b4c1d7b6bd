"""Who may know whom: the domain no framework; nobody in the pipeline the generator, and nobody at all its truth."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN = ROOT / "cx_assets" / "sample_company"
ALLOWED = {ROOT / "orchestration" / "cli" / "main.py"}


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
        for folder in ("orchestration", "cx_assets")
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


TRUTH = ("true_customer", "customer_cut", "touchpoint_driver", "sample_company", "churn_probability_full", "truth/")


def test_the_domain_knows_no_framework_and_opens_no_connection():
    banned = {"dagster", "dagster_dbt", "dbt", "orchestration", "sqlite3", "sqlalchemy", "socket", "urllib", "requests"}
    for path in (ROOT / "cx_assets").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        roots = {name.split(".")[0] for name in _imports(path)}
        assert not roots & banned, (path.name, roots & banned)
        opened = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith(("duckdb.connect", "duckdb.sql", "connect"))
        ]
        assert opened == [], (path.name, opened)


def test_no_python_of_the_pipeline_names_the_truth():
    for folder in ("orchestration", "cx_assets"):
        for path in (ROOT / folder).rglob("*.py"):
            if OWN in path.parents or path in ALLOWED:
                continue
            text = path.read_text(encoding="utf-8")
            assert not [name for name in TRUTH if name in text], path


def test_no_sql_and_no_configuration_names_the_truth():
    for folder, pattern in (
        ("dbt_project", "*.sql"),
        ("dbt_project", "*.yml"),
        ("data/companies", "*.sql"),
        ("data/companies", "*.yml"),
    ):
        for path in (ROOT / folder).rglob(pattern):
            text = path.read_text(encoding="utf-8")
            assert not [name for name in TRUTH if name in text], path
