"""Where everything of one company lies, and what time it is. What the company is, is in `company`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_COMPANY = "sample"
COMPANY_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")


class WorkspaceError(ValueError):
    """An environment variable or argument is wrong; the message says which and what to do."""


@dataclass(frozen=True)
class Workspace:
    """Folders of one company; see docs/architecture.md for what lies in them.

    Attributes:
        company: Name of the company.
        company_dir: Its tracked configuration.
        source_dir: Its own files, never written to (except by the sample company's generator).
        state_dir: Everything generated for it.
        clock: Time that stands for now; None reads the clock.
        profile: Name of the company's profile that changes where its sources are; None takes company.yml as it is.
    """

    company: str
    company_dir: Path
    source_dir: Path
    state_dir: Path
    clock: datetime | None = None
    profile: str | None = None

    @classmethod
    def from_environment(cls, company: str | None = None, environ: Mapping[str, str] | None = None) -> "Workspace":
        """Resolve the folders from the CX_ variables.

        Defaults lie in the repository whatever the working directory; a relative path given in a variable
        is relative to the working directory, as in any shell.

        Args:
            company: Name of the company; None takes CX_COMPANY, then `sample`.
            environ: Environment; None takes the process's own.

        Raises:
            WorkspaceError: The company's name, CX_PROFILE or CX_CLOCK is malformed.
        """
        env = os.environ if environ is None else environ
        name = company or env.get("CX_COMPANY") or DEFAULT_COMPANY
        if not COMPANY_NAME.match(name):
            raise WorkspaceError(
                f"company name {name!r}: use a lower-case letter, then up to 30 of a-z, 0-9 and _"
                " (--company or CX_COMPANY)"
            )
        profile = env.get("CX_PROFILE") or None
        if profile is not None and not COMPANY_NAME.match(profile):
            raise WorkspaceError(f"profile {profile!r}: use a-z, 0-9 and _ (--profile or CX_PROFILE)")
        state_dir = _folder(env.get("CX_STATE_ROOT"), REPOSITORY / "data" / "state") / name
        return cls(
            company=name,
            company_dir=_folder(env.get("CX_COMPANY_DIR"), REPOSITORY / "data" / "companies" / name),
            source_dir=_folder(env.get("CX_SOURCE_DIR"), state_dir / "source"),
            state_dir=state_dir,
            clock=_parse_clock(env.get("CX_CLOCK")),
            profile=profile,
        )

    def now(self) -> datetime:
        """Now in UTC, aware: CX_CLOCK where it is set, otherwise the clock."""
        return self.clock or datetime.now(UTC)

    @property
    def profile_path(self) -> Path | None:
        """File of the profile."""
        return self.company_dir / "profiles" / f"{self.profile}.yml" if self.profile else None

    @property
    def landing_dir(self) -> Path:
        """Immutable Parquet, one folder per landing table and load."""
        return self.state_dir / "landing"

    @property
    def manifests_dir(self) -> Path:
        """One JSON per load; a load without one does not exist."""
        return self.landing_dir / "manifests"

    @property
    def quarantine_dir(self) -> Path:
        """Broken rows with their raw text: personal data, mode 0700."""
        return self.state_dir / "quarantine"

    @property
    def snapshots_dir(self) -> Path:
        """One JSON per pinned snapshot."""
        return self.state_dir / "snapshots"

    @property
    def warehouse_path(self) -> Path:
        """The private DuckDB file; its base name is the catalogue's name."""
        return self.state_dir / "warehouse" / "cx.duckdb"

    @property
    def history_dir(self) -> Path:
        """Copies of customer ids and earlier scores, should the warehouse be damaged."""
        return self.state_dir / "history"

    @property
    def lock_path(self) -> Path:
        """The one-writer lock."""
        return self.state_dir / "warehouse" / "lock"

    @property
    def dbt_dir(self) -> Path:
        """Everything that dbt generates."""
        return self.state_dir / "dbt"

    @property
    def dbt_project_dir(self) -> Path:
        """Folder that dbt runs in: links to the shared project and the company's SQL, generated sources."""
        return self.dbt_dir / "project"

    @property
    def dbt_target_dir(self) -> Path:
        """Dbt's target folder."""
        return self.dbt_dir / "target"

    @property
    def dbt_log_dir(self) -> Path:
        """Dbt's logs."""
        return self.dbt_dir / "logs"

    @property
    def models_dir(self) -> Path:
        """Trained models: text and JSON only."""
        return self.state_dir / "models"

    @property
    def published_dir(self) -> Path:
        """Checked generations and the links to the newest."""
        return self.state_dir / "published"

    @property
    def private_dirs(self) -> tuple[Path, ...]:
        """Folders that hold personal data or tell of it: for the owner's eyes only."""
        return (
            self.landing_dir,
            self.quarantine_dir,
            self.snapshots_dir,
            self.warehouse_path.parent,
            self.history_dir,
            self.dbt_dir,
            self.models_dir,
            self.dagster_dir,
        )

    @property
    def dagster_dir(self) -> Path:
        """Dagster's instance."""
        return self.state_dir / "dagster"


def memory_limit() -> str:
    """Memory that one engine may take, CX_MEMORY_LIMIT; beyond it the engine spills to disk."""
    return os.environ.get("CX_MEMORY_LIMIT", "4GB")


def _folder(value: str | None, default: Path) -> Path:
    return Path(value).expanduser().resolve() if value else default


def _parse_clock(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise WorkspaceError(f"CX_CLOCK {value!r}: use an ISO time such as 2024-05-01T06:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
