"""The two CRM systems' files: `crm` as German CSV of contacts and merges, `service_crm` as JSON Lines in UTC."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import chosen, decode, filled, formatted, joined, whole
from cx_assets.sample_company.files import csv_lines, json_lines, write_lines
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.timeline import DAY, Ints, stream, to_utc

_LOCAL = "%d.%m.%Y %H:%M:%S"
_ISO = "%Y-%m-%dT%H:%M:%S"


def _birth(table: pa.Table, pattern: str) -> pa.Array:
    days = whole(table["birth_day"])
    missing = days.is_null().to_numpy(zero_copy_only=False)
    return formatted(days.fill_null(0).to_numpy() * DAY, pattern, missing)


def _seconds(table: pa.Table, column: str) -> Ints:
    return table[column].to_numpy()


def _crm_columns(table: pa.Table) -> dict[str, pa.Array]:
    kind = decode(["P", "F"], whole(table["is_company"]).cast(pa.int8()).to_numpy())
    consent = pc.if_else(whole(table["consent"]), "J", "N")
    company = whole(table["company"])
    return {
        "kontakt_nr": whole(table["number"]),
        "karten_nr": whole(table["card"]),
        "art": kind,
        "vorname": whole(table["given"]),
        "nachname": whole(table["family"]),
        "firma": joined('"', company, '"'),
        "email": whole(table["email"]),
        "telefon": whole(table["phone"]),
        "ust_id": whole(table["tax"]),
        "geburtsdatum": _birth(table, "%d.%m.%Y"),
        "strasse": whole(table["street"]),
        "plz": whole(table["postal_code"]),
        "ort": whole(table["city"]),
        "bundesland": whole(table["region"]),
        "land": whole(table["country"]),
        "sprache": whole(table["language"]),
        "werbung": consent,
        "angelegt_am": formatted(_seconds(table, "created"), _LOCAL),
        "geaendert_am": formatted(_seconds(table, "updated"), _LOCAL),
    }


def write_crm(target: Path, table: pa.Table, seed: int, older_share: float, broken: defects.Defects) -> int:
    """Write `crm/contacts.csv`, sorted by the random contact number, some contacts also in an older version.

    Returns:
        Number of older versions.
    """
    mine = table.filter(pc.and_(pc.equal(table["system"], 0), pc.invert(table["is_merged"])))
    mine = mine.take(pc.sort_indices(mine["number"]))
    columns = _crm_columns(mine)
    lines = csv_lines(columns)
    was_changed = _seconds(mine, "updated") > _seconds(mine, "created")
    older_rows = np.flatnonzero(was_changed & (stream(seed, "older versions").random(len(lines)) < older_share))
    older = dict(columns) | {"strasse": whole(mine["older_street"]), "geaendert_am": columns["angelegt_am"]}
    older_lines = csv_lines({name: values.take(pa.array(older_rows)) for name, values in older.items()})
    places = np.concatenate([np.arange(len(lines)), older_rows - 0.5])
    lines = pa.concat_arrays([lines, older_lines]).take(pa.array(np.argsort(places, kind="stable")))
    kinds = {
        "cut_off_line": defects.cut_off,
        "surplus_fields": defects.surplus_fields,
        "impossible_date": defects.replaced(17, "31.02.2025 10:15:00"),
        "text_in_date": defects.replaced(18, "unbekannt"),
    }
    write_lines(target / "crm" / "contacts.csv", ";".join(columns), broken.lines("crm__contacts", lines, kinds))
    return len(older_rows)


def write_merges(target: Path, records: Records, broken: defects.Defects) -> int:
    """Write `crm/merges.csv`, in order of time: which contact number gave way to which.

    Returns:
        Number of listed merges.
    """
    listed = np.flatnonzero(records.is_listed)
    listed = listed[np.argsort(records.merged_at[listed], kind="stable")]
    columns = {
        "alte_nr": records.number.take(pa.array(listed)),
        "neue_nr": records.number.take(pa.array(records.merged_into[listed])),
        "zusammengefuehrt_am": formatted(records.merged_at[listed], _LOCAL),
    }
    kinds = {"cut_off_line": defects.cut_off, "text_in_date": defects.replaced(2, "unbekannt")}
    lines = broken.lines("crm__merges", csv_lines(columns), kinds)
    write_lines(target / "crm" / "merges.csv", ";".join(columns), lines)
    return len(listed)


def write_service_crm(target: Path, table: pa.Table, broken: defects.Defects) -> None:
    """Write `service_crm/persons.jsonl`, sorted by the random id."""
    mine = table.filter(pc.equal(table["system"], 1))
    mine = mine.take(pc.sort_indices(mine["number"]))
    is_company = whole(mine["is_company"])
    given, family = whole(mine["given"]), whole(mine["family"])
    columns = {
        "id": whole(mine["number"]),
        "type": chosen(is_company.to_numpy(zero_copy_only=False), *_types(len(mine))),
        "first_name": given,
        "last_name": family,
        "company": whole(mine["company"]),
        "mail": whole(mine["email"]),
        "tel": whole(mine["phone"]),
        "tax_no": whole(mine["tax"]),
        "born": _birth(mine, "%Y-%m-%d"),
        "address": joined(whole(mine["street"]), ", ", filled(whole(mine["postal_code"])), " ", whole(mine["city"])),
        "zip": whole(mine["postal_code"]),
        "city": whole(mine["city"]),
        "country": whole(mine["country"]),
        "lang": whole(mine["language"]),
        "opt_in": whole(mine["consent"]),
        "created_at": formatted(to_utc(_seconds(mine, "created")), _ISO),
        "updated_at": formatted(to_utc(_seconds(mine, "updated")), _ISO),
    }
    kinds = {
        "cut_off_json": defects.cut_off,
        "impossible_date": defects.json_value("created_at", '"2025-13-45T10:00:00"'),
        "text_in_boolean": defects.json_value("opt_in", '"vielleicht"'),
    }
    lines = broken.lines("service_crm__persons", json_lines(columns), kinds)
    write_lines(target / "service_crm" / "persons.jsonl", None, lines)


def _types(count: int) -> tuple[pa.Array, pa.Array]:
    return pa.array(["organisation"] * count), pa.array(["person"] * count)
