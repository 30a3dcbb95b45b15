"""The documentation as a site: its navigation has every page, its links lead somewhere."""

import re
import tomllib
from pathlib import PurePosixPath

import pytest
import yaml

from ops import ROOT
from ops.website.outside_links import leads_outside, with_outside_links
from tests.documentation import PAGES, Page

REPOSITORY = "https://git.example.com/me/channels"
DOCS = [page for page in PAGES if page.path.startswith("docs/")]
OUTSIDE = sorted(
    {
        (page.path, link)
        for page in DOCS
        for link in page.links
        if leads_outside(link, page.path.removeprefix("docs/"))
    }
)


class Configuration(yaml.SafeLoader):
    """mkdocs.yml without MkDocs: what stands behind a tag is taken as it is."""


Configuration.add_multi_constructor("!ENV", lambda loader, _, node: loader.construct_sequence(node))
Configuration.add_multi_constructor(
    "tag:yaml.org,2002:python/", lambda loader, _, node: loader.construct_mapping(node)
)


@pytest.fixture(scope="module")
def site():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    return yaml.load(text, Configuration)  # noqa: S506 - it is a SafeLoader


def pages_of(entries):
    """The pages of a navigation, in its order."""
    for entry in entries:
        [target] = entry.values() if isinstance(entry, dict) else [entry]
        if isinstance(target, list):
            yield from pages_of(target)
        else:
            yield target


def test_every_page_is_in_the_navigation_once(site):
    listed = list(pages_of(site["nav"]))
    assert sorted(listed) == sorted(page.path.removeprefix("docs/") for page in DOCS)


def test_the_navigation_has_the_order_of_the_index(site):
    index = Page("docs/README.md").links
    listed = list(pages_of(site["nav"]))
    assert [each for each in listed if each in index] == [each for each in index if each in listed]


def test_a_broken_link_fails_the_build(site):
    assert site["strict"] is True
    assert set(site["validation"]["links"].values()) == {"warn"}
    assert site["validation"]["nav"]["omitted_files"] == "warn"


def test_no_address_of_a_repository_is_written_down(site):
    assert site["repo_url"] == ["DOCS_REPOSITORY_URL", ""]
    assert site["site_url"] == ["DOCS_SITE_URL", ""]


def test_its_hooks_are_there(site):
    assert site["hooks"] == ["ops/website/outside_links.py"]
    assert all((ROOT / hook).is_file() for hook in site["hooks"])


def test_what_builds_it_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    group = project["dependency-groups"]["docs"]
    assert {re.split("==", each)[0] for each in group} == {
        "mdx-truly-sane-lists",
        "mkdocs",
        "mkdocs-material",
    }
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", each) for each in group)


@pytest.mark.parametrize(("path", "link"), OUTSIDE)
def test_a_link_out_of_docs_leads_to_the_repository(path, link):
    page = Page(path)
    rewritten = with_outside_links(page.text, path.removeprefix("docs/"), REPOSITORY)
    assert f"]({link})" not in rewritten
    target, _, anchor = link.partition("#")
    depth = len(PurePosixPath(path).parts) - 1
    expected = f"{REPOSITORY}/blob/HEAD/{target.removeprefix('../' * depth)}"
    assert f"]({expected}{'#' if anchor else ''}{anchor})" in rewritten


def test_there_are_links_out_of_docs():
    assert {link for _, link in OUTSIDE} >= {"../README.md", "../CONTRIBUTING.md"}


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "the [README](../../README.md) says",
            f"the [README]({REPOSITORY}/blob/HEAD/README.md) says",
        ),
        ("[`a`](../../a.md#b-c)", f"[`a`]({REPOSITORY}/blob/HEAD/a.md#b-c)"),
        ("![a](../../a.svg)", f"![a]({REPOSITORY}/raw/HEAD/a.svg)"),
        ("[two\nlines](../../a.md)", f"[two\nlines]({REPOSITORY}/blob/HEAD/a.md)"),
        ("[a](../a.md) [b](b.md) [c](#c)", "[a](../a.md) [b](b.md) [c](#c)"),
        ("[a](https://example.com/../../a)", "[a](https://example.com/../../a)"),
        ("`[a](../../a.md)`", "`[a](../../a.md)`"),
        ("```\n[a](../../a.md)\n```", "```\n[a](../../a.md)\n```"),
        (
            "1. a\n\n   ```\n   [a](../../a.md)\n   ```\n",
            "1. a\n\n   ```\n   [a](../../a.md)\n   ```\n",
        ),
    ],
)
def test_links_are_rewritten_and_nothing_else(markdown, expected):
    assert with_outside_links(markdown, "channels/rest.md", REPOSITORY) == expected
    assert with_outside_links(markdown, "channels/rest.md", f"{REPOSITORY}/") == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("the [README](../README.md) says", "the README says"),
        ("[`a`](../a.md#b)", "`a`"),
        ("[a](adr/README.md)", "[a](adr/README.md)"),
    ],
)
def test_without_a_repository_the_text_stays(markdown, expected):
    assert with_outside_links(markdown, "README.md", "") == expected
