"""Settings of a concept: a block of company.yml, declared once in `settings.py` beside the concept.

The company composes the blocks, dbt's parameters are their dump (`<block>_<key>`), the documentation lists them. A new
concept is found by its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from typing import Any

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from cx_assets.contracts.strict_yaml import Strict

FILE_NAME = "settings.py"


class Settings(Strict):
    """One concept's block; a module has one, and every key a default, a description and, where it is chosen, evidence.

    A key is a pydantic Field with `description`, and `json_schema_extra={"unit": ..., "evidence": ...}` where it has
    them.
    """

    @classmethod
    def block(cls) -> str:
        """Key of the block in company.yml: the concept's folder."""
        return cls.__module__.split(".")[-2]


@cache
def concept_settings() -> dict[str, type[Settings]]:
    """Every concept's settings by block, sorted.

    Raises:
        TypeError: A `settings.py` declares no or several Settings.
    """
    found = {}
    for concept in sorted(item.name for item in resources.files("cx_assets").iterdir() if item.is_dir()):
        if not resources.files("cx_assets").joinpath(concept, FILE_NAME).is_file():
            continue
        module = import_module(f"cx_assets.{concept}.settings")
        declared = [kind for kind in vars(module).values() if _is_declared_in(module.__name__, kind)]
        if len(declared) != 1:
            raise TypeError(f"{module.__name__} must declare one Settings, not {len(declared)}")
        found[concept] = declared[0]
    return found


def _is_declared_in(module_name: str, thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, Settings) and thing.__module__ == module_name


def settings_document(thresholds: Mapping[str, FieldInfo], blocks: Mapping[str, type[Strict]]) -> str:
    """The documentation page, as Markdown.

    Args:
        thresholds: Keys of company.yml that belong to no block.
        blocks: Blocks by key of company.yml, with their models.
    """
    lines = [
        "# Settings of company.yml by concept",
        "",
        "<!-- Rendered by `python -m orchestration.dbt.contract_files` from cx_assets/<concept>/settings.py. -->",
        "",
        "Every key has a default. In dbt's SQL a key is read as `parameter('<block>_<key>')`.",
    ]
    lines += ["", "## Thresholds of the whole company", "", *_table(thresholds)]
    for block, kind in blocks.items():
        lines += ["", f"## `{block}`", "", (kind.__doc__ or "").strip().splitlines()[0], "", *_table(kind.model_fields)]
    return "\n".join([*lines, ""])


def _table(fields: Mapping[str, FieldInfo]) -> list[str]:
    head = ["| Key | Default | Allowed | Meaning | Why this default |", "| --- | --- | --- | --- | --- |"]
    return [*head, *(_document_line(name, field) for name, field in fields.items())]


def _document_line(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = f" {extra['unit']}" if "unit" in extra else ""
    default = (", ".join(field.default) or "none") if isinstance(field.default, tuple) else f"{field.default}{unit}"
    least = next((item.ge for item in field.metadata if isinstance(item, Ge)), None)
    most = next((item.le for item in field.metadata if isinstance(item, Le)), None)
    allowed = f"{least} to {most}" if least is not None and most is not None else ""
    return f"| `{name}` | {default} | {allowed} | {field.description} | {extra.get('evidence', '')} |"
