"""What Dagster loads: the Definitions of the company that the environment names, collected by defs/collection."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.dbt.parameters import environment
from orchestration.dbt.project import parse_project
from orchestration.defs.collection import build_definitions
from orchestration.runs.site import Site


def load() -> dg.Definitions:
    """Definitions from the environment, with dbt's environment set and its project parsed."""
    site = Site.from_environment()
    os.environ.update(environment(site.workspace, site.company))
    return build_definitions(site, parse_project(site.workspace, site.company))


defs = load()
