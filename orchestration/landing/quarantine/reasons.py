"""Why rows were refused, by count, and how releases change that. The rows themselves are in `quarantine`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class QuarantineReason:
    """Rows of one part that were refused for one reason; a row counts under its first reason."""

    rule: str
    reason: str
    row_count: int


@dataclass(frozen=True)
class ReleasedPart:
    """What a release took from one quarantine file; rows of the release's part at the same position.

    Attributes:
        quarantined: The quarantine file, relative to the state folder.
        removed: Rows by the reason for which they were refused until then.
        added: Those of them that were refused again, by their new reason. They stay in that quarantine file.
    """

    quarantined: str
    removed: tuple[QuarantineReason, ...]
    added: tuple[QuarantineReason, ...]


@dataclass(frozen=True)
class Release:
    """How rows came out of quarantine.

    Attributes:
        by: Who released them.
        corrections: Value by column that a person gave, as the source would write it.
        corrected_text: Text that a person gave for the whole row; None for the row as it stood.
        origins: One per part of the load.
    """

    by: str
    corrections: dict[str, str]
    corrected_text: str | None
    origins: tuple[ReleasedPart, ...]


def release_from(document: dict[str, Any]) -> Release:
    """A release as its manifest holds it."""
    origins = [
        ReleasedPart(
            origin["quarantined"],
            tuple(QuarantineReason(**reason) for reason in origin["removed"]),
            tuple(QuarantineReason(**reason) for reason in origin["added"]),
        )
        for origin in document["origins"]
    ]
    return Release(**{**document, "origins": tuple(origins)})


def left_after(reasons: tuple[QuarantineReason, ...], releases: Iterable[ReleasedPart]) -> tuple[QuarantineReason, ...]:
    """Refused rows by reason once releases took some out and gave others a new reason, sorted."""
    counts = Counter({(item.rule, item.reason): item.row_count for item in reasons})
    for release in releases:
        counts.subtract({(item.rule, item.reason): item.row_count for item in release.removed})
        counts.update({(item.rule, item.reason): item.row_count for item in release.added})
    return tuple(QuarantineReason(rule, reason, n) for (rule, reason), n in sorted(counts.items()) if n)
