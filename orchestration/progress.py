"""Progress of a run on the terminal: one line per finished step, warnings and errors in full."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import dagster as dg

VERBOSE = "verbose"
# What Dagster says about steps that do not run: the failed step stands above, a skipped one has nothing to do.
SAID_OTHERWISE = ("Dependencies for step", "emitted no result in step")


class ProgressHandler(logging.Handler):
    """Turns Dagster's log records into one line per step.

    Args:
        is_verbose: Also print every message that the steps log.
    """

    def __init__(self, *, is_verbose: bool) -> None:
        super().__init__(logging.DEBUG)
        self.is_verbose = is_verbose
        self.started: dict[str, float] = {}
        self.is_terminal = sys.stderr.isatty()

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record if it tells a person something."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", {}) or {}
        event = meta.get("dagster_event")
        step = meta.get("step_key") or ""
        if event is None:
            if any(noise in record.getMessage() for noise in SAID_OTHERWISE):
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
    logger.addHandler(ProgressHandler(is_verbose=bool(context.logger_config.get(VERBOSE))))
    return logger
