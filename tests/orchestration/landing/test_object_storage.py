"""Files in a bucket land as files in a folder do: once, whole or not at all, and the keys show nowhere."""

from __future__ import annotations

import hashlib
import io
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.company import CompanyError
from orchestration.connectors import object_storage
from orchestration.landing.sources import LandingError, MissingSourceError
from tests.orchestration.landing.conftest import NOW, TABLE, Shop
from tests.orchestration.planted import SECRETS, leaks
from tests.orchestration.test_doctor_of_servers import told
from tests.orchestration.test_no_secret_leaks import all_that_is_said, stored
from tests.servers.object_store import ACCESS_KEY, SECRET_KEY, SESSION_TOKEN, ObjectStore, serving

DAY = timedelta(days=1)
GOOD = "contact_id,amount\nc1,1\nc2,2\n"
CONNECTION: dict[str, object] = {
    "kind": "object_storage",
    "url": "s3://shop/exports",
    "region": "eu-central-1",
    "endpoint_env": "CX_TEST_S3_ENDPOINT",
    "auth": {"access_key_env": "CX_TEST_S3_KEY", "secret_key_env": "CX_TEST_S3_SECRET"},
    "timeout_seconds": 2,
    "max_attempts": 3,
    "first_wait_seconds": 0.01,
    "longest_wait_seconds": 0.05,
}


@dataclass
class Bucket:
    """A store, and shops that read from it."""

    store: ObjectStore
    folder: Path

    def shop(self, connection: dict[str, object] | None = None, **table: object) -> Shop:
        given = {**CONNECTION, **(connection or {})}
        given = {name: value for name, value in given.items() if value is not None}
        return Shop(self.folder, {**TABLE, **table}, connection=given)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    store = ObjectStore()
    with serving(store) as endpoint:
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", endpoint)
        monkeypatch.setenv("CX_TEST_S3_KEY", ACCESS_KEY)
        monkeypatch.setenv("CX_TEST_S3_SECRET", SECRET_KEY)
        # What other programs on the machine use counts for nothing.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SKIP_SIGNATURE"):
            monkeypatch.setenv(name, "true" if name == "AWS_SKIP_SIGNATURE" else "of another program")
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        yield Bucket(store, tmp_path)


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
        f'"{hashlib.md5(GOOD.encode()).hexdigest()}"',
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


def test_without_objects(bucket: Bucket) -> None:
    bucket.store.put("exports/other.csv", GOOD)
    with pytest.raises(MissingSourceError, match=r"no object matches 'contacts\*.csv' in s3://shop/exports"):
        bucket.shop().land()
    assert bucket.shop(is_optional=True).land().status == "empty"


