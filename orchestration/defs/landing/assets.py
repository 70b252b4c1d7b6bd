"""Landing assets, one per source table."""

import datetime as dt

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.defs.area import Frame
from orchestration.landing.extraction import extract_table
from orchestration.landing.pulls.window import PullWindow
from orchestration.runs.site import Site


class LandingConfig(dg.Config):
    """Which rows of a table a run pulls, instead of its usual window; files know no window.

    Attributes:
        reload: Full refresh: pull all rows; only differences land.
        low, high: ISO dates or times of a backfill, high excluded; a date is its midnight in UTC.
    """

    reload: bool = False
    low: str | None = None
    high: str | None = None

    def window(self) -> PullWindow:
        """For the extraction."""
        return PullWindow(self.reload, _moment(self.low), _moment(self.high))


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def landing_key(table: LandingTable) -> dg.AssetKey:
    """Address of a source table's landing."""
    return dg.AssetKey(["landing", table.landing_name])


def landing_asset(company: Company, item: LandingTable) -> dg.AssetsDefinition:
    """The asset that lands one source table."""
    table = item.table

    @dg.asset(
        key=landing_key(item),
        group_name=f"landing_{item.source_name}",
        description=table.description,
        owners=[company.sources[item.source_name].owner or company.owner],
        kinds={item.format if item.is_of_files else item.kind, "parquet"},
        metadata={
            "address": item.address,
            "kind": item.kind,
            "format": item.format,
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, column.type, column.description) for name, column in table.columns.items()]
            ),
        },
    )
    def landed(
        context: AssetExecutionContext, config: LandingConfig, site: dg.ResourceParam[Site]
    ) -> MaterializeResult:
        result = extract_table(
            site.company, item.source_name, item.table_name, site.workspace, now=site.now(), window=config.window()
        )
        context.log.info(result.message)
        return MaterializeResult(metadata=result.metadata())

    return landed


def build_defs(frame: Frame) -> dg.Definitions:
    """An asset for every table of every source."""
    return dg.Definitions(assets=[landing_asset(frame.site.company, table) for table in frame.site.company.tables()])
