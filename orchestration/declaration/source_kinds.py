"""What tables of each kind of source are like: all that the landing needs to know of a kind before it is opened.

How a kind is declared is in `connections`, how it is read in `connectors`.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Capabilities:
    """What a kind of source can do.

    Attributes:
        place: Field of a table that says where it lies: files have a path, rows are pulled by relation or endpoint.
        is_local: Whether its files lie below the source folder and are read where they are.
        is_of_one_moment: Whether all answers between opening and closing are of one moment. Otherwise a row may come
            twice, and totals are of a later moment than rows.
        pulled_format: How its rows come: csv with all columns, or jsonl, where a record may leave fields out.
    """

    place: Literal["path", "relation", "endpoint"]
    is_local: bool = False
    is_of_one_moment: bool = True
    pulled_format: Literal["csv", "jsonl"] = "csv"

    @property
    def is_of_files(self) -> bool:
        """Whether its tables are files, wherever they lie."""
        return self.place == "path"


CAPABILITIES: dict[str, Capabilities] = {
    "files": Capabilities("path", is_local=True),
    "object_storage": Capabilities("path"),
    "postgres": Capabilities("relation"),
    "mysql": Capabilities("relation"),
    "http": Capabilities("endpoint", is_of_one_moment=False, pulled_format="jsonl"),
}
"""By kind of connection."""
