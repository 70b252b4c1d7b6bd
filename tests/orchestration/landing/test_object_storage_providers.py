"""Google's and Azure's stores: the same files land the same, each with its own kinds of credentials and none else."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from orchestration.connectors.objects import storage as object_storage
from orchestration.declaration.company import CompanyError
from orchestration.landing.errors import LandingError
from tests.orchestration.landing.conftest import CONNECTION, NOW, Bucket, Shop
from tests.orchestration.planted import SECRETS, leaks
from tests.orchestration.test_no_secret_leaks import all_that_is_said, stored
from tests.servers.object_store import ObjectStore, S3Handler, serving
from tests.servers.other_stores import (
    ACCOUNT,
    ACCOUNT_KEY,
    SAS_TOKEN,
    AzureHandler,
    GoogleHandler,
    service_account,
)

SERVICE_ACCOUNT = {"auth": {"kind": "service_account", "key_env": "CX_TEST_KEY"}, "url": "gs://shop/exports"}
AZURE = {"account": ACCOUNT, "url": "abfs://shop/exports"}
STORES: dict[str, tuple[type[S3Handler], dict[str, object], str]] = {
    "google": (GoogleHandler, SERVICE_ACCOUNT, service_account()),
    "azure key": (AzureHandler, {**AZURE, "auth": {"kind": "account_key", "key_env": "CX_TEST_KEY"}}, ACCOUNT_KEY),
    "azure sas": (AzureHandler, {**AZURE, "auth": {"kind": "sas", "token_env": "CX_TEST_KEY"}}, f"?{SAS_TOKEN}"),
}
SECRET_PARTS = [
    ACCOUNT_KEY,
    SAS_TOKEN,
    SAS_TOKEN.rpartition("=")[2],
    json.loads(service_account())["private_key"].splitlines()[3],
]


@dataclass
class Provider:
    """A bucket of a provider, and how it is declared."""

    bucket: Bucket
    connection: dict[str, object]
    url: str

    def shop(self, **connection: object) -> Shop:
        return self.bucket.shop({**self.connection, **connection})


@pytest.fixture(params=list(STORES))
def provider(request: pytest.FixtureRequest, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    protocol, connection, secret = STORES[request.param]
    with ExitStack() as stack:
        store = ObjectStore(page_size=2)
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", stack.enter_context(serving(store, protocol=protocol)))
        monkeypatch.setenv("CX_TEST_KEY", secret)
        # What other programs on the machine use counts for nothing.
        for name in ("ACCOUNT_KEY", "ACCESS_KEY", "SAS_KEY", "SAS_TOKEN", "CLIENT_ID", "TOKEN", "ENDPOINT"):
            monkeypatch.setenv(f"AZURE_STORAGE_{name}", "http://127.0.0.1:1")
        monkeypatch.setenv("GOOGLE_BASE_URL", "http://127.0.0.1:1")
        yield Provider(Bucket(store, tmp_path), connection, str(connection["url"]))


def test_a_first_and_a_second_load_a_new_object_and_one_overwritten(provider: Provider) -> None:
    store, shop = provider.bucket.store, provider.shop()
    for name, row in (("contacts-1", "c1,1"), ("contacts-2", "c2,2"), ("contacts größe 1+2%#", "c3,3"), ("x", "x,9")):
        store.put(f"exports/{name}.csv", f"contact_id,amount\n{row}\n")
    assert shop.land().landed_count == 3
    assert shop.rows("contact_id, amount, _source_file") == [
        ("c3", Decimal(3), f"{provider.url}/contacts größe 1+2%#.csv"),
        ("c1", Decimal(1), f"{provider.url}/contacts-1.csv"),
        ("c2", Decimal(2), f"{provider.url}/contacts-2.csv"),
    ]
    store.seen.clear()
    assert shop.land(NOW + timedelta(days=1)).status == "unchanged"
    assert store.reads() == []
    store.put("exports/contacts-1.csv", "contact_id,amount\nc1,8\n")
    store.put("exports/contacts-3.csv", "contact_id,amount\nc4,4\n")
    assert shop.land(NOW + timedelta(days=2)).landed_count == 2
    assert shop.rows("contact_id, amount, _load_sequence")[3:] == [("c1", Decimal(8), 2), ("c4", Decimal(4), 2)]


def test_an_object_that_changes_meanwhile_does_not_land(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_storage, "PIECE_BYTES", 20)
    store, shop = provider.bucket.store, provider.shop()
    store.put("exports/contacts.csv", "contact_id,amount\nc1,1\n")

    def before(method: str, key: str) -> None:
        if len(store.reads()) == 2:
            store.put("exports/contacts.csv", "contact_id,amount\nc9,9\n")

    store.before = before
    with pytest.raises(LandingError, match="changed while it was read"):
        shop.land()
    assert shop.manifests() == []


def test_failures_say_what_to_do_and_tell_no_secret(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = provider.bucket.store, provider.bucket.folder
    store.put("exports/contacts.csv", "contact_id,amount\nc1,1\n")
    told = []
    with all_that_is_said() as said:

        def failing(match: str, **connection: object) -> None:
            with pytest.raises(LandingError, match=match) as caught:
                provider.shop(**connection).land()
            told.append("".join(traceback.format_exception(caught.value)))

        failing("there is no such (bucket|container)", url=provider.url.replace("shop", "nowhere"))
        store.faults = [(503, "ServerBusy")] * 3
        failing("asks to slow down")
        store.faults = [(403, "AccessDenied")]
        failing("access denied")
        for secret in (SECRETS[7], SECRETS[13], SECRETS[28], "line\nbreak-secret", "c2hvcnQ="):
            monkeypatch.setenv("CX_TEST_KEY", secret)
            failing("CX_TEST_KEY holds no|CX_TEST_KEY holds signs|store refuses the key")
        monkeypatch.delenv("CX_TEST_KEY")
        failing("CX_TEST_KEY is not set")
    everything = " ".join(told) + said.getvalue() + stored(folder)
    assert leaks(everything, [*SECRET_PARTS, SECRETS[7], SECRETS[13], SECRETS[28], "line\nbreak-secret"]) == []


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ({**SERVICE_ACCOUNT, "url": "s3://shop"}, "s3:// takes auth of kind access_key"),
        ({**SERVICE_ACCOUNT, "auth": None}, "gs:// needs auth"),
        ({**AZURE, "auth": None, "account": None}, "abfs:// needs account"),
        ({"account": ACCOUNT}, "account is for abfs:// alone"),
        ({**AZURE, "url": f"abfs://shop@{ACCOUNT}.dfs.core.windows.net/exports", "auth": None}, "give a URL such as"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    connection: dict[str, object], message: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CompanyError, match=message):
        bucket.shop(connection).land()
    if "URL" in message:
        return
    given = {**CONNECTION, **connection}
    monkeypatch.setenv("CX_URL", str(given["url"]))
    with pytest.raises(LandingError, match=message):
        bucket.shop({**connection, "url": None, "url_env": "CX_URL"}).land()


def test_a_public_container_is_read_without_credentials(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    class Public(AzureHandler):
        def check_signature(self, path: str, query: str) -> None:
            assert "Authorization" not in self.headers

    bucket.store.put("exports/contacts.csv", "contact_id,amount\nc1,1\n")
    with serving(bucket.store, protocol=Public) as endpoint:
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", endpoint)
        assert bucket.shop({**AZURE, "auth": None}).land().landed_count == 1
    with serving(bucket.store, protocol=AzureHandler) as endpoint:
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", endpoint)
        with pytest.raises(LandingError, match="none are declared"):
            bucket.shop({**AZURE, "auth": None}).land()
