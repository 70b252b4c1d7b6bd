"""dbt as a child process: its environment, its manifest, its invocation. The models live in dbt_project/."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from packaging import version

from cx_assets.contracts import load_contracts
from orchestration.company import Company, CompanyError, landing_sources_yaml
from orchestration.workspace import REPOSITORY, Workspace

PROJECT_DIR = REPOSITORY / "dbt_project"
LINKED = ("dbt_project.yml", "profiles.yml", "macros", "models", "tests")
PARSE_FINGERPRINT = "parse_fingerprint"


class ChildDbt(DbtCliResource):
    """dagster-dbt's resource with three costs taken out.

    `dbt --version` before every call costs two seconds, and an adapter in this process costs half a second and keeps
    the DuckDB file open; metadata is read from the warehouse itself afterwards (see dbt_metadata.py).
    """

    @property
    def _cli_version(self) -> version.Version:
        return version.parse(installed_dbt_version())

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None


def installed_dbt_version() -> str:
    """Version of dbt-core in this environment, without starting it."""
    return metadata.version("dbt-core")


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
        "CX_DBT_STAGING_MODELS": json.dumps(staging, sort_keys=True),
        "CX_DBT_LANDING_TABLES": json.dumps([item.landing_name for item in company.tables()]),
        "CX_DBT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "CX_WAREHOUSE_PATH": str(workspace.warehouse_path),
        "CX_PARENT_PID": str(os.getpid()),
        "DBT_TARGET_PATH": str(workspace.dbt_target_dir),
        "DBT_LOG_PATH": str(workspace.dbt_log_dir),
        "DBT_PROFILES_DIR": str(workspace.dbt_project_dir),
        "DBT_PROJECT_DIR": str(workspace.dbt_project_dir),
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


def link_project(workspace: Workspace, company: Company) -> Path:
    """The folder that dbt runs in: links to the shared project and the company's staging SQL, generated sources.

    dbt would write the compiled SQL of a model path outside its project over the model itself; behind a link inside the
    project it does not.
    """
    folder = workspace.dbt_project_dir
    generated = folder / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "_landing__sources.yml").write_text(landing_sources_yaml(company), encoding="utf-8")
    links = {name: PROJECT_DIR / name for name in LINKED} | {"staging": workspace.company_dir / "staging"}
    for name, destination in links.items():
        link = folder / name
        if link.is_symlink() and link.readlink() == destination:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(destination)
    return folder


def ensure_manifest(workspace: Workspace, company: Company, env: Mapping[str, str]) -> Path:
    """The parsed project of this company; parses only when SQL, YAML or configuration changed (four seconds).

    Raises:
        CompanyError: dbt refuses the project; its message names the file.
    """
    project_dir = link_project(workspace, company)
    manifest = workspace.dbt_target_dir / "manifest.json"
    told = {key: value for key, value in env.items() if key != "CX_PARENT_PID"}
    fingerprint = hashlib.sha256(
        json.dumps([told, installed_dbt_version()], sort_keys=True).encode()
        + _tree_hash([PROJECT_DIR, workspace.company_dir, project_dir / "generated"]).encode()
    ).hexdigest()
    marker = workspace.dbt_target_dir / PARSE_FINGERPRINT
    if manifest.exists() and marker.exists() and marker.read_text(encoding="utf-8") == fingerprint:
        return manifest
    shutil.rmtree(workspace.dbt_target_dir, ignore_errors=True)
    workspace.dbt_target_dir.mkdir(parents=True, exist_ok=True)
    outcome = subprocess.run(
        [dbt_executable(), "--quiet", "--no-use-colors", "parse"],
        cwd=project_dir,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise CompanyError(f"dbt cannot parse the models of company {company.name}:\n{outcome.stdout.strip()}")
    marker.write_text(fingerprint, encoding="utf-8")
    return manifest
