"""What Dagster loads: the Definitions of the company that the environment names, put together in defs/assembly."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.dbt_project import ensure_manifest, environment
from orchestration.defs.assembly import build_definitions
from orchestration.site import Site


def load() -> dg.Definitions:
    """Definitions from the environment, with dbt's environment set and its project parsed."""
    site = Site.from_environment()
    variables = environment(site.workspace, site.company)
    os.environ.update(variables)
    return build_definitions(site, ensure_manifest(site.workspace, site.company, variables))


defs = load()
