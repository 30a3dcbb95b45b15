"""Each channel has a section of the README: where to click, its keys, what is supported."""

import re

import pytest

from channels.wiring.registry import BUILT_IN
from ops import ROOT
from tests.documentation import Page

README = Page("README.md")
TITLES = dict(re.findall(r"^\| [^|]+ \| `(\w+)` \| [^|]+ \| \[([^]]+)\]", README.text, re.M))
EXAMPLE = (ROOT / "credentials.example.yml").read_text(encoding="utf-8")

#: Where nobody else's console has to be told anything.
WITHOUT_CLICKS = {"callback", "rest", "socketio"}
CHANNELS = sorted(set(BUILT_IN) - {"cmdline"})


def section(name):
    """The text of a channel's section; of two of the same channel, the one on its keys."""
    title = {"socketio": "Socket.IO"}.get(name, TITLES[name])
    [text] = re.findall(
        rf"^### {re.escape(title)}\n(.*?)(?=^##+ [^#]|\Z)", README.text, re.M | re.S
    )
    return text


def keys(name):
    """The keys that the example file has for a channel, commented out or not."""
    below = re.split(rf"^(?:# )?{name}:.*\n", EXAMPLE, flags=re.M)[1]
    own = re.split(r"^(?!#?  )", below, flags=re.M)[0]
    return re.findall(r"^(?:#   |  # |  )([a-z][\w-]*):", own, re.M)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_section_has_its_tables(name):
    text = section(name)
    assert "| key in `credentials.yml` | what |" in text
    assert "| | Rasa 3.6 | here |" in text
    assert name in WITHOUT_CLICKS or re.search(r"^1\. ", text, re.M)


@pytest.mark.parametrize("name", CHANNELS)
def test_every_key_of_the_example_file_is_explained(name):
    found = keys(name)
    assert found
    assert [key for key in found if f"`{key}`" not in section(name)] == []
