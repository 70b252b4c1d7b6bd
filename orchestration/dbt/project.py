"""dbt in this process: its environment, its parsed project, its invocations. The models live in dbt_project/.

dbt runs by its own programmatic interface instead of as a child: importing dbt and reading the parsed project costs
four seconds a start, and a run starts it three times. It also leaves no orphan that keeps the DuckDB file when a run is
killed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.events.functions import msg_to_dict

from orchestration.dbt.sources import source_files
from orchestration.declaration.company import Company, CompanyError
from orchestration.declaration.staging_check import check_staging
from orchestration.ground.durable import DamagedStateError, file_sha256, read_document, write_document
from orchestration.ground.faults import boundary
from orchestration.ground.sql_errors import told
from orchestration.ground.workspace import REPOSITORY, Workspace

PROJECT_DIR = REPOSITORY / "dbt_project"
LINKED = ("dbt_project.yml", "profiles.yml", "macros", "models", "tests")
PARSE_CACHE = "partial_parse.msgpack"
RESULT_EVENTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"}


class DbtBuildError(RuntimeError):
    """A model or a blocking test failed; the message names them as dbt does."""


@dataclass(frozen=True)
class ParsedProject:
    """The shared project with one company's staging SQL, parsed.

    Attributes:
        project_dir: Folder of links that dbt runs in.
        manifest_path: manifest.json for dagster-dbt.
        manifest: dbt's own object, handed to every invocation so that none parses again.
        fingerprint: Hash of the code and of the company's mapping at the moment of parsing: what will run, even if a
            file is edited meanwhile.
    """

    project_dir: Path
    manifest_path: Path
    manifest: Any
    fingerprint: str

    def nodes(self) -> dict[str, Any]:
        """manifest.json as a dictionary, read once; nobody changes it."""
        return self._document

    def with_nodes(self, document: dict[str, Any]) -> ParsedProject:
        """The same project, told otherwise to Dagster; of it dbt's own manifest takes over the tags alone."""
        for name, node in document["nodes"].items():
            self.manifest.nodes[name].tags = list(node["tags"])
        made = dataclasses.replace(self)
        made.__dict__["_document"] = document
        return made

    @cached_property
    def _document(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        return loaded


@dataclass(frozen=True)
class BuildOutcome:
    """What one `dbt build` did: Dagster events of what ran, and the error that ended it, if any."""

    events: list[Any]
    error: DbtBuildError | None


def _tree_hash(folders: list[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".sql", ".yml", ".yaml", ".csv", ".py"}:
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _rooms_of_a_run() -> list[Path]:
    packages = [path for name in ("cx_assets", "orchestration") for path in (REPOSITORY / name).iterdir()]
    apart = ("cli", "proposal", "sample", "__pycache__")
    return sorted(path for path in packages if path.is_dir() and not path.name.startswith(apart))


def project_fingerprint(workspace: Workspace) -> str:
    """Hash of what decides what is published: models, macros, domain, orchestration, company.yml and staging SQL.

    Another one makes a run that publishes; what it builds anew is told stage by stage (`fingerprints`). The command
    line, the generator and `cx init` make no row and are left out.

    Forced matches are left out: identity handles their change as it handles new records.
    """
    code = _tree_hash([PROJECT_DIR, *_rooms_of_a_run()])
    settings = (workspace.company_dir / "company.yml").read_bytes()
    return hashlib.sha256(
        code.encode() + settings + _tree_hash([workspace.company_dir / "staging"]).encode()
    ).hexdigest()[:16]


def link_project(workspace: Workspace, company: Company) -> Path:
    """The folder that dbt runs in: links to the shared project and the company's staging SQL, generated sources.

    dbt would write the compiled SQL of a model path outside its project over the model itself; behind a link inside the
    project it does not.
    """
    folder = workspace.dbt_project_dir
    generated = folder / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    for name, text in source_files(company).items():
        sources = generated / name
        if not sources.exists() or sources.read_text(encoding="utf-8") != text:
            sources.write_text(text, encoding="utf-8")
    links = {name: PROJECT_DIR / name for name in LINKED} | {"staging": workspace.company_dir / "staging"}
    for name, destination in links.items():
        link = folder / name
        if link.is_symlink() and link.readlink() == destination:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(destination)
    return folder


def _arguments(project_dir: Path, target: Path) -> list[str]:
    folder = str(project_dir)
    return [
        *("--project-dir", folder, "--profiles-dir", folder, "--target-path", str(target)),
        *("--log-path", str(target), "--log-level", "none", "--no-use-colors", "--no-version-check"),
    ]


def parse_project(workspace: Workspace, company: Company) -> ParsedProject:
    """Parse the shared project with the company's staging SQL; only what changed since the last time is read.

    Raises:
        CompanyError: The staging SQL names what is not there, or dbt refuses the project; the message names the file.
    """
    check_staging(company)
    project_dir = link_project(workspace, company)
    fingerprint = project_fingerprint(workspace)
    target = workspace.dbt_target_dir
    _drop_damaged_cache(target)
    outcome = dbtRunner().invoke(["parse", *_arguments(project_dir, target)])
    if not outcome.success:
        raise CompanyError(f"dbt cannot parse the models of company {company.name}:\n{outcome.exception}")
    cache = target / PARSE_CACHE
    if cache.is_file():
        write_document(cache.with_suffix(".json"), {"sha256": file_sha256(cache)})
    return ParsedProject(project_dir, target / "manifest.json", outcome.result, fingerprint)


def _drop_damaged_cache(target: Path) -> None:
    """Let dbt parse all anew where what it kept is not what it wrote: it would believe a changed query."""
    cache = target / PARSE_CACHE
    try:
        is_whole = read_document(cache.with_suffix(".json"), "parsed anew").get("sha256") == file_sha256(cache)
    except (DamagedStateError, OSError):
        is_whole = False
    if not is_whole:
        cache.unlink(missing_ok=True)


@contextmanager
def _released_warehouse() -> Iterator[None]:
    """Dbt keeps its DuckDB connection for the next invocation; the Python steps need the file."""
    try:
        yield
    finally:
        DuckDBConnectionManager.close_all_connections()


def build_models(
    project: ParsedProject,
    context: dg.AssetExecutionContext,
    translator: DagsterDbtTranslator,
    *,
    target: Path,
    is_full_refresh: bool,
) -> BuildOutcome:
    """`dbt build` of the models and tests that the Dagster step selects. Unit tests judge SQL, not data: left to CI.

    Tests are selected by name, each in the stage of its last parent: exactly once over the stages.

    Args:
        project: The parsed project.
        context: Step of a @dbt_assets definition; its selection, or part of it, is built.
        translator: How nodes show in Dagster.
        target: Folder for dbt's artifacts of this step.
        is_full_refresh: Build incremental models anew.
    """
    manifest = project.nodes()
    chosen = get_updated_cli_invocation_params_for_context(context, manifest, translator)
    # A whole stage names its tests, and none comes along by itself; a part of it goes by what Dagster asks for.
    is_whole = context.selected_asset_keys == context.assets_def.keys
    indirect = chosen.indirect_selection or ("empty" if is_whole else "buildable")
    arguments = ["build", "--indirect-selection", indirect, "--exclude-resource-type", "unit_test"]
    arguments += ["--full-refresh"] if is_full_refresh else []
    raw: list[dict[str, Any]] = []

    def keep(message: Any) -> None:
        if message.info.level in {"info", "warn", "error"}:
            print(re.sub(r"'[^']*'", "'...'", message.info.msg), flush=True)
        if message.info.name in RESULT_EVENTS:
            raw.append(msg_to_dict(message))
            boundary(f"mid_dbt:{message.data.node_info.node_name}")

    # dbt would write the whole manifest, which parsing has written already, once more after every stage.
    arguments.append("--no-write-json")
    with _released_warehouse():
        outcome = dbtRunner(manifest=project.manifest, callbacks=[keep]).invoke(
            [*arguments, *chosen.selection_args, *_arguments(project.project_dir, target)]
        )
    if isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(target / "run_results.json"))
    return BuildOutcome(
        list(_dagster_events(raw, manifest, context, translator, target)), _error(outcome, project.project_dir)
    )


def _dagster_events(
    raw: list[dict[str, Any]],
    manifest: Mapping[str, Any],
    context: dg.AssetExecutionContext,
    translator: DagsterDbtTranslator,
    target: Path,
) -> Iterator[Any]:
    for event in raw:
        message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
        yield from message.to_default_asset_events(manifest, translator, context, target, None)


def _error(outcome: dbtRunnerResult, project_dir: Path) -> DbtBuildError | None:
    if outcome.success:
        return None
    if outcome.exception is not None:
        return DbtBuildError(f"dbt ended with {type(outcome.exception).__name__}.")
    failed = [
        told(result.node.name, str(result.message), (project_dir / result.node.original_file_path).resolve())
        for result in getattr(outcome.result, "results", [])
        if str(result.status) in {"error", "fail", "runtime error"}
    ]
    return DbtBuildError("dbt build failed. " + "; ".join(failed))
