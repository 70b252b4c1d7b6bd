"""Who is who: deterministic identity is neither useless nor good enough, and nothing but the fields tells."""

import collections
import csv
import json

import numpy as np
import phonenumbers
import pytest


def _identifiers(company):
    """record_id -> set of normalised identifiers, from the good lines of both CRM files."""
    found = collections.defaultdict(set)
    with (company.files / "crm" / "contacts.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if None in row or None in row.values() or row["geaendert_am"] == "unbekannt":
                continue
            keys = (("card", row["karten_nr"]), *_contact(row["email"], row["telefon"], row["ust_id"], row["land"]))
            found["crm:" + row["kontakt_nr"]] |= {key for key in keys if key[1]}
    for line in (company.files / "service_crm" / "persons.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        keys = _contact(row["mail"] or "", row["tel"] or "", row["tax_no"] or "", row["country"])
        found["service_crm:" + row["id"]] |= {key for key in keys if key[1]}
    return found


def _contact(email, phone, tax, country):
    number = ""
    if phone:
        parsed = phonenumbers.parse(phone, country)
        assert phonenumbers.is_valid_number(parsed), phone
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return ("email", email.strip().lower()), ("phone", number), ("tax", tax.replace(" ", ""))


def _components(identifiers):
    """Connected components by union-find: record_id -> representative."""
    parent = {record: record for record in identifiers}

    def root(record):
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    first = {}
    for record, keys in identifiers.items():
        for key in keys:
            parent[root(record)] = root(first.setdefault(key, record))
    return {record: root(record) for record in identifiers}


def _pairs(labels):
    return sum(count * (count - 1) // 2 for count in collections.Counter(labels).values())


def _f1(found, truth):
    records = list(found)
    shared = _pairs(zip([found[r] for r in records], [truth[r] for r in records], strict=True))
    claimed, real = _pairs(found[r] for r in records), _pairs(truth[r] for r in records)
    return 2 * shared / (claimed + real)


def test_pairwise_f1_of_a_hand_made_case():
    # Found {a, b, c} {d}; true {a, b} {c, d}: 1 pair right of 3 claimed and 2 real, F1 = 2 * 1 / 5.
    assert _f1({"a": 1, "b": 1, "c": 1, "d": 2}, {"a": 1, "b": 1, "c": 2, "d": 2}) == pytest.approx(0.4)


def test_deterministic_identity_is_hard_but_not_hopeless(company):
    truth = company.truth("record_customer").set_index("record_id")["true_customer_id"].to_dict()
    identifiers = _identifiers(company)
    assert set(identifiers) == set(truth)
    found = _components(identifiers)
    assert 0.5 < _f1(found, truth) <= 0.80
    assert max(collections.Counter(found.values()).values()) < 40
    companies = set(company.truth("customer").query("customer_type == 'company'")["true_customer_id"])
    of_companies = {record: who for record, who in truth.items() if who in companies}
    assert 0.4 < _f1({record: found[record] for record in of_companies}, of_companies) <= 0.80


def test_records_per_customer_and_systems(company):
    who = company.truth("record_customer")
    counts = who.groupby("true_customer_id").size()
    assert len(counts) == 20_000
    assert counts.mean() == pytest.approx(1.25, abs=0.02)
    assert set(who["record_id"].str.split(":").str[0]) == {"crm", "service_crm"}


def _rank_correlation(a, b):
    return np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1]


def test_ids_and_file_order_tell_nothing_about_customers(company):
    who = company.truth("record_customer").merge(company.truth("customer"), on="true_customer_id")
    for system, group in who.groupby(who["record_id"].str.split(":").str[0]):
        number = group["record_id"].str.extract(r"(\d+)$")[0].astype(int)
        limit = 4.5 / np.sqrt(len(group))
        for column in ("true_customer_id", "purchase_rate", "join_date"):
            assert abs(_rank_correlation(number, group[column])) < limit, (system, column)
        # Records of one customer are no nearer to each other than others.
        near = group.assign(number=number).sort_values("number")["true_customer_id"].to_numpy()
        assert (near[1:] == near[:-1]).sum() <= 8
    customers = company.truth("customer").sort_values("true_customer_id")
    assert abs(_rank_correlation(np.arange(len(customers)), customers["purchase_rate"])) < 4.5 / np.sqrt(len(customers))
