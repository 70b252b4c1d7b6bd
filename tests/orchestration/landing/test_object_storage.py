"""Files in a bucket land as files in a folder do: once, whole or not at all, and the keys show nowhere."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from orchestration.connectors.objects import storage as object_storage
from orchestration.landing.errors import LandingError, MissingSourceError
from tests.orchestration.landing.conftest import CONNECTION, NOW, TABLE, Bucket, Shop
from tests.servers.object_store import SESSION_TOKEN, serving

DAY = timedelta(days=1)
GOOD = "contact_id,amount\nc1,1\nc2,2\n"


def test_objects_land_with_their_url_and_a_second_run_reads_none(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts-2.csv", "amount,contact_id\n5,c5\n")
    bucket.store.put("exports/contacts-1.csv", GOOD)
    bucket.store.put("exports/other.csv", "a\n1\n")
    bucket.store.put("exports/older/contacts-0.csv", GOOD)
    bucket.store.put("contacts-9.csv", GOOD)
    shop = bucket.shop()
    first = shop.land()
    assert (first.status, first.landed_count, first.quarantined_count) == ("landed", 3, 0)
    assert shop.rows("contact_id, amount, _source_file, _source_row") == [
        ("c1", Decimal(1), "s3://shop/exports/contacts-1.csv", 1),
        ("c2", Decimal(2), "s3://shop/exports/contacts-1.csv", 2),
        ("c5", Decimal(5), "s3://shop/exports/contacts-2.csv", 1),
    ]
    source = first.manifest.parts[0].source
    assert (source.path, source.bytes, source.sha256, source.etag) == (
        "s3://shop/exports/contacts-1.csv",
        28,
        hashlib.sha256(GOOD.encode()).hexdigest(),
        hashlib.md5(GOOD.encode()).hexdigest(),
    )
    assert bucket.store.reads() == ["exports/contacts-1.csv", "exports/contacts-2.csv"]
    bucket.store.seen.clear()
    again = shop.land(NOW + DAY)
    assert (again.status, again.manifest, again.total_row_count) == ("unchanged", None, 3)
    assert again.repeated_files == ("s3://shop/exports/contacts-1.csv", "s3://shop/exports/contacts-2.csv")
    assert bucket.store.reads() == []
    assert shop.manifests() == [first.manifest]
    assert not list(shop.workspace.state_dir.rglob("object*"))


def test_a_new_object_lands_alone(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts-1.csv", GOOD)
    shop = bucket.shop()
    shop.land()
    bucket.store.put("exports/contacts-2.csv", "contact_id,amount\nc3,3\n")
    bucket.store.seen.clear()
    result = shop.land(NOW + DAY)
    assert [part.source.path for part in result.manifest.parts] == ["s3://shop/exports/contacts-2.csv"]
    assert (result.landed_count, result.total_row_count) == (1, 3)
    assert bucket.store.reads() == ["exports/contacts-2.csv"]


def test_an_object_that_is_overwritten_lands_beside_what_it_was(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    shop = bucket.shop()
    shop.land()
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nc1,9\nc2,2\n")  # of the same size
    assert shop.land(NOW + DAY).manifest.sequence == 2
    assert shop.rows("contact_id, amount, _load_sequence") == [
        ("c1", Decimal(1), 1),
        ("c2", Decimal(2), 1),
        ("c1", Decimal(9), 2),
        ("c2", Decimal(2), 2),
    ]


def test_an_object_written_again_as_it_was_is_not_read(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    shop = bucket.shop()
    shop.land()
    bucket.store.put("exports/contacts.csv", GOOD)
    bucket.store.seen.clear()
    assert shop.land(NOW + DAY).status == "unchanged"
    assert bucket.store.reads() == []


def test_the_same_content_under_another_name_is_told_as_repeated(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts-1.csv", GOOD)
    bucket.store.put("exports/contacts-2.csv", GOOD)
    shop = bucket.shop()
    assert shop.land().repeated_files == ("s3://shop/exports/contacts-2.csv",)
    bucket.store.put("exports/contacts-3.csv", GOOD)
    again = shop.land(NOW + DAY)
    assert (again.status, len(again.repeated_files), len(shop.rows())) == ("unchanged", 3, 2)
    # The load that came to nothing leaves no folder.
    landing = shop.workspace.landing_dir / "crm__contacts"
    assert [folder.name for folder in landing.iterdir()] == [shop.manifests()[0].load_id]


def test_another_declaration_lands_everything_again_and_replaces_it(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    bucket.shop().land()
    as_text = {"contact_id": "text", "amount": "text"}
    assert bucket.shop(columns=as_text).land(NOW + DAY).landed_count == 2
    shop = bucket.shop()
    assert shop.land(NOW + 2 * DAY).manifest.sequence == 3
    assert shop.rows("contact_id, amount, _load_sequence") == [("c1", Decimal(1), 3), ("c2", Decimal(2), 3)]


def test_files_that_move_into_a_bucket_replace_their_earlier_landing(bucket: Bucket) -> None:
    local = Shop(bucket.folder, TABLE)
    local.write("contacts.csv", GOOD)
    local.land()
    bucket.store.put("exports/contacts.csv", GOOD)
    shop = bucket.shop()
    assert shop.land(NOW + DAY).landed_count == 2
    assert shop.rows("contact_id, _source_file") == [
        ("c1", "s3://shop/exports/contacts.csv"),
        ("c2", "s3://shop/exports/contacts.csv"),
    ]
    assert shop.land(NOW + 2 * DAY).status == "unchanged"


def parquet_bytes() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"contact_id": ["c1", "c2"], "amount": ["1", "2.50"]}), buffer)
    return buffer.getvalue()


def excel_bytes() -> bytes:
    book = openpyxl.Workbook()
    for row in (("contact_id", "amount"), ("c1", 1), ("c2", 2.5)):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("csv", "a.csv", lambda: b"contact_id,amount\nc1,1\nc2,2.50\n"),
        ("jsonl", "a.jsonl", lambda: b'{"contact_id": "c1", "amount": 1}\n{"contact_id": "c2", "amount": 2.50}\n'),
        ("parquet", "a.parquet", parquet_bytes),
        ("excel", "a.xlsx", excel_bytes),
    ],
)
def test_every_format_lands(bucket: Bucket, kind: str, name: str, content: Callable[[], bytes]) -> None:
    bucket.store.put(f"exports/{name}", content())
    shop = bucket.shop(format=kind, path="a.*")
    shop.land()
    assert shop.rows("contact_id, amount") == [("c1", Decimal(1)), ("c2", Decimal("2.50"))]


def test_what_cannot_be_cast_is_refused_with_the_objects_url(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nc1,much\nc2,2\n")
    shop = bucket.shop()
    result = shop.land()
    assert (result.landed_count, result.quarantined_count) == (1, 1)
    assert shop.quarantined("_source_file, _source_line, rule, raw_text") == [
        ("s3://shop/exports/contacts.csv", 2, "amount_type", "c1,much"),
    ]


def test_large_objects_come_in_pieces_and_long_listings_in_pages(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_storage, "PIECE_BYTES", 10)
    bucket.store.page_size = 2
    for n in range(5):
        bucket.store.put(f"exports/contacts-{n}.csv", f"contact_id,amount\nc{n},{n}\n")
    shop = bucket.shop()
    assert shop.land().landed_count == 5
    assert shop.rows("contact_id, amount") == [(f"c{n}", Decimal(n)) for n in range(5)]
    pieces = [asked for method, key, asked in bucket.store.seen if key == "exports/contacts-3.csv"]
    assert pieces == ["bytes=0-9", "bytes=10-19", "bytes=20-22"]
    assert len([key for _, key, _ in bucket.store.seen if not key]) == 3


NAMES = [
    "plain.csv",
    "größe 100%.csv",
    "#1?a+b=c&d.csv",
    "tilde~'()!*[1].csv",
    "2024/05/plain.csv",
    "2024/06/deep/er/plain.csv",
    ".hidden.csv",
    "UPPER.CSV",
    "a.csv.bak",
]
PATTERNS = [
    "*.csv",
    "**/*.csv",
    "2024/*/*.csv",
    "2024/**/plain.csv",
    "plain.csv",
    "[p#]*.csv",
    "*/*/*.csv",
    "?????.csv",
]


@pytest.mark.parametrize("pattern", [*PATTERNS, "2024/05/plain.csv", "./plain.csv", "**/er/*", "20*/**/p*"])
def test_a_pattern_means_what_it_means_in_a_folder(bucket: Bucket, pattern: str) -> None:
    for number, name in enumerate(NAMES):
        content = f"contact_id,amount\nc,{number}\n"
        bucket.store.put(f"exports/{name}", content)
        Shop(bucket.folder / "local", TABLE).write(name, content)
    bucket.store.put("exports/2024/", "")  # what consoles write for an empty folder
    local = Shop(bucket.folder / "local", {**TABLE, "path": pattern})
    local.land()
    shop = bucket.shop(path=pattern)
    shop.land()
    expected = [(f"s3://shop/exports/{name}", amount) for name, amount in local.rows("_source_file, amount")]
    assert shop.rows("_source_file, amount") == expected
    assert expected


def test_a_bucket_may_be_read_from_its_root_and_named_by_the_environment(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.store.put("contacts.csv", GOOD)
    monkeypatch.setenv("CX_TEST_S3_URL", "s3://shop/")
    shop = bucket.shop({"url": None, "url_env": "CX_TEST_S3_URL"})
    assert shop.land().landed_count == 2
    assert shop.rows("distinct _source_file") == [("s3://shop/contacts.csv",)]


def test_keys_of_short_life_and_public_buckets(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    bucket.store.token = SESSION_TOKEN
    monkeypatch.setenv("CX_TEST_S3_TOKEN", SESSION_TOKEN)
    auth = {**CONNECTION["auth"], "session_token_env": "CX_TEST_S3_TOKEN"}
    assert bucket.shop({"auth": auth}).land().landed_count == 2
    with pytest.raises(LandingError, match="session token is not valid"):
        bucket.shop().land()
    bucket.store.keys.clear()
    bucket.store.put("exports/contacts-2.csv", "contact_id,amount\nc3,3\n")
    assert bucket.shop({"auth": None}).land(NOW + DAY).landed_count == 1


def certificates(folder: Path) -> tuple[Path, Path]:
    """A certificate authority of our own, and a server's certificate of it with its key."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "127.0.0.1")]
    written = []
    for number, name in enumerate(names):
        certificate = (
            x509.CertificateBuilder(names[0], name, keys[number].public_key(), number + 1, now - DAY, now + DAY)
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(keys[0], hashes.SHA256())
        )
        written.append(folder / f"{number}.pem")
        key = keys[number].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        written[-1].write_bytes(certificate.public_bytes(Encoding.PEM) + (key if number else b""))
    return written[0], written[1]


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, certificate = certificates(tmp_path)
    bucket.store.put("exports/contacts.csv", GOOD)
    with serving(bucket.store, certificate) as endpoint:
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", endpoint)
        with pytest.raises(LandingError, match="check endpoint, network and certificate"):
            bucket.shop().land()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert bucket.shop().land().landed_count == 2


def test_without_objects(bucket: Bucket) -> None:
    bucket.store.put("exports/other.csv", GOOD)
    with pytest.raises(MissingSourceError, match=r"no object matches 'contacts\*.csv' in s3://shop/exports"):
        bucket.shop().land()
    assert bucket.shop(is_optional=True).land().status == "empty"


def test_an_empty_object_has_no_header(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", "")
    with pytest.raises(LandingError, match=r"s3://shop/exports/contacts.csv is empty"):
        bucket.shop().land()
