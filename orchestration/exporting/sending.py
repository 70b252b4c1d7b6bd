"""Sends one export of the current generation: selects, checks, delivers; nothing where that was delivered already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.declaration.settings.exports import Export
from orchestration.declaration.settings.exports import HttpDestination as HttpSettings
from orchestration.exporting.destinations.files import FileDestination
from orchestration.exporting.destinations.http import HttpDestination
from orchestration.exporting.destinations.protocol import Destination
from orchestration.exporting.prepared import Delivery, declaration_hash
from orchestration.exporting.selecting import is_restricted, prepared
from orchestration.publication.targets.protocol import FinishedGeneration


def _file(published: Path, name: str, export: Export, *, is_private: bool) -> Destination:
    return FileDestination(published, name, is_private=is_private)


def _http(published: Path, name: str, export: Export, *, is_private: bool) -> Destination:
    if not isinstance(export.to, HttpSettings):
        raise TypeError("declared as another kind")
    return HttpDestination(published, name, export.to)


DESTINATIONS: Mapping[str, Callable[..., Destination]] = {"csv": _file, "parquet": _file, "http": _http}
"""What opens a destination, by the kind that company.yml names."""


def send(name: str, export: Export, published: Path, generation: FinishedGeneration) -> tuple[Delivery, bool]:
    """Deliver one export; hold the warehouse's lock, so that its generation is not removed meanwhile.

    Returns:
        The delivery, and whether it is a new one: the same generation and declaration are delivered once.

    Raises:
        ExportError: It cannot be made or delivered.
    """
    destination = DESTINATIONS[export.to.kind](published, name, export, is_private=is_restricted(export, generation))
    last = Delivery.read(destination.folder)
    if last is not None and _is_of(last, export, generation) and destination.is_whole(last):
        return last, False
    return destination.deliver(prepared(name, export, generation)), True


def _is_of(last: Delivery, export: Export, generation: FinishedGeneration) -> bool:
    made_of = (generation.record.generation_id, declaration_hash(export))
    return (last.generation_id, last.declaration) == made_of
