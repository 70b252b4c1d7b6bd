"""dbt as a child process: its environment, its manifest, its invocation. The models live in dbt_project/."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from dagster_dbt.dbt_core_version import __version__ as tested_dbt_version
from packaging import version

from cx_assets.contracts import load_contracts
from orchestration.company import Company, landing_sources_yaml
from orchestration.workspace import REPOSITORY, Workspace

PROJECT_DIR = REPOSITORY / "dbt_project"
PARSE_FINGERPRINT = "parse_fingerprint"


class DbtParseError(RuntimeError):
    """The dbt project with this company's staging SQL does not parse; the message is dbt's own."""


class ChildDbt(DbtCliResource):
    """dagster-dbt's resource with three costs taken out.

    `dbt --version` before every call costs two seconds, and an adapter in this process costs half a second and keeps
    the DuckDB file open; metadata is read from the warehouse itself afterwards (see dbt_metadata.py).
    """

    @property
    def _cli_version(self) -> version.Version:  # type: ignore[override]
        return version.parse(installed_dbt_version())

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None


def installed_dbt_version() -> str:
    """Version of dbt-core in this environment, without starting it."""
    from importlib.metadata import version as installed

    return installed("dbt-core")


def dbt_executable() -> str:
    """The launcher that ends dbt with its parent, installed beside this interpreter."""
    return str(Path(sys.executable).with_name("cx-dbt"))


def environment(workspace: Workspace, company: Company) -> dict[str, str]:
    """Environment variables by which dbt knows the company; none of them holds a credential."""
    staging = {entity: company.staging_models().get(entity, []) for entity in load_contracts()}
    parameters = {
        "time_zone": company.time_zone,
        "currency_code": company.currency_code,
        "country_code": company.country_code,
        "minimum_answers": company.minimum_answers,
        "max_quarantined_share": company.max_quarantined_share,
        "churn_horizon_days": company.churn.horizon_days,
        "churn_eligible_days": company.churn.eligible_days,
        "churn_training_cuts": company.churn.training_cuts,
    }
    return {
        "CX_DBT_STAGING_DIR": str(workspace.company_dir / "staging"),
        "CX_DBT_GENERATED_DIR": str(workspace.dbt_generated_dir),
        "CX_DBT_STAGING_MODELS": json.dumps(staging, sort_keys=True),
        "CX_DBT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "CX_WAREHOUSE_PATH": str(workspace.warehouse_path),
        "CX_PARENT_PID": str(os.getpid()),
        "DBT_TARGET_PATH": str(workspace.dbt_target_dir),
        "DBT_LOG_PATH": str(workspace.dbt_log_dir),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }


def _tree_hash(folders: list[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".sql", ".yml", ".yaml", ".csv", ".py"}:
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Hash of the code that decides what is published: models, macros, the domain, the orchestration."""
    return _tree_hash([PROJECT_DIR, REPOSITORY / "cx_assets", REPOSITORY / "orchestration"])[:16]


def ensure_manifest(workspace: Workspace, company: Company, env: Mapping[str, str]) -> Path:
    """The parsed project of this company; parses only when SQL, YAML or configuration changed (four seconds).

    Raises:
        DbtParseError: dbt refuses the project; its message names the file.
    """
    generated = workspace.dbt_generated_dir / "_landing__sources.yml"
    workspace.dbt_generated_dir.mkdir(parents=True, exist_ok=True)
    generated.write_text(landing_sources_yaml(company), encoding="utf-8")
    manifest = workspace.dbt_target_dir / "manifest.json"
    told = {key: value for key, value in env.items() if key != "CX_PARENT_PID"}
    fingerprint = hashlib.sha256(
        json.dumps([told, installed_dbt_version(), str(tested_dbt_version)], sort_keys=True).encode()
        + _tree_hash([PROJECT_DIR, workspace.company_dir, workspace.dbt_generated_dir]).encode()
    ).hexdigest()
    marker = workspace.dbt_target_dir / PARSE_FINGERPRINT
    if manifest.exists() and marker.exists() and marker.read_text(encoding="utf-8") == fingerprint:
        return manifest
    shutil.rmtree(workspace.dbt_target_dir, ignore_errors=True)
    workspace.dbt_target_dir.mkdir(parents=True, exist_ok=True)
    outcome = subprocess.run(
        [dbt_executable(), "--quiet", "--no-use-colors", "parse"],
        cwd=PROJECT_DIR,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise DbtParseError(
            f"dbt cannot parse the models of company {company.name}:\n{outcome.stdout.strip()}"
        )
    marker.write_text(fingerprint, encoding="utf-8")
    return manifest
