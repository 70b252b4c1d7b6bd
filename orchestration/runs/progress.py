"""Progress of a run on the terminal: one line per finished step, warnings and errors in full."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any

import dagster as dg

VERBOSE = "verbose"
SAID_OTHERWISE = "Dependencies for step"  # a step that does not run because the failed one, printed above, did not end

# Dagster's planner logs this for every blocking check of a step, also of one that it has itself just skipped.
PLANNER = "dagster._core.execution.plan.active"
CHECK_WITHOUT_RESULT = re.compile(r"Blocking asset check '.+' emitted no result in step '(?P<step>[^']+)'")


class SkippedStepFilter(logging.Filter):
    """Keeps back that a check gave no result where its step was skipped; of a step that ran, it is a fault to show.

    Args:
        skipped: Steps skipped so far; the progress handler adds to it.
    """

    def __init__(self, skipped: set[str]) -> None:
        super().__init__()
        self.skipped = skipped

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown."""
        found = CHECK_WITHOUT_RESULT.match(record.getMessage())
        return found is None or found["step"] not in self.skipped


class ProgressHandler(logging.Handler):
    """Turns Dagster's log records into one line per step.

    Args:
        is_verbose: Also print every message that the steps log.
    """

    def __init__(self, *, is_verbose: bool) -> None:
        super().__init__(logging.DEBUG)
        self.is_verbose = is_verbose
        self.started: dict[str, float] = {}
        self.skipped: set[str] = set()
        self.is_terminal = sys.stderr.isatty()

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record if it tells a person something."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", {}) or {}
        event = meta.get("dagster_event")
        step = meta.get("step_key") or ""
        if event is None:
            if SAID_OTHERWISE in record.getMessage():
                return
            if record.levelno >= logging.WARNING or self.is_verbose:
                self._line(f"      {meta.get('orig_message') or record.getMessage()}")
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self.started[step] = time.monotonic()
            if self.is_terminal:
                sys.stderr.write(f"  ... {step}\r")
                sys.stderr.flush()
        elif kind == "STEP_SUCCESS":
            self._line(f"  ok  {step:<44}{time.monotonic() - self.started.get(step, time.monotonic()):>6.1f} s")
        elif kind == "STEP_SKIPPED":
            self.skipped.add(step)
            if self.is_verbose:
                self._line(f"  --  {step} (nothing to do)")
        elif kind == "STEP_FAILURE":
            self._line(f"  FAILED {step}")

    def _line(self, text: str) -> None:
        sys.stderr.write(("\x1b[2K" if self.is_terminal else "") + text + "\n")
        sys.stderr.flush()


@dg.logger(
    config_schema={VERBOSE: dg.Field(bool, default_value=False, is_required=False)},
    description="One line per finished step.",
)
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """The console logger of every job."""
    logger = logging.Logger("cx.progress", logging.DEBUG)
    handler = ProgressHandler(is_verbose=bool(context.logger_config.get(VERBOSE)))
    logger.addHandler(handler)
    planner = logging.getLogger(PLANNER)
    for earlier in [known for known in planner.filters if isinstance(known, SkippedStepFilter)]:
        planner.removeFilter(earlier)  # of the last run in this process
    planner.addFilter(SkippedStepFilter(handler.skipped))
    return logger
