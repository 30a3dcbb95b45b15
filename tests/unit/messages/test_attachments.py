"""Where a bot's attachment has its file."""

import pytest

from channels.messages.attachments import file_name_of, is_url, rasas_url_of, source_of, url_of

U = "https://example.com/a.pdf"


@pytest.mark.parametrize(
    ("attachment", "url", "rasas"),
    [
        (U, U, U),
        ("http://example.com", "http://example.com", "http://example.com"),
        ({"type": "video", "payload": {"src": U}}, U, U),
        ({"payload": {"url": U}}, U, U),
        ({"payload": {"src": U, "url": "https://other.example"}}, U, U),
        ({"payload": {"src": "", "url": U}}, U, U),
        ({"src": U}, U, None),
        ({"url": U, "payload": "text"}, U, None),
        ({"url": U, "payload": {}}, None, None),
        ({"payload": {"src": "a.pdf"}}, None, None),
        ({"payload": {"src": [U]}}, None, None),
        ({}, None, None),
        ("a.pdf", None, None),
        ("ftp://example.com", None, None),
        ("", None, None),
        ([U], None, None),
        (5, None, None),
        (None, None, None),
    ],
)
def test_the_address_of_an_attachment(attachment, url, rasas):
    assert url_of(attachment) == url
    assert rasas_url_of(attachment) == rasas


@pytest.mark.parametrize(
    ("attachment", "source"),
    [
        ("a.pdf", "a.pdf"),
        ({"payload": {"src": "a.pdf"}}, "a.pdf"),
        ({"url": 5}, 5),
        ({"type": "file"}, None),
        ([1], [1]),
    ],
)
def test_what_stands_where_the_address_belongs(attachment, source):
    assert source_of(attachment) == source


@pytest.mark.parametrize("value", [None, 5, b"https://x", "", "HTTPS", " https://x"])
def test_what_is_no_address(value):
    assert not is_url(value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (U, "a.pdf"),
        ("https://example.com/x/a%20b.pdf?c=d#e", "a b.pdf"),
        ("https://example.com/x/", ""),
        ("https://example.com", ""),
        ("https://[example.com/a.pdf", ""),
    ],
)
def test_the_name_of_a_file(url, name):
    assert file_name_of(url) == name
