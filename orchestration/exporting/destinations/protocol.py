"""What every destination does. A further one is a module with this class, and a line in `sending.DESTINATIONS`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from orchestration.exporting.prepared import Delivery, Prepared


class Destination(Protocol):
    """A place that lists go to; one process uses it at a time (the warehouse's lock)."""

    folder: Path
    """Where its manifest lies."""

    def is_whole(self, last: Delivery) -> bool:
        """Whether the receiver still has what was delivered last, as far as this side can tell."""
        ...

    def deliver(self, prepared: Prepared) -> Delivery:
        """Give the receiver this list, and write the manifest last; the same list twice changes nothing.

        Raises:
            ExportError: It could not; the receiver has the list before, or a part of the changes, which is noted.
        """
        ...
