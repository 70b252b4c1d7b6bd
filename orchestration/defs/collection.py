"""Collects the definitions of every area; `orchestration.definitions` loads them for Dagster."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from types import ModuleType

import dagster as dg

from orchestration import defs as areas
from orchestration.dbt.project import ParsedProject
from orchestration.defs.area import Frame
from orchestration.runs.progress import progress_logger
from orchestration.runs.site import Site, warehouse_resource


def area_modules() -> list[ModuleType]:
    """Modules of the areas that define something, by turn and name."""
    found = sorted(module.name for module in pkgutil.walk_packages(areas.__path__, f"{areas.__name__}."))
    modules = [importlib.import_module(name) for name in found if name.rpartition(".")[0] != areas.__name__]
    return sorted((made for made in modules if hasattr(made, "build_defs")), key=lambda made: getattr(made, "TURN", 0))


def build_definitions(site: Site, project: ParsedProject) -> dg.Definitions:
    """Definitions of one company.

    Args:
        site: The company.
        project: dbt's parsed project for it.
    """
    frame = Frame(site, project)
    built = []
    for module in area_modules():
        made: dg.Definitions = module.build_defs(frame)
        built.append(made)
        assets = [asset for asset in made.assets or () if isinstance(asset, dg.AssetsDefinition)]
        checked = [*assets, *(made.asset_checks or ())]
        declared = {("/".join(key.asset_key.path), key.name) for part in checked for key in part.check_keys}
        modules = {key: module.__name__ for asset in assets for key in asset.keys}
        frame = dataclasses.replace(
            frame,
            assets=(*frame.assets, *assets),
            modules={**frame.modules, **modules},
            checks=frame.checks | declared,
        )
    return dg.Definitions.merge(
        *built,
        dg.Definitions(
            resources={"site": site, "warehouse": warehouse_resource(site)},
            executor=dg.in_process_executor,
            loggers={"console": progress_logger},
        ),
    )
