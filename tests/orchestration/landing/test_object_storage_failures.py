"""What goes wrong with a bucket: it is said with what to do, nothing lands by half, and no key shows anywhere."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator

import pytest

from orchestration.connectors.objects import storage as object_storage
from orchestration.declaration.company import CompanyError
from orchestration.landing.errors import LandingError
from tests.orchestration.landing.conftest import Bucket
from tests.orchestration.planted import SECRETS, leaks
from tests.orchestration.test_doctor_of_servers import told
from tests.orchestration.test_no_secret_leaks import all_that_is_said, stored
from tests.servers.object_store import ACCESS_KEY, SECRET_KEY, ObjectStore

GOOD = "contact_id,amount\nc1,1\nc2,2\n"


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


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A process of pytest-xdist takes no notice of Ctrl+C by itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("faults", [["hang"], ["", "hang"]], ids=["listing", "reading"])
def test_an_interrupt_ends_a_load_and_leaves_nothing(bucket: Bucket, faults: list[str], interruptible: None) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    bucket.store.faults = [*faults, "hang", "hang"]

    def before(method: str, key: str) -> None:
        if len(bucket.store.seen) == len(faults):
            os.kill(os.getpid(), signal.SIGINT)

    bucket.store.before = before
    shop = bucket.shop()
    with pytest.raises(KeyboardInterrupt):
        shop.land()
    assert not [path for path in shop.workspace.state_dir.rglob("*") if path.is_file() and path.name != "lock"]


@pytest.mark.parametrize(("first", "longest"), [(0, 0), (0, 0.05), (5, 0.01)])
def test_pauses_of_any_length_end(bucket: Bucket, first: float, longest: float) -> None:
    bucket.store.put("exports/contacts.csv", GOOD)
    shop = bucket.shop({"first_wait_seconds": first, "longest_wait_seconds": longest})
    bucket.store.faults = [(503, "SlowDown")] * 2
    assert shop.land().landed_count == 2
    bucket.store.faults = [(503, "SlowDown")] * 3
    with pytest.raises(LandingError, match="slow down"):
        shop.land()
    assert bucket.store.faults == []


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
    ("key in endpoint", {}, {"CX_TEST_S3_ENDPOINT": "https://u:{}@127.0.0.1"}, lambda store: None, "ENDPOINT: give"),
    ("not encrypted", {}, {"CX_TEST_S3_ENDPOINT": "http://{}.example.org"}, lambda store: None, "CX_TEST_S3_ENDPOINT:"),
    ("bad name", {}, {}, lambda store: store.put("exports//contacts.csv", GOOD), "empty part"),
    ("key in the URL", {"url": None, "url_env": "CX_URL"}, {"CX_URL": "s3://k:{}@shop"}, lambda store: None, "CX_URL:"),
    ("a page for people", {}, {}, lambda store: store.faults.append("html"), "no such store"),
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
        {"auth": {"kind": "access_key", "access_key_env": "CX_KEY", "secret_key_env": "{}"}},
        {"auth": {"kind": "access_key", "access_key_env": "CX_KEY", "secret_key_env": "CX_SECRET", "secret_key": "{}"}},
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
    monkeypatch.setenv("CX_TEST_S3_ENDPOINT", "http://127.0.0.1:1")
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "could not be read after 2 attempts" in message) == (False, True)
    monkeypatch.delenv("CX_TEST_S3_KEY")
    assert told(shop, monkeypatch) == [
        (False, "the environment variable CX_TEST_S3_KEY is not set: company.yml names it")
    ]
