"""What extraction of one table did, in words and counts."""

from dataclasses import dataclass
from typing import Literal

from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.refused.rows import retyped_columns

LoadStatus = Literal["landed", "unchanged", "empty"]


@dataclass(frozen=True)
class LoadResult:
    """What extraction of one table did.

    Attributes:
        landing_name: Table in the schema `landing`.
        status: landed (a new load), unchanged (every file has landed before), empty (optional, no files).
        manifest: The new load; None unless landed.
        repeated_files: Files whose content had landed before or stands beside them under another name.
        total_row_count: Rows that the landing view has now, over all loads.
        withheld_count: Keys that a full export no longer has and that stay all the same, because records of it cannot
            be read.
    """

    landing_name: str
    status: LoadStatus
    manifest: Manifest | None
    repeated_files: tuple[str, ...]
    total_row_count: int
    withheld_count: int = 0

    @property
    def landed_count(self) -> int:
        """Rows of the new load."""
        return self.manifest.row_count if self.manifest else 0

    @property
    def quarantined_count(self) -> int:
        """Rows that the new load refused."""
        return self.manifest.quarantined_count if self.manifest else 0

    @property
    def undeclared_columns(self) -> tuple[str, ...]:
        """Columns of the new load that company.yml does not declare."""
        return tuple(sorted(self.manifest.undeclared)) if self.manifest else ()

    @property
    def message(self) -> str:
        """One line for the log; it holds no value of a row."""
        if self.manifest is None:
            reason = "nothing new" if self.status == "unchanged" else "no file; the table is optional"
            return f"{self.landing_name}: {reason}"
        pull = self.manifest.pull
        files = [part for part in self.manifest.parts if not part.is_departure]
        whence = f"of {pull.row_count} that were sent" if pull else f"from {len(files)} file(s)"
        landed = sum(part.landed.rows for part in files)
        text = (
            f"{self.landing_name}: {landed} rows landed, {self.quarantined_count} quarantined, {whence},"
            f" load {self.manifest.sequence}"
        )
        return "; ".join([text, *self._drift()])

    def _drift(self) -> list[str]:
        """How the source differs from its declaration, and what came that is no row."""
        undeclared = ", ".join(self.undeclared_columns)
        found = [f"undeclared columns landed as text: {undeclared}"] if undeclared else []
        if deleted := sum(
            part.landed.rows for part in (self.manifest.parts if self.manifest else ()) if part.is_departure
        ):
            found.append(f"{deleted} rows left the export and count as deleted")
        if self.withheld_count:
            found.append(
                f"{self.withheld_count} keys are not in the export, but stay: it has more records than before whose key"
                " cannot be read (see the quarantine)"
            )
        pull = self.manifest.pull if self.manifest else None
        if pull is not None and pull.empty_count:
            found.append(f"{pull.empty_count} record(s) without an element gave no row")
        if pull is not None and pull.repeated_count:
            found.append(f"{pull.repeated_count} record(s) came again on a later page")
        parts = self.manifest.parts if self.manifest else ()
        for part in parts:
            found += [
                f"{column}: {count} invalid value(s) became its default" for column, count in part.defaulted.items()
            ]
            found += retyped_columns(part)
        return found

    def metadata(self) -> dict[str, str | int]:
        """Facts for the asset's catalogue."""
        return {
            "landing": self.message,
            "status": self.status,
            "load_id": self.manifest.load_id if self.manifest else "",
            "landed_count": self.landed_count,
            "quarantined_count": self.quarantined_count,
            "undeclared_columns": ", ".join(self.undeclared_columns),
            "drift": "; ".join(self._drift()),
            "repeated_files": len(self.repeated_files),
            "dagster/row_count": self.total_row_count,
        }
