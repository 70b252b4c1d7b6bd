"""What an area of definitions gets to build with.

An area is a folder of `orchestration/defs`. Each of its modules that has a function `build_defs(frame)` is found and
called by `collection`; a new area edits nothing that stands. `TURN` says when, 0 unless it is given: dbt is cut into
stages by what Python reads and comes after it (1), the publication after all (2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg

from orchestration.dbt.project import ParsedProject
from orchestration.runs.site import Site


@dataclass(frozen=True)
class Frame:
    """One company, and what the areas before have defined.

    Attributes:
        site: The company's configuration and folders.
        project: dbt's parsed project for it.
        assets: What is defined so far.
        modules: Module that defines each of them.
        checks: Checks that are declared so far: asset key joined by slashes, name.
    """

    site: Site
    project: ParsedProject
    assets: tuple[dg.AssetsDefinition, ...] = ()
    modules: Mapping[dg.AssetKey, str] = field(default_factory=dict)
    checks: frozenset[tuple[str, str]] = frozenset()

    @property
    def asset_keys(self) -> set[dg.AssetKey]:
        """Keys of the assets defined so far."""
        return {key for definition in self.assets for key in definition.keys}
