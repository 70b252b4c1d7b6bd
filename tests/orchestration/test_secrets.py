"""Secrets are taken out of a text in every form in which libraries write them; what is no secret stays."""

from __future__ import annotations

import base64

import pytest

from orchestration.ground.secrets import MASK, MissingSecretError, Secret
from tests.orchestration.planted import SECRETS, forms, leaks


@pytest.mark.parametrize("value", SECRETS)
def test_every_form_of_a_secret_is_masked(value: str) -> None:
    secret = Secret("NAME", value)
    for form in forms(value):
        masked = secret.masked(f"before {form} after")
        assert leaks(masked, [value]) == []
        assert masked.startswith("before ")
        assert masked.endswith(" after")


def test_user_and_password_in_base64_as_basic_authentication_sends_them() -> None:
    for value in SECRETS:
        for user in ("u", "us", "use"):
            sent = base64.b64encode(f"{user}:{value}".encode()).decode()
            assert leaks(Secret("NAME", value).masked(f"Authorization: Basic {sent}"), [value]) == []


def test_the_password_of_a_url_is_masked_wherever_it_stands() -> None:
    secret = Secret("URL", "postgresql://anna:p%40ss%2Fword@db:5432/shop?sslcert=/keys/anna.pem")
    text = 'user "anna" with password p@ss/word at postgresql://anna:p%40ss%2Fword@db failed, see /keys/anna.pem'
    assert secret.masked(text) == f'user "anna" with password {MASK} at postgresql://{MASK}@db failed, see {MASK}'


def test_short_values_do_not_blot_out_words() -> None:
    assert Secret("NAME", "a").masked("a table") == "a table"


def test_a_secret_shows_its_name_only() -> None:
    secret = Secret("NAME", "hidden-value")
    assert "hidden" not in f"{secret} {secret!r}"
    assert secret.reveal() == "hidden-value"


def test_an_unset_or_blank_variable_is_named() -> None:
    for environ in ({}, {"NAME": "  "}):
        with pytest.raises(MissingSecretError, match="NAME is not set"):
            Secret.read("NAME", environ)
    assert Secret.read("NAME", {"NAME": " x-y "}).reveal() == "x-y"
