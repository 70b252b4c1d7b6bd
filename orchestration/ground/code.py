"""What Python code does, as a hash: of a module and the domain modules that it imports, without their words."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from orchestration.ground.workspace import REPOSITORY

DOMAIN = "cx_assets"
_DATA = {".yml", ".yaml", ".csv"}


@cache
def code_hash(module: str) -> str:
    """Hash of a module, the domain modules that it imports (and those that these import), and their data files.

    Docstrings, comments and layout do not count: they change nothing that the code does.

    Args:
        module: Dotted name.
    """
    digest = hashlib.sha256()
    seen: dict[str, Path] = {}
    frontier = [module]
    while frontier:
        name = frontier.pop()
        path = _file(name)
        if name in seen or path is None:
            continue
        seen[name] = path
        frontier += [found for found in _imported(_tree(path)) if found.split(".")[0] == DOMAIN]
    folders = set()
    for name, path in sorted(seen.items()):
        digest.update(f"{name}\0{_deeds(path)}\0".encode())
        folders.add(path.parent)
    for data in sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in _DATA):
        digest.update(f"{data.name}\0".encode() + data.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _file(module: str) -> Path | None:
    """The file of a module or a package; null for a name that is neither (a function, a class)."""
    if (loaded := sys.modules.get(module)) is not None and loaded.__file__:
        return Path(loaded.__file__)
    path = REPOSITORY.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@cache
def _deeds(path: Path) -> str:
    """What the code of a file does: its syntax tree without docstrings, as text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
