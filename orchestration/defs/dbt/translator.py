"""How dbt nodes show in Dagster: key [schema, table], group layer_domain, owner, kinds."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestration.dbt.model_words import description_of
from orchestration.defs.dbt.descriptions import data_test_description

DEFAULT_OWNER = "team:customer-data"
LAYERS = {"intermediate": "int"}
"""What a layer's groups are called, where that is not the folder's name."""
SNAPSHOT_KEY = dg.AssetKey(["run", "snapshot"])


class CxTranslator(DagsterDbtTranslator):
    """Addresses and groups of the house style."""

    def __init__(self) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """[schema, table]: the physical address."""
        declared = dbt_resource_props.get("meta", {}).get("dagster", {}).get("asset_key")
        if declared:
            return dg.AssetKey(declared)
        name = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """A staging model also waits for the snapshot, which pins what its landing views show."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.split(".")[-1].startswith("stg_"):
            return spec.merge_attributes(deps=[SNAPSHOT_KEY])
        return spec

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """A dbt test as a check that says what must hold."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=data_test_description(manifest["nodes"][unique_id]))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """layer_domain, from the model's folder; a company's staging model goes with its source."""
        name = dbt_resource_props["name"]
        if name.startswith("stg_"):
            return f"staging_{name.removeprefix('stg_').split('__')[0]}"
        _, layer, *folders, _ = dbt_resource_props["fqn"]
        return "_".join([LAYERS.get(layer, layer), *folders[:1]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The grain, alone: what Dagster's catalogue shows in one line. The SQL stands beside it, as metadata."""
        return description_of(dbt_resource_props)

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """What dagster-dbt tells, and the model's SQL."""
        told = super().get_metadata(dbt_resource_props)
        code = dbt_resource_props.get("raw_code")
        return {**told, "sql": dg.MetadataValue.md(f"```sql\n{code}\n```")} if code else told

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """The owner that the model's meta names, or the team that owns the warehouse."""
        return [dbt_resource_props.get("meta", {}).get("owner") or DEFAULT_OWNER]
