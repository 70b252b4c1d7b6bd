"""Which further places do not show the generation that readers of the DuckDB file see; who mends it is told elsewhere.

Each place is asked itself: a record kept here would not know of a database that was restored or a folder that was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.declaration.settings.publication import PostgresPublication, PublicationSettings
from orchestration.publication.report_file import LINEAGE, REPORT, marked_generation
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.postgres import PostgresTarget
from orchestration.publication.targets.protocol import TargetError
from orchestration.publication.withdrawal import seen_generation

PATIENCE_SECONDS = 5
"""How long a server is waited for that is only asked."""


@dataclass(frozen=True)
class BehindTarget:
    """A place whose readers have another generation than those of the DuckDB file.

    Attributes:
        name: parquet, postgres, report or documentation: the last part of its asset's key.
        shown: The generation that it shows; None where it shows none, or does not say.
        current: The generation of the DuckDB file.
        problem: Why it could not be asked; empty where it could.
    """

    name: str
    shown: str | None
    current: str
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"{self.name} cannot be asked which generation it shows: {self.problem}"
        return f"{self.name} shows {self.shown or 'no generation'}, readers of the DuckDB file see {self.current}"


def behind_targets(
    published: Path, settings: PublicationSettings, environ: Mapping[str, str] | None = None
) -> list[BehindTarget]:
    """Declared places, and the files of report and documentation, that are behind; none before the first publication.

    Args:
        published: Folder of the generations.
        settings: What company.yml declares.
        environ: Where the address of a server is; the process's own by default.
    """
    current = seen_generation(published)
    if current is None:
        return []
    shown: dict[str, str | None] = {
        "report": marked_generation(published / REPORT),
        "documentation": marked_generation(published / LINEAGE),
    }
    if settings.parquet:
        shown["parquet"] = ParquetTarget(published).shown()
    behind = [BehindTarget(name, found, current) for name, found in shown.items() if found != current]
    if settings.postgres is not None:
        behind += _postgres_behind(settings.postgres, environ, current)
    return sorted(behind, key=lambda target: target.name)


def _postgres_behind(
    settings: PostgresPublication, environ: Mapping[str, str] | None, current: str
) -> list[BehindTarget]:
    hasty = settings.model_copy(update={"timeout_seconds": PATIENCE_SECONDS})
    try:
        with PostgresTarget.opened(hasty, environ, connect_seconds=PATIENCE_SECONDS) as target:
            found = target.shown()
    except TargetError as error:
        return [BehindTarget("postgres", None, current, str(error))]
    return [] if found == current else [BehindTarget("postgres", found, current)]
