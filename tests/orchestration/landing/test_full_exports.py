"""Files that are full exports: rows that left them are deleted by key, and come back with the file that has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.loads.remarks import remarks
from orchestration.landing.refused.release import ReleaseRequest, release_rows
from orchestration.landing.refused.rows import RowId
from tests.orchestration.landing.conftest import NOW, TABLE, Bucket, Shop

MakeShop = Callable[..., Shop]
SNAPSHOT = {"mode": "snapshot", "key": ["contact_id"]}
COLUMNS = "contact_id, cast(amount as varchar), _load_sequence, _is_deleted"


def present(shop: Shop) -> list[tuple[object, ...]]:
    """What a reader of the landing takes for the table: the newest version of every key, deleted ones apart."""
    newest: dict[object, tuple[object, ...]] = {}
    for key, amount, _, is_deleted in shop.rows(COLUMNS):
        newest[key] = (key, amount, is_deleted)
    return sorted((key, amount) for key, amount, is_deleted in newest.values() if not is_deleted)


def land(shop: Shop, day: int) -> str:
    return shop.land(NOW + timedelta(days=day)).message


def test_a_row_that_left_the_file_is_deleted_and_comes_back(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    first = "contact_id,amount\nA1,100\nA2,50\nA3,999\n"
    shop.write("contacts.csv", first)
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA2,50\nA4,10\n")
    assert land(shop, 1) == (
        "crm__contacts: 3 rows landed, 0 quarantined, from 1 file(s), load 2;"
        " 1 rows left the export and count as deleted"
    )
    assert present(shop) == [("A1", "100.00"), ("A2", "50.00"), ("A4", "10.00")]
    assert land(shop, 2) == "crm__contacts: nothing new"
    # The file goes back to what it was, to the byte: that is news, too.
    shop.write("contacts.csv", first)
    land(shop, 3)
    assert present(shop) == [("A1", "100.00"), ("A2", "50.00"), ("A3", "999.00")]
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA2,50\nA4,10\n")
    land(shop, 4)
    shop.write("contacts.csv", first)
    land(shop, 5)
    assert present(shop) == [("A1", "100.00"), ("A2", "50.00"), ("A3", "999.00")]
    lineage = shop.rows("_load_id, _source_file, _source_row")
    assert len(set(lineage)) == len(lineage)


def test_an_appended_file_keeps_its_rows(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA3,999\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\nA1,100\n")
    land(shop, 1)
    assert present(shop) == [("A1", "100.00"), ("A3", "999.00")]


def test_several_files_are_the_table_together_and_one_that_is_gone_takes_its_rows_with_it(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT, deletes={"kind": "compare_keys", "max_share": 0.5})
    north = shop.write("contacts-north.csv", "contact_id,amount\nN1,1\nN2,2\n")
    shop.write("contacts-south.csv", "contact_id,amount\nS1,3\n")
    land(shop, 0)
    # N2 moves south: it is in the table still.
    shop.write("contacts-north.csv", "contact_id,amount\nN1,1\n")
    shop.write("contacts-south.csv", "contact_id,amount\nS1,3\nN2,4\n")
    land(shop, 1)
    assert present(shop) == [("N1", "1.00"), ("N2", "4.00"), ("S1", "3.00")]
    north.unlink()
    assert "1 rows left the export" in land(shop, 2)
    assert present(shop) == [("N2", "4.00"), ("S1", "3.00")]
    assert land(shop, 3) == "crm__contacts: nothing new"


def test_of_dated_exports_the_last_by_name_is_the_table(make_shop: MakeShop) -> None:
    shop = make_shop(key=["contact_id"], mode="dated_snapshots")
    shop.write("contacts-2024-05-30.csv", "contact_id,amount\nA1,1\nA2,2\nA9,9\n")
    shop.write("contacts-2024-05-31.csv", "contact_id,amount\nA1,1\nA2,2\n")
    land(shop, 0)
    assert present(shop) == [("A1", "1.00"), ("A2", "2.00")]
    shop.write("contacts-2024-06-01.csv", "contact_id,amount\nA2,2\nA3,3\n")
    land(shop, 1)
    assert present(shop) == [("A2", "2.00"), ("A3", "3.00")]
    assert land(shop, 2) == "crm__contacts: nothing new"


def test_an_emptied_export_stops_and_changes_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts.csv", "contact_id,amount\n" + "".join(f"A{n},1\n" for n in range(200)))
    land(shop, 0)
    # 41 of 200 keys are more than a fifth, 40 are not.
    shop.write("contacts.csv", "contact_id,amount\n" + "".join(f"A{n},1\n" for n in range(41, 200)))
    with pytest.raises(LandingError, match=r"41 of 200 keys are no longer in .*max_share \(0.2\)"):
        land(shop, 1)
    assert len(present(shop)) == 200
    shop.write("contacts.csv", "contact_id,amount\n" + "".join(f"A{n},1\n" for n in range(40, 200)))
    land(shop, 2)
    assert len(present(shop)) == 160


def test_a_refused_row_is_in_the_export_all_the_same(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA2,50\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\nA1,much\n")
    land(shop, 1)
    # A1 is refused and keeps its last version; A2 is gone.
    assert present(shop) == [("A1", "100.00")]
    # Another file changes: the refused row still counts as there.
    shop.write("contacts-2.csv", "contact_id,amount\nB1,1\n")
    land(shop, 2)
    assert present(shop) == [("A1", "100.00"), ("B1", "1.00")]


def test_keys_stay_while_more_records_than_before_cannot_be_read(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    # A line of totals at the end has never had a key.
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA2,50\nA3,5\n,155\n")
    land(shop, 0)
    # A2's line lost its key: which row it is, nobody knows.
    shop.write("contacts.csv", "contact_id,amount\nA1,100\n,50\nA3,5\n,155\n")
    assert "1 keys are not in the export, but stay" in land(shop, 1)
    assert present(shop) == [("A1", "100.00"), ("A2", "50.00"), ("A3", "5.00")]
    shop.write("contacts.csv", "contact_id,amount\nA1,100\nA2,50\n,150\n")
    land(shop, 2)
    assert present(shop) == [("A1", "100.00"), ("A2", "50.00")]


def test_an_optional_export_that_did_not_come_deletes_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT, is_optional=True)
    path = shop.write("contacts.csv", "contact_id,amount\nA1,100\n")
    land(shop, 0)
    path.unlink()
    assert land(shop, 1) == "crm__contacts: nothing new"
    assert present(shop) == [("A1", "100.00")]


def test_a_status_deletes_in_files_too(make_shop: MakeShop) -> None:
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "status": "text"}
    shop = make_shop(columns=columns, deletes={"kind": "flag", "column": "status", "values": ["deleted", "Spam"]})
    shop.write(
        "contacts.csv", "contact_id,amount,status\nA1,1,open\nA2,2,Deleted\nA3,3, SPAM \nA4,4,\nA5,5,undeleted\n"
    )
    land(shop, 0)
    assert shop.rows("contact_id, _is_deleted") == [
        ("A1", False),
        ("A2", True),
        ("A3", True),
        ("A4", False),
        ("A5", False),
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"mode": "snapshot"}, "needs key"),
        ({"key": ["contact_id"], "deletes": {"kind": "compare_keys"}}, "say mode: snapshot"),
        ({"deletes": {"kind": "flag", "column": "contact_id"}}, "say what means deleted"),
        ({"deletes": {"kind": "flag", "column": "amount"}}, "must be a date or timestamp or boolean"),
    ],
)
def test_what_cannot_be_meant_is_refused(make_shop: MakeShop, table: dict[str, object], message: str) -> None:
    with pytest.raises(Exception, match=message):
        _ = make_shop(**table).company


def test_objects_of_a_bucket_are_full_exports_as_files_are(bucket: Bucket) -> None:
    shop = bucket.shop(**{**TABLE, **SNAPSHOT})
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nA1,1\nA2,2\n")
    land(shop, 0)
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nA1,1\n")
    assert "1 rows left the export" in land(shop, 1)
    assert present(shop) == [("A1", "1.00")]
    assert land(shop, 2) == "crm__contacts: nothing new"
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nA1,1\nA2,2\n")
    land(shop, 3)
    assert present(shop) == [("A1", "1.00"), ("A2", "2.00")]


def test_rows_released_from_quarantine_do_not_stand_for_their_whole_file(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts-a.csv", "contact_id,amount\nA1,1\nA2,much\nA3,3\n")
    shop.write("contacts-b.csv", "contact_id,amount\nB1,1\n")
    land(shop, 0)
    request = ReleaseRequest(RowId(1, 0, 2), by="t", corrections={"amount": "2"})
    assert release_rows(shop.company, shop.workspace, request, now=NOW + timedelta(hours=1)).released
    shop.write("contacts-b.csv", "contact_id,amount\nB1,1\nB2,2\n")
    land(shop, 1)
    assert [key for key, _ in present(shop)] == ["A1", "A2", "A3", "B1", "B2"]


def test_a_row_without_its_whole_key_never_counts_as_gone(make_shop: MakeShop) -> None:
    columns = {"contact_id": "text", "phone": "text", "amount": "decimal(18,2)"}
    shop = make_shop(columns=columns, mode="snapshot", key=["contact_id", "phone"])
    shop.write("contacts.csv", "contact_id,phone,amount\nA1,11,1\nA2,,2\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,phone,amount\nA1,11,9\nA2,,2\n")
    land(shop, 1)
    assert not any(is_deleted for (is_deleted,) in shop.rows("_is_deleted"))


def test_a_key_that_stands_on_rows_that_differ_is_refused_and_a_copied_line_is_not(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts.csv", "contact_id,amount\nA1,1\nA1,1\nA2,2\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\nA1,1\nA1,5\n")
    with pytest.raises(LandingError, match=r"1 keys \(contact_id\) stand on several rows of contacts.csv that differ"):
        land(shop, 1)


def test_an_export_of_a_header_alone_is_an_emptied_table_whatever_its_size(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts.csv", "contact_id,amount\nA1,1\nA2,2\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\n")
    with pytest.raises(LandingError, match="2 of 2 keys are no longer in"):
        land(shop, 1)


def test_dated_exports_whose_names_do_not_sort_by_their_dates_are_refused(make_shop: MakeShop) -> None:
    shop = make_shop(key=["contact_id"], mode="dated_snapshots")
    shop.write("contacts-2024-3-9.csv", "contact_id,amount\nA1,1\n")
    land(shop, 0)
    shop.write("contacts-2024-3-10.csv", "contact_id,amount\nA1,1\nA2,2\n")
    with pytest.raises(LandingError, match="do not sort by their dates"):
        land(shop, 1)


def test_what_left_an_export_is_said_after_the_run(make_shop: MakeShop) -> None:
    shop = make_shop(**SNAPSHOT)
    shop.write("contacts.csv", "contact_id,amount\nA1,1\nA2,2\n")
    land(shop, 0)
    shop.write("contacts.csv", "contact_id,amount\nA1,1\n")
    land(shop, 1)
    assert remarks(shop.company, shop.workspace, shop.manifests()) == [
        "crm__contacts: 1 rows left the export with its last load and count as deleted"
    ]
