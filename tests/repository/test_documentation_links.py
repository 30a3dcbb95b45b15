"""What the documentation points to is there, and so is what the code says of it."""

import re
import subprocess
from pathlib import PurePosixPath
from xml.etree import ElementTree

import pytest

from channels.wiring.registry import BUILT_IN
from ops import ROOT
from tests.documentation import GUIDES, PAGES, Page, tracked

README = Page("README.md")
ANCHORS = {page.path: page.anchors for page in PAGES}
FILES = tracked()
WITH_NAMES = ("layers", "ops", "functions", "template.yaml", "credentials.example.yml", ".github")
LINKS = sorted(
    {
        (page.path, link)
        for page in PAGES
        for link in page.links
        if ":" not in link.partition("/")[0]
    }
)
PICTURES = sorted(path for path in FILES if path.startswith("docs/") and path.endswith(".svg"))
SVG = "{http://www.w3.org/2000/svg}"

#: "(docs/channels/slack.md)"
NAMED = re.compile(r"\bdocs/[\w/-]+\.md")

#: What stands for a new channel's page where `ops channel new` writes one.
NEW = {"docs/channels/my_platform.md", "docs/channels/NAME.md"}


def resolved(page, link):
    """The file and the section that a link of a page leads to."""
    path, _, anchor = link.partition("#")
    if not path:
        return page, anchor
    parts = []
    for part in (PurePosixPath(page).parent / path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts), anchor


def code_that_names_pages():
    """Each page that an error, a help text or an output names, and where."""
    listed = subprocess.run(  # noqa: S603
        ["git", "grep", "-lIE", "docs/.*[.]md", "--", *WITH_NAMES],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for path in listed.stdout.splitlines():
        for page in {*NAMED.findall((ROOT / path).read_text(encoding="utf-8"))} - NEW:
            yield path, page


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, anchor = resolved(page, link)
    assert path in FILES, "no such file, as it is written"
    if anchor:
        assert anchor in ANCHORS[path]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_references_are_defined_and_used(page):
    used = set(re.findall(r"\]\[([\w-]+)\]", page.prose))
    assert used == set(re.findall(r"^\[([\w-]+)\]: https://\S+$", page.prose, re.M))


def test_there_are_links_to_follow():
    assert len(LINKS) > 50
    assert any("#" in link for _, link in LINKS)


@pytest.mark.parametrize(("path", "page"), sorted(set(code_that_names_pages())))
def test_a_page_that_the_code_names_is_there(path, page):
    assert page in FILES


def test_the_code_names_pages():
    named = {name for _, name in code_that_names_pages()}
    assert {"docs/channels/slack.md", "docs/agents.md", "docs/credentials.md"} <= named


def test_the_code_names_no_section_of_the_readme():
    found = subprocess.run(  # noqa: S603
        ["git", "grep", "-nIE", "README, ", "--", *WITH_NAMES],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_the_readme_is_short():
    assert len(README.text.splitlines()) <= 300


def test_every_channel_has_its_row_and_its_page():
    rows = re.findall(
        r"^\| [^|]+ \| `([\w.<>]+)` \| [^|]+ \| \[[^]]+\]\((docs/[\w/#.-]+)\) \|$",
        README.text,
        re.M,
    )
    assert set(BUILT_IN) <= {name for name, _ in rows}
    pages = {path for path in FILES if path.startswith("docs/channels/") and path.endswith(".md")}
    assert pages <= {page.partition("#")[0] for _, page in rows}


def test_every_page_of_docs_is_in_their_index():
    index = {resolved("docs/README.md", link)[0] for link in Page("docs/README.md").links}
    pages = {page.path for page in GUIDES if page.path.startswith("docs/")} - {"docs/README.md"}
    assert pages <= index


def test_every_decision_is_in_their_index():
    index = {resolved("docs/adr/README.md", link)[0] for link in Page("docs/adr/README.md").links}
    assert {path for path in FILES if re.match(r"docs/adr/\d", path)} == index


@pytest.mark.parametrize("path", PICTURES)
def test_a_picture_can_be_read_by_everybody(path):
    root = ElementTree.parse(ROOT / path).getroot()  # noqa: S314
    for name in ("title", "desc"):
        [element] = root.findall(f"{SVG}{name}")
        assert element.text
        assert element.get("id") in (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert len(root.findall(f".//{SVG}text")) > 5
    assert "prefers-color-scheme: dark" in "".join(root.itertext())
    # what GitHub and browsers do not show in a picture
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not kinds & {"script", "foreignObject", "image", "a"}
    used = {
        path for page in PAGES for path in (resolved(page.path, each)[0] for each in page.links)
    }
    assert path in used
