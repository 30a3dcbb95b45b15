"""Each channel has its page: where to click, its keys, what comes in and goes out."""

import re

import pytest

from channels.wiring.registry import BUILT_IN
from ops import ROOT
from tests.documentation import Page

EXAMPLE = (ROOT / "credentials.example.yml").read_text(encoding="utf-8")

#: Where nobody else's console has to be told anything.
WITHOUT_CLICKS = {"callback", "rest", "socketio"}
CHANNELS = sorted(set(BUILT_IN) - {"cmdline"})


def page(name):
    """The text of a channel's page."""
    return Page(f"docs/channels/{name}.md").text


def keys(name):
    """The keys that the example file has for a channel, commented out or not."""
    below = re.split(rf"^(?:# )?{name}:.*\n", EXAMPLE, flags=re.M)[1]
    own = re.split(r"^(?!#?  )", below, flags=re.M)[0]
    return re.findall(r"^(?:#   |  # |  )([a-z][\w-]*):", own, re.M)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_page_has_its_tables(name):
    text = page(name)
    assert "| key in `credentials.yml` | what |" in text
    assert "| | Rasa 3.6 | here |" in text
    assert name in WITHOUT_CLICKS or re.search(r"^1\. ", text, re.M)


@pytest.mark.parametrize("name", CHANNELS)
def test_every_key_of_the_example_file_is_explained(name):
    found = keys(name)
    assert found
    assert [key for key in found if f"`{key}`" not in page(name)] == []
