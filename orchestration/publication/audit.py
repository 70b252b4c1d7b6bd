"""Decides whether a run may be published: every declared check ran once, and none that blocks failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class CheckEvaluation:
    """What one executed check said.

    Attributes:
        asset: Asset key, parts joined by a slash.
        name: Check.
        is_passed: Whether it held.
        is_error: Whether its failure forbids publication; otherwise it is a warning.
        row_count: Rows that it found wrong; None where it does not count.
        advice: What it means, as a sentence; empty where it says nothing.
    """

    asset: str
    name: str
    is_passed: bool
    is_error: bool = True
    row_count: int | None = None
    advice: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Asset and check."""
        return (self.asset, self.name)

    @property
    def warning(self) -> str:
        """Asset and check with the number of rows and what it means."""
        rows = "" if self.row_count is None else f" ({self.row_count} row{'' if self.row_count == 1 else 's'})"
        return f"{self.asset}:{self.name}{rows}" + (f": {self.advice}" if self.advice else "")


@dataclass(frozen=True)
class Audit:
    """Declared checks compared with executed ones: sorted lists of `asset:check`, of warnings with what they say."""

    declared_count: int
    passed_count: int
    failed: list[str]
    not_executed: list[str]
    executed_twice: list[str]
    undeclared: list[str]
    warnings: list[str]

    @property
    def is_publishable(self) -> bool:
        """True only if something was declared, all of it ran exactly once, and nothing that blocks failed."""
        faults = self.failed or self.not_executed or self.executed_twice or self.undeclared
        return self.declared_count > 0 and not faults

    def reason(self) -> str:
        """Why not, for people; empty when the run may be published."""
        parts = [
            f"{title}: {', '.join(names[:10])}{' and more' if len(names) > 10 else ''}"
            for title, names in (
                ("failed", self.failed),
                ("declared but not executed", self.not_executed),
                ("executed more than once", self.executed_twice),
                ("executed but not declared", self.undeclared),
            )
            if names
        ]
        if not self.declared_count:
            parts.append("no check is declared")
        return "; ".join(parts)


class NotPublishableError(RuntimeError):
    """The checks do not allow a publication; readers keep the last generation."""


def audit_checks(declared: Collection[tuple[str, str]], evaluations: Iterable[CheckEvaluation]) -> Audit:
    """Compare the checks that should have run with what was recorded of this run.

    Args:
        declared: (asset, check) of every check in the project, each once.
        evaluations: Every evaluation recorded for the run, repetitions included.

    Returns:
        The audit; `is_publishable` is its verdict.
    """
    found = list(evaluations)
    times = Counter(evaluation.key for evaluation in found)
    wanted = set(declared)

    def named(keys: Iterable[tuple[str, str]]) -> list[str]:
        return sorted(f"{asset}:{name}" for asset, name in keys)

    return Audit(
        declared_count=len(wanted),
        passed_count=sum(evaluation.is_passed for evaluation in found),
        failed=named({e.key for e in found if not e.is_passed and e.is_error}),
        not_executed=named(wanted - set(times)),
        executed_twice=named(key for key, count in times.items() if count > 1),
        undeclared=named(set(times) - wanted),
        warnings=sorted({e.warning for e in found if not e.is_passed and not e.is_error}),
    )
