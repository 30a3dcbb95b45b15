"""The agent's settings: Rasa's EndpointConfig keys, and errors that name the one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.clients.endpoint import read_endpoint, webhook_url
from channels.errors import CredentialsError


@pytest.mark.parametrize(
    ("rasa_url", "webhook"),
    [
        ("http://rasa:5005", "http://rasa:5005/webhooks/rest/webhook"),
        ("http://rasa:5005/", "http://rasa:5005/webhooks/rest/webhook"),
        (" https://rasa.example.com\n", "https://rasa.example.com/webhooks/rest/webhook"),
        ("HTTP://RASA:5005//", "http://rasa:5005/webhooks/rest/webhook"),
        ("https://example.com/bots/a", "https://example.com/bots/a/webhooks/rest/webhook"),
        ("https://example.com/bots/a/", "https://example.com/bots/a/webhooks/rest/webhook"),
        ("http://rasa:5005/webhooks/rest", "http://rasa:5005/webhooks/rest/webhook"),
        ("http://rasa:5005/webhooks/rest/webhook", "http://rasa:5005/webhooks/rest/webhook"),
        ("http://rasa:5005/webhooks/rest/webhook/", "http://rasa:5005/webhooks/rest/webhook"),
        ("http://rasa:5005/webhook", "http://rasa:5005/webhook/webhooks/rest/webhook"),
        ("http://[::1]:5005", "http://[::1]:5005/webhooks/rest/webhook"),
    ],
)
def test_the_webhook_is_found_from_any_form_of_the_servers_url(rasa_url: str, webhook: str) -> None:
    assert webhook_url(rasa_url) == webhook


@pytest.mark.parametrize(
    ("rasa_url", "problem"),
    [
        ("", "must begin with http"),
        ("rasa:5005", "must begin with http"),
        ("ftp://rasa", "must begin with http"),
        ("http://", "must begin with http"),
        ("http://[::1", "is not a URL"),
        ("http://rasa:hunter2", "is not a URL"),
        ("http://user:hunter2@rasa", "'basic_auth'"),
        ("http://rasa/?token=hunter2", "'token'"),
        ("http://rasa/#hunter2", "has a query"),
    ],
)
def test_a_url_that_cannot_serve_is_refused_without_repeating_it(
    rasa_url: str, problem: str
) -> None:
    with pytest.raises(CredentialsError) as raised:
        webhook_url(rasa_url)
    assert "RasaUrl" in str(raised.value)
    assert problem in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_every_key_of_rasas_endpoint_config_is_read() -> None:
    endpoint = read_endpoint(
        "agent",
        {
            "params": {"region": "eu", "limit": 3, "debug": True},
            "headers": {"X-Team": "support", "X-Level": 2},
            "basic_auth": {"username": "u", "password": "p:w"},
            "token": "abc",
            "token_name": "key",
            "timeout": 20,
        },
    )
    assert endpoint.params == {"region": "eu", "limit": "3", "debug": "true", "key": "abc"}
    assert endpoint.headers == {"X-Team": "support", "X-Level": "2"}
    assert endpoint.basic_auth == ("u", "p:w")
    assert endpoint.timeout == 20.0


def test_the_token_is_the_parameter_token_unless_named_otherwise() -> None:
    assert read_endpoint("agent", {"token": "abc"}).params == {"token": "abc"}


@pytest.mark.parametrize("key", ["params", "headers", "basic_auth", "token", "cafile", "timeout"])
def test_a_key_without_a_value_is_as_if_it_were_not_there(key: str) -> None:
    assert read_endpoint("agent", {key: None}) == ({}, {}, None, None, None)


@pytest.mark.parametrize(
    ("credentials", "key"),
    [
        ({"params": ["hunter2"]}, "params"),
        ({"params": {"a": ["hunter2"]}}, "params.a"),
        ({"params": {"a": None}}, "params.a"),
        ({"headers": "hunter2"}, "headers"),
        ({"headers": {"X-Key": {"hunter2": 1}}}, "headers.X-Key"),
        ({"headers": {"X-Key": "hunter2\nX-Other: 1"}}, "headers.X-Key"),
        ({"headers": {"X-Key": "hunter2 \N{SNOWMAN}"}}, "headers.X-Key"),
        ({"headers": {"X Key": "hunter2"}}, "headers.X..."),
        ({"headers": {"Authorization:hunter2": None}}, "headers.Authorization..."),
        ({"basic_auth": "u:hunter2"}, "basic_auth"),
        ({"basic_auth": {"password": "hunter2"}}, "basic_auth.username"),
        ({"basic_auth": {"username": "u"}}, "basic_auth.password"),
        ({"basic_auth": {"username": "u", "password": 5}}, "basic_auth.password"),
        ({"basic_auth": {"username": "u:v", "password": "hunter2"}}, "basic_auth.username"),
        ({"token": 12345}, "token"),
        ({"token": ""}, "token"),
        ({"token": "hunter2", "token_name": 5}, "token_name"),
        ({"token": "hunter2", "token_name": ""}, "token_name"),
        ({"cafile": True}, "cafile"),
        ({"cafile": "no/such/file.pem"}, "cafile"),
        ({"timeout": "20"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_without_its_value(
    credentials: dict[str, Any], key: str
) -> None:
    with pytest.raises(CredentialsError) as raised:
        read_endpoint("agent", credentials)
    assert str(raised.value).startswith(f"agent: '{key}' ")
    assert "hunter2" not in str(raised.value)


def test_other_keys_are_somebody_else_s() -> None:
    assert read_endpoint("callback", {"url": "https://example.com", "tokn": "t"}) == (
        read_endpoint("callback", {})
    )


@pytest.mark.parametrize("credentials", [None, "text", ["list"]])
def test_a_section_that_is_no_mapping_is_refused(credentials: Any) -> None:
    with pytest.raises(CredentialsError, match="must be a mapping"):
        read_endpoint("agent", credentials)


def test_a_cafile_without_certificates_is_refused(tmp_path: Path) -> None:
    cafile = tmp_path / "empty.pem"
    cafile.write_text("not a certificate")
    with pytest.raises(CredentialsError, match="'cafile' must be a file of certificates"):
        read_endpoint("agent", {"cafile": str(cafile)})
