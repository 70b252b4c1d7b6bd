"""What Dagster loads: the Definitions of the company that the environment names, put together in defs/assembly."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.dbt_project import environment, parse_project
from orchestration.defs.assembly import build_definitions
from orchestration.site import Site


def load() -> dg.Definitions:
    """Definitions from the environment, with dbt's environment set and its project parsed."""
    site = Site.from_environment()
    os.environ.update(environment(site.workspace, site.company))
    return build_definitions(site, parse_project(site.workspace, site.company))


defs = load()
