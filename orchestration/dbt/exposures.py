"""Who reads the published tables, as dbt's exposures: the report's pages, the report by mail, the lists that go out.

They are written before every parse beside the sources, and stand in no tracked file. Which tables a page reads is told
from its code: tables are named by constants, here or in the module that they are imported from. Saved queries of
metrics are nodes of dbt's lineage of their own and need no exposure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration.declaration.company import Company
from orchestration.declaration.settings.exports import Export
from orchestration.ground.workspace import REPOSITORY
from orchestration.ground.yaml_text import yaml_text
from orchestration.publication.generations import READABLE_SCHEMAS

EXPOSURES = "_exposures.yml"
REPORT = REPOSITORY / "report"
BY_MAIL = "static.py"
IDENTITY, CONSENTS, TICKETS = "core.dim_customer_identity", "core.fct_consent_event", "core.fct_ticket"
_TABLE = re.compile(rf"\b(?:{'|'.join(READABLE_SCHEMAS)})\.[a-z]\w+")


def exposures_yaml(company: Company, report: Path = REPORT, models: Path = REPOSITORY / "dbt_project/models") -> str:
    """Dbt's exposures of one company; what names no published table is left out.

    Args:
        company: Its exports and its owner.
        report: Folder of the report's code.
        models: Folder of dbt's models, by which it is known which tables there are.
    """
    known = {path.stem for path in models.rglob("*.sql")}
    read = [
        *((f"report_{page.stem}", "Report: ", page) for page in sorted((report / "pages").glob("[!_]*.py"))),
        *(("report_by_mail", "Report by mail", path) for path in report.glob(BY_MAIL)),
    ]
    found = []
    for name, label, module in read:
        title = label + (_constant(module, "TITLE") or "")
        words = (ast.get_docstring(_parsed(module.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
        found.append(_exposure(name, title, "dashboard", " ".join(words.split()), company.owner, tables_of(module)))
    for name, export in company.exports.items():
        owner, tables = export.owner or company.owner, read_by(export)
        found.append(_exposure(f"export_{name}", f"List {name}", "application", export.description, owner, tables))
    for exposure in found:
        exposure["depends_on"] = [f"ref('{table}')" for table in exposure["depends_on"] if table in known]
    return yaml_text({"version": 2, "exposures": [item for item in found if item["depends_on"]]})


def read_by(export: Export) -> list[str]:
    """Published tables that a list is made of: its own, contacts, consents and complaints where it asks for them."""
    asked = {
        export.table: True,
        IDENTITY: bool(export.contact),
        CONSENTS: export.purpose is not None,
        TICKETS: export.leave_out_open_complaints,
    }
    return sorted(table for table, is_asked in asked.items() if is_asked)


def tables_of(module: Path) -> list[str]:
    """Published tables, as schema.table, that a module of the report names: itself, or by a constant of another one."""
    text = module.read_text(encoding="utf-8")
    tree = _parsed(text)
    found = set(_TABLE.findall(text))
    modules: dict[str, Path] = {}
    for name, folder in _imported(tree).items():
        if (folder / f"{name}.py").is_file():
            modules[name] = folder / f"{name}.py"
        elif name.isupper():
            found.update(_TABLE.findall(_constant(folder.with_suffix(".py"), name) or ""))
    for access in ast.walk(tree):
        if isinstance(access, ast.Attribute) and isinstance(access.value, ast.Name) and access.value.id in modules:
            found.update(_TABLE.findall(_constant(modules[access.value.id], access.attr) or ""))
    return sorted(found)


@lru_cache(maxsize=64)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _imported(tree: ast.Module) -> dict[str, Path]:
    """Folder, or module without its suffix, that each name is imported from."""
    return {
        alias.name: REPORT.parent / Path(*statement.module.split("."))
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module
        for alias in statement.names
    }


def _constant(module: Path, name: str) -> str | None:
    """A constant that is one text, of a module or of the one that it has it from; None for anything else."""
    if not module.is_file():
        return None
    tree = _parsed(module.read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            named = any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)
            if named and isinstance(statement.value.value, str):
                return statement.value.value
    folder = _imported(tree).get(name)
    return _constant(folder.with_suffix(".py"), name) if folder else None


def _exposure(name: str, label: str, kind: str, description: str, owner: str, tables: Iterable[str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "description": description,
        "owner": {"email" if "@" in owner else "name": owner},
        "depends_on": [table.split(".")[1] for table in tables],
    }
