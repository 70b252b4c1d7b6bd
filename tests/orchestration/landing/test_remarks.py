"""What happens without a failure is said: strays, removed files, copies, new columns."""

from __future__ import annotations

from orchestration.landing.loads.remarks import remarks

HEADER = "contact_id,amount\n"


def said(shop):
    return remarks(shop.company, shop.workspace, shop.manifests())


def test_nothing_is_said_where_all_is_as_declared(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", HEADER + "a,1\n")
    shop.land()
    assert said(shop) == []
    shop.write("contacts-1.csv", HEADER + "a,2\n")
    shop.land()
    assert said(shop) == []


def test_files_that_match_no_table_are_named_hidden_ones_are_not(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", HEADER + "a,1\n")
    shop.write("Contacts-2.csv", HEADER + "b,1\n")
    shop.write("old/contacts-0.csv", HEADER + "c,1\n")
    shop.write(".cache", "x")
    shop.land()
    assert said(shop) == [
        f"files in {shop.source} that match no table of company.yml: Contacts-2.csv, old/contacts-0.csv"
    ]


def test_a_file_that_was_removed_keeps_its_rows_and_is_named(make_shop):
    shop = make_shop()
    path = shop.write("contacts-1.csv", HEADER + "a,1\n")
    shop.write("contacts-2.csv", HEADER + "b,1\n")
    shop.land()
    path.unlink()
    shop.land()
    assert said(shop) == [
        "crm__contacts: landed files that are no longer in the folder; their rows stay: contacts-1.csv"
    ]


def test_a_copy_under_another_name_is_named(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", HEADER + "a,1\n")
    shop.land()
    shop.write("contacts-1 (copy).csv", HEADER + "a,1\n")
    shop.land()
    assert said(shop) == [
        "crm__contacts: files with the content of another one, which are not landed again: contacts-1 (copy).csv"
    ]


def test_a_column_that_nobody_declared_is_named(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", "contact_id,amount,Shoe Size\na,1,44\n")
    shop.land()
    assert said(shop) == ["crm__contacts: columns that company.yml does not declare land as text: shoe_size"]


def test_many_names_are_counted(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", HEADER + "a,1\n")
    for number in range(12):
        shop.write(f"stray-{number:02}.txt", "x")
    shop.land()
    [line] = said(shop)
    assert line.endswith("stray-08.txt, stray-09.txt and 2 more")
