"""What manifests count and what their files hold: one row of aggregates a table, for the border of landings."""

from collections.abc import Sequence

import pandas as pd
import pyarrow.parquet as pq

from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest, Part
from orchestration.landing.loads.manifests import current_parts, of_table

MIN_JUDGED_ROWS = 100
_BROKEN_SHARE = 0.5
"""Of a file's rows: more refused ones are no mistyped row or two, but another file than was declared."""


def landing_aggregates(
    workspace: Workspace, manifests: Sequence[Manifest], landing_name: str, *, published_sequence: int = 0
) -> pd.DataFrame:
    """What the manifests of a table count, and what its Parquet files hold; one row, also without loads.

    Returns:
        landed_count (stated rows of the current loads), parquet_count (rows in their files), difference_count
        (differences file by file, so that two cannot cancel out), quarantined_share (the worst among the loads that no
        publication holds yet, so that a good load does not hide a bad one before it; a file that landed again, fixed,
        takes its earlier landing out. Below MIN_JUDGED_ROWS rows a share is taken of that many: one bad row of three
        is no broken source; but a file of which more than half is refused counts as it is, whatever its size).
    """
    loads = of_table(current_parts(manifests), landing_name)
    stated = [part.landed for load in loads for part in load.parts]
    found = [pq.read_metadata(workspace.state_dir / file.path).num_rows for file in stated]
    newest_landing = {part.source.path: load.sequence for load in loads for part in load.parts}
    shares = [
        _refused_share(parts, is_of_files=load.is_of_files)
        for load in loads
        if load.sequence > published_sequence
        and (parts := [part for part in load.parts if newest_landing[part.source.path] == load.sequence])
    ]
    return pd.DataFrame(
        {
            "landed_count": [sum(file.rows for file in stated)],
            "parquet_count": [sum(found)],
            "difference_count": [sum(abs(file.rows - rows) for file, rows in zip(stated, found, strict=True))],
            "quarantined_share": [max(shares, default=0.0)],
        }
    )


def _refused_share(parts: Sequence[Part], *, is_of_files: bool) -> float:
    """Share of refused rows of a load; see `landing_aggregates`. Of few pulled rows, all may be bad."""
    rows = sum(part.landed.rows + part.quarantined_count for part in parts)
    share = sum(part.quarantined_count for part in parts) / max(rows, MIN_JUDGED_ROWS)
    files = [part.quarantined_count / (part.landed.rows + part.quarantined_count) for part in parts if part.quarantined]
    return max([share, *(one for one in files if one > _BROKEN_SHARE and is_of_files)])