def test_an_empty_object_has_no_header(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts.csv", "")
    with pytest.raises(LandingError, match=r"s3://shop/exports/contacts.csv is empty"):
        bucket.shop().land()


def changing(bucket: Bucket, content: str | None) -> None:
    """The object changes after its first piece was read, or vanishes."""
    pieces: list[str] = []

    def before(method: str, key: str) -> None:
        if not key:
            return
        pieces.append(key)
        if len(pieces) == 2 and content is None:
            del bucket.store.buckets["shop"][key]
        elif len(pieces) == 2:
            bucket.store.put(key, str(content))

    bucket.store.before = before


@pytest.mark.parametrize("ignores_conditions", [False, True])
@pytest.mark.parametrize("content", ["contact_id,amount\nc8,8\nc9,9\n", "contact_id\nc1\n", None])
def test_an_object_that_changes_while_it_is_read_lands_in_the_next_run(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, content: str | None, ignores_conditions: bool
) -> None:
    monkeypatch.setattr(object_storage, "PIECE_BYTES", 20)
    bucket.store.ignores_conditions = ignores_conditions
    bucket.store.put("exports/contacts.csv", GOOD)
    changing(bucket, content)
    shop = bucket.shop()
    with pytest.raises(LandingError, match=r"crm__contacts: s3://shop/exports/contacts.csv.*(changed|shorter)"):
        shop.land()
    assert shop.manifests() == []
    assert not list(shop.workspace.state_dir.rglob("*.parquet"))
    bucket.store.before = lambda method, key: None
    bucket.store.put("exports/contacts.csv", "contact_id,amount\nc8,8\nc9,9\n")
    assert shop.land().landed_count == 2
    assert shop.rows("contact_id") == [("c8",), ("c9",)]


def test_one_bad_object_lands_nothing_of_the_load(bucket: Bucket) -> None:
    bucket.store.put("exports/contacts-1.csv", GOOD)
    bucket.store.put("exports/contacts-2.csv", "contact_id\nc3\n")
    shop = bucket.shop()
    with pytest.raises(LandingError, match=r"s3://shop/exports/contacts-2.csv lacks the declared column\(s\) amount"):
        shop.land()
    assert shop.manifests() == []
    assert not [path for path in shop.workspace.state_dir.rglob("*") if path.is_file() and path.name != "lock"]


@pytest.mark.parametrize("fault", [(503, "SlowDown"), (500, "InternalError"), (429, "TooManyRequests"), "cut"])
def test_what_passes_is_tried_again(bucket: Bucket, fault: str | tuple[int, str]) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    # Two failures of the listing, which a cut body does not touch here, and two of the read.
    bucket.store.faults = [fault, fault, "none", fault, fault]
    shop = bucket.shop()
    assert shop.land().landed_count == 2


FAILURES: list[tuple[str, dict[str, object], dict[str, str], Callable[[ObjectStore], object], str]] = [
    ("slow down", {}, {}, lambda store: store.faults.extend([(503, "SlowDown")] * 9), "asks to slow down"),
    (
        "broken",
        {},
        {},
        lambda store: store.faults.extend([(500, "InternalError")] * 9),
        "answered 500: after 3 attempts",
    ),
    ("hangs", {"timeout_seconds": 0.2}, {}, lambda store: store.faults.extend(["hang"] * 9), "after 3 attempts"),
    ("no bucket", {"url": "s3://nowhere/a"}, {}, lambda store: None, "s3://nowhere/a: there is no such bucket"),
    ("no right", {}, {}, lambda store: store.faults.append((403, "AccessDenied")), "s3:ListBucket"),
    ("no right to read", {}, {}, lambda store: store.faults.extend(["", (403, "AccessDenied")]), "s3:GetObject"),
    ("archived", {}, {}, lambda store: store.faults.extend(["", (403, "InvalidObjectState")]), "archived"),
    ("no keys", {"auth": None}, {}, lambda store: None, "access denied"),
    ("unknown key", {}, {"CX_TEST_S3_KEY": "{}"}, lambda store: None, "does not know this access key"),
    ("wrong secret", {}, {"CX_TEST_S3_SECRET": "{}"}, lambda store: None, "does not belong to the access key"),
    ("no variable", {}, {"CX_TEST_S3_SECRET": ""}, lambda store: None, "CX_TEST_S3_SECRET is not set"),
    ("other region", {"region": "us-west-2"}, {}, lambda store: None, "correct region"),
    ("redirect", {}, {}, lambda store: store.faults.append((301, "PermanentRedirect")), "correct region"),
    ("refused", {}, {"CX_TEST_S3_ENDPOINT": "http://127.0.0.1:1"}, lambda store: None, "after 3 attempts"),
    ("key in endpoint", {}, {"CX_TEST_S3_ENDPOINT": "https://u:{}@127.0.0.1"}, lambda store: None, "without user"),
    ("not encrypted", {}, {"CX_TEST_S3_ENDPOINT": "http://{}.example.org"}, lambda store: None, "CX_TEST_S3_ENDPOINT:"),
    ("bad name", {}, {}, lambda store: store.put("exports//contacts.csv", GOOD), "empty part"),
    ("key in the URL", {"url": None, "url_env": "CX_URL"}, {"CX_URL": "s3://k:{}@shop"}, lambda store: None, "CX_URL:"),
    ("signed URL", {"url": None, "url_env": "CX_URL"}, {"CX_URL": "s3://shop/a?b={}"}, lambda store: None, "CX_URL:"),
]


def all_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


@pytest.mark.parametrize("number", range(len(FAILURES)), ids=lambda n: FAILURES[n][0])
def test_a_failure_says_what_to_do_and_tells_no_secret(
    bucket: Bucket, number: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _, connection, environment, prepare, message = FAILURES[number]
    secret = SECRETS[number]
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("{}", secret))
    bucket.store.put("exports/contacts.csv", GOOD)
    prepare(bucket.store)
    shop = bucket.shop(connection)
    with all_that_is_said() as said, pytest.raises(LandingError, match=message) as caught:
        shop.land()
    assert str(caught.value).startswith("crm__contacts: ")
    everything = [all_of(caught.value), said.getvalue(), *capfd.readouterr(), stored(bucket.folder)]
    # The access key's name is no secret, but nothing needs it either.
    assert leaks(" ".join(everything), [secret, SECRET_KEY, ACCESS_KEY]) == []
    assert shop.manifests() == []


@pytest.mark.parametrize("secret", [*SECRETS, "line\nbreak-secret", "tab\tsecret-key"])
def test_a_secret_of_any_signs_is_refused_without_it(
    bucket: Bucket, secret: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    for name in ("CX_TEST_S3_SECRET", "CX_TEST_S3_KEY"):
        monkeypatch.setenv(name, secret)
        with pytest.raises(LandingError) as caught:
            bucket.shop().land()
        assert leaks(all_of(caught.value) + "".join(capfd.readouterr()), [secret]) == []


@pytest.mark.parametrize("secret", [SECRETS[3], SECRETS[9], SECRETS[27]])
def test_what_succeeds_keeps_no_secret_either(bucket: Bucket, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.store.keys = {ACCESS_KEY: secret}
    bucket.store.put("exports/contacts.csv", GOOD)
    monkeypatch.setenv("CX_TEST_S3_SECRET", secret)
    with all_that_is_said() as said:
        assert bucket.shop().land().landed_count == 2
    assert leaks(said.getvalue() + stored(bucket.folder), [secret, ACCESS_KEY]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "s3://key:{}@shop/exports"},
        {"url": "s3://shop/exports?X-Amz-Signature={}"},
        {"url": "https://shop.example.org/{}"},
        {"url": "s3://{}"},
        {"url": "s3://shop/../{}"},
        {"url": "s3://shop/*/{}"},
        {"url": "s3://shop", "url_env": "CX_{}"},
        {"endpoint_env": None, "endpoint": "https://user:{}@minio.example.org"},
        {"auth": {"access_key_env": "CX_KEY", "secret_key_env": "{}"}},
        {"auth": {"access_key_env": "CX_KEY", "secret_key_env": "CX_SECRET", "secret_key": "{}"}},
        {"secret": "{}"},
    ],
    ids=str,
)
def test_a_secret_in_company_yml_is_refused_without_it(bucket: Bucket, wrong: dict[str, object]) -> None:
    secret = SECRETS[11]

    def filled(value: object) -> object:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return value.replace("{}", secret) if isinstance(value, str) else value

    with pytest.raises(CompanyError, match=r"company\.yml, line") as caught:
        bucket.shop({name: filled(value) for name, value in wrong.items()}).land()
    assert leaks(all_of(caught.value), [secret]) == []


def test_the_doctor_lists_the_bucket_and_reads_a_byte(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = bucket.shop()
    bucket.store.put("exports/contacts-1.csv", GOOD)
    listed = "s3://shop/exports can be listed: 1 object matches contacts*.csv, and the first can be read"
    assert told(shop, monkeypatch) == [(True, listed)]
    assert bucket.store.seen[-1] == ("GET", "exports/contacts-1.csv", "bytes=0-0")
    bucket.store.faults = ["", (403, "AccessDenied")]
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "s3:GetObject" in message) == (False, True)
    bucket.store.buckets["shop"].clear()
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "no object matches" in message) == (False, True)
    monkeypatch.delenv("CX_TEST_S3_KEY")
    assert told(shop, monkeypatch) == [
        (False, "the environment variable CX_TEST_S3_KEY is not set: company.yml names it")
    ]
