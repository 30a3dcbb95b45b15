"""Links of the documentation that lead out of docs/: on the site they lead to the repository.

A hook of MkDocs (mkdocs.yml names it): on GitHub `../CONTRIBUTING.md` is a file, on the site it is
`<repo_url>/blob/HEAD/CONTRIBUTING.md`. Where `repo_url` is empty the link's text stays. MkDocs runs
this file by its path, in an environment of its own: the standard library only.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_DOCS = "docs"

#: Code, in which nothing is a link, or a link or picture; the text of either may hold code.
_CODE_OR_LINK = re.compile(
    r"^[ ]*```.*?^[ ]*```[ ]*$"
    r"|(?P<link>(?P<mark>!?)\[(?P<text>(?:[^\[\]`]|`[^`]*`)*)\]\((?P<target>[^()\s]+)\))"
    r"|`[^`]*`",
    re.MULTILINE | re.DOTALL,
)


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """MkDocs' event: the page's text before it is rendered and its links are checked."""
    return with_outside_links(markdown, page.file.src_uri, config.repo_url or "")


def with_outside_links(markdown: str, page: str, repository: str) -> str:
    """The text of a page with its links out of docs/ as links to the repository.

    `page` is relative to docs/; `repository` is the repository's URL, "" keeps the links' texts.
    """
    base = repository.rstrip("/")

    def replaced(match: re.Match[str]) -> str:
        target = leads_outside(match["target"], page) if match["link"] else ""
        if not target:
            return match[0]
        if not base:
            return match["text"]
        kind = "raw" if match["mark"] else "blob"
        return f"{match['mark']}[{match['text']}]({base}/{kind}/HEAD/{target})"

    return _CODE_OR_LINK.sub(replaced, markdown)


def leads_outside(link: str, page: str) -> str:
    """Where a link out of docs/ leads: a path of the repository, and its anchor; else ""."""
    path, anchor, name = link.partition("#")
    if not path or path.startswith("/") or ":" in path.partition("/")[0]:
        return ""
    found = posixpath.normpath(posixpath.join(_DOCS, posixpath.dirname(page), path))
    return "" if found.partition("/")[0] == _DOCS else f"{found}{anchor}{name}"
