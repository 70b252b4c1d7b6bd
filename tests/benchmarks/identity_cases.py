"""Records whose customers are known: three public data sets and the sample company, in the platform's columns."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from cx_assets.identity.linkage.settings import LinkageSettings
from orchestration.ground.workspace import REPOSITORY

CASES = ("febrl3", "febrl4", "fake_1000", "sample_persons", "sample_companies")
SAMPLE_SCALE, SAMPLE_SEED = 0.005, 23


@dataclass(frozen=True)
class Case:
    """One data set.

    Attributes:
        name: One of CASES.
        records: One row per record, columns as standardise takes them.
        truth: Customer of each record_id.
        settings: Settings of this platform; nothing in them depends on the truth.
    """

    name: str
    records: pd.DataFrame
    truth: dict[str, str]
    settings: LinkageSettings


def public_folder() -> Path:
    """Folder of the public data sets: CX_ENTITY_RESOLUTION_DIR, or the data beside the project."""
    beside = REPOSITORY.parent / "shared" / "data" / "entity_resolution"
    return Path(os.environ.get("CX_ENTITY_RESOLUTION_DIR", beside))


def cases(names: tuple[str, ...] = CASES) -> Iterator[Case]:
    """The data sets, read or generated when their turn comes."""
    for name in names:
        if name.startswith("sample_"):
            with tempfile.TemporaryDirectory(prefix="cx-bench-identity-") as work:
                yield sample_case(name, Path(work), seed=SAMPLE_SEED)
        else:
            yield _fake_1000() if name == "fake_1000" else _febrl(name)


def _febrl(name: str) -> Case:
    files = {"febrl3": ["dataset3.csv"], "febrl4": ["dataset4a.csv", "dataset4b.csv"]}[name]
    parts = []
    for file in files:
        rows = pd.read_csv(public_folder() / file, skipinitialspace=True, dtype=str)
        street = (rows["street_number"].fillna("") + " " + rows["address_1"].fillna("")).str.strip()
        parts.append(
            pd.DataFrame(
                {
                    "record_id": rows["rec_id"],
                    "source_system": Path(file).stem,
                    "given_name": rows["given_name"],
                    "family_name": rows["surname"],
                    "birth_date": rows["date_of_birth"],
                    "tax_number": rows["soc_sec_id"],
                    "street_address": street.where(street != ""),
                    "postal_code": rows["postcode"],
                    "city": rows["suburb"],
                    "country_code": "AU",
                }
            )
        )
    records = pd.concat(parts, ignore_index=True)
    truth = dict(zip(records["record_id"], records["record_id"].str.extract(r"^rec-(\d+)-")[0], strict=True))
    lone = tuple(Path(file).stem for file in files) if len(files) > 1 else ()
    return Case(name, records, truth, LinkageSettings(default_country="AU", sources_without_duplicates=lone))


def _fake_1000() -> Case:
    rows = pd.read_csv(public_folder() / "fake_1000.csv", dtype=str)
    names = {"unique_id": "record_id", "first_name": "given_name", "surname": "family_name", "dob": "birth_date"}
    records = rows.rename(columns=names).drop(columns="cluster").assign(source_system="fake_1000")
    return Case(
        "fake_1000",
        records,
        dict(zip(rows["unique_id"], rows["cluster"], strict=True)),
        LinkageSettings(default_country="GB"),
    )


def sample_case(name: str, work: Path, *, seed: int) -> Case:
    """Persons or companies of a sample company made for this."""
    from cx_assets.sample_company import generate
    from tests.cx_assets.sample_company.staged import staged_records

    generate(work / "files", scale=SAMPLE_SCALE, seed=seed, truth=work / "truth")
    kind = "person" if name == "sample_persons" else "company"
    records = staged_records(work / "files")
    records = records[records["customer_type"] == kind].reset_index(drop=True)
    customers = duckdb.sql(f"from '{work / 'truth' / 'record_customer.parquet'}'").df()
    known = customers.set_index("record_id")["true_customer_id"]
    truth = {record: known[record] for record in records["record_id"]}
    return Case(name, records, truth, LinkageSettings(customer_type=kind))
