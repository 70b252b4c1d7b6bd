"""SQL for values that are not yet what a contract wants: what companies' files hold again and again."""

from collections.abc import Sequence

from orchestration.ground.sql_text import literal
from orchestration.proposal.observed import ObservedColumn, ObservedTable

COUNTRIES = {
    "AT": "austria österreich oesterreich", "AU": "australia australien", "BE": "belgium belgien",
    "BG": "bulgaria bulgarien", "BR": "brazil brasilien", "CA": "canada kanada", "CH": "switzerland schweiz",
    "CN": "china", "CY": "cyprus zypern", "CZ": "czechia|czech republic|tschechien", "DE": "germany deutschland",
    "DK": "denmark dänemark daenemark", "EE": "estonia estland", "ES": "spain spanien", "FI": "finland finnland",
    "FR": "france frankreich", "GB": "united kingdom|uk|great britain|england|vereinigtes königreich|großbritannien",
    "GR": "greece griechenland", "HK": "hong kong|hongkong", "HR": "croatia kroatien", "HU": "hungary ungarn",
    "IE": "ireland|irland|eire", "IL": "israel", "IN": "india indien", "IS": "iceland island", "IT": "italy italien",
    "JP": "japan", "KR": "south korea|südkorea", "LI": "liechtenstein", "LT": "lithuania litauen",
    "LU": "luxembourg luxemburg", "LV": "latvia lettland", "MT": "malta", "MX": "mexico mexiko",
    "NL": "netherlands|the netherlands|niederlande|holland", "NO": "norway norwegen", "NZ": "new zealand|neuseeland",
    "PL": "poland polen", "PT": "portugal", "RO": "romania rumänien", "RS": "serbia serbien", "RU": "russia russland",
    "SE": "sweden schweden", "SG": "singapore singapur", "SI": "slovenia slowenien", "SK": "slovakia slowakei",
    "TR": "turkey türkei tuerkei", "UA": "ukraine",
    "US": "united states|usa|united states of america|vereinigte staaten",
    "ZA": "south africa|südafrika|rsa",
}  # fmt: skip
"""Names in English and German by code of ISO 3166; apart by a bar where one has a blank in it."""

_MEANS = {
    "order_status": {
        "canceled": "cancelled canceled storniert abgebrochen annulliert",
        "completed": "complete completed done closed paid abgeschlossen erledigt bezahlt",
        "delivered": "geliefert zugestellt",
        "shipped": "sent dispatched versendet versandt verschickt",
        "returned": "refunded retourniert zurückgesandt",
        "processing": "pending in_progress offen bearbeitung",
        "created": "new open neu angelegt",
    },
    "priority": {"low": "niedrig", "normal": "medium mittel", "high": "hoch", "urgent": "critical dringend kritisch"},
    "lead_status": {
        "open": "new neu offen",
        "qualified": "qualifiziert",
        "won": "closed_won gewonnen converted",
        "lost": "closed_lost verloren",
    },
    "arm": {"treatment": "treated test 1 true yes ja", "control": "holdout kontrolle 0 false no nein"},
}
_YES = ("true", "yes", "ja", "j", "y", "1", "t", "wahr", "x")
_NO = ("false", "no", "nein", "n", "0", "f", "falsch")


def amount(raw: str, column: ObservedColumn) -> str:
    """A number that may have marks between its thousands: 1.039,00 or 1,039.00."""
    if column.thousands == ".":
        return f"replace(replace({raw}, '.', ''), ',', '.')"
    return f"replace({raw}, ',', '')" if column.thousands == "," else raw


def country(raw: str, column: ObservedColumn) -> tuple[str, list[str]]:
    """A country's name or code as a code, and names that nobody here knows: they go to quarantine."""
    if all(len(value) == 2 for value in column.values):
        return f"upper(trim({raw}))", []
    known = {name: code for code, names in COUNTRIES.items() for name in _split(names)}
    seen = {value.lower() for value in column.values}
    cases = [f"when {literal(name)} then '{known[name]}'" for name in sorted(seen & known.keys())]
    unknown = sorted(value for value in column.values if value.lower() not in known and len(value) != 2)
    if not cases:
        return f"upper(trim({raw}))", unknown
    return f"case lower(trim({raw})) {' '.join(cases)} else upper(trim({raw})) end", unknown


def one_of(target: str, raw: str, column: ObservedColumn, allowed: tuple[str, ...]) -> tuple[str, list[str]]:
    """A status in the contract's words, and values that have none: they go to quarantine until somebody decides."""
    means = {word: value for value, words in _MEANS.get(target, {}).items() for word in words.split()}
    cases, unknown = [], []
    for value in column.values:
        word = value.strip().lower().replace(" ", "_")
        if word in allowed and word == value.strip().lower():
            continue
        if word in allowed or word in means:
            cases.append(f"when {literal(value.strip().lower())} then '{word if word in allowed else means[word]}'")
        else:
            unknown.append(value)
    lowered = f"lower(trim({raw}))"
    return (f"case {lowered} {' '.join(sorted(cases))} else {lowered} end" if cases else lowered), unknown


def truth(raw: str, column: ObservedColumn) -> tuple[str, list[str]]:
    """Yes or no in the words of the data; other words become null."""
    if column.type == "boolean":
        return raw, []
    seen = {value.lower() for value in column.values}
    yes, no = sorted(seen & set(_YES)), sorted(seen & set(_NO))
    cases = [
        f"when lower(trim({raw})) in ({', '.join(map(literal, words))}) then {value}"
        for words, value in ((yes, "true"), (no, "false"))
        if words
    ]
    return (f"case {' '.join(cases)} end" if cases else "cast(null as boolean)"), sorted(seen - set(_YES) - set(_NO))


def birth_date(raw: str, column: ObservedColumn, latest_year: int) -> str:
    """A date of birth whose year has two digits: nobody was born after the year of the data."""
    if column.years != 2:
        return raw
    earlier = "{{ dbt.dateadd('year', -100, " + literal(raw) + ") }}"
    return f"case when {raw} > cast('{latest_year}-12-31' as date) then {earlier} else {raw} end"


def line_number(order: str) -> str:
    """Lines without numbers: their place among those of their order in the file."""
    return (
        f"row_number() over (\n            partition by _load_id, _source_file, {order}"
        "\n            order by _source_row nulls last\n        )"
    )


def line_type(amounts: Sequence[str]) -> str:
    """Credit notes and returns are lines below zero, in one of the columns that go there."""
    signs = [f"{value} < 0" for value in amounts]
    return f"case when {' or '.join(signs)} then 'return' else 'sale' end" if signs else "'sale'"


def has_negatives(table: ObservedTable, name: str | None) -> bool:
    """Whether a column of numbers goes below zero."""
    low = table.columns[name].low if name else None
    return low is not None and low < 0


def _split(names: str) -> list[str]:
    return names.split("|") if "|" in names else names.split()
