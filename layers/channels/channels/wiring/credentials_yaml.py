"""The YAML of `credentials.yml`, read strictly: nothing in it is guessed, lost or shown.

A key is the text that is written. A key that is given twice is refused, and so are values that YAML
changes silently (dates, `0123`, `12:30`) and values that it takes for a tag, an anchor or an alias.
An error names the line, never a value.

Only the `ops` commands and tests read YAML; a stack keeps JSON.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from channels.errors import CredentialsError
from channels.section import shown

if TYPE_CHECKING:
    from collections.abc import Hashable

_TAG = "tag:yaml.org,2002:"
_NEEDS_QUOTES = "a value that begins with ! & * % @ | > or ` needs quotes"
_OTHERWISE = "is read by YAML as another number than the one written: put it in quotes"

#: What a plain value may look like for YAML to read it as what is written, by its tag.
_FORMS = {
    f"{_TAG}str": re.compile(".*", re.DOTALL),
    f"{_TAG}null": re.compile("|~|null|Null|NULL"),
    f"{_TAG}bool": re.compile("yes|no|true|false|on|off", re.IGNORECASE),
    f"{_TAG}int": re.compile(r"-?(0|[1-9]\d{0,17})"),
    f"{_TAG}float": re.compile(r"-?(\d+\.\d*|\.\d+)([eE][-+]?\d+)?"),
}
_REFUSALS = {
    f"{_TAG}timestamp": "is a date to YAML: put it in quotes",
    f"{_TAG}int": _OTHERWISE,
    f"{_TAG}float": _OTHERWISE,
}
_MERGE = f"{_TAG}merge"
_KEYS = {*_FORMS, *_REFUSALS, _MERGE}

#: No section needs more; a deeper document ends Python's recursion.
_DEEPEST = 20

#: A channel's name or a module path.
_SECTION = re.compile(r"[\w.-]+")

#: Errors of the library whose texts repeat what is written, by a part of the text.
_TOLD = (
    ("another document", "the file has a second document: leave out the line ---"),
    ("escape character", "a value with a backslash needs single quotes"),
    ("'\\t' that cannot", "indent with spaces, not with tabs"),
    ("occurrence", _NEEDS_QUOTES),
)
#: What may be quoted in an error: kinds of tokens, and marks.
_TOKENS = re.compile(r"'(<[a-z ]+>|[,:?\]}-])'")


def read_sections(text: str) -> dict[str, dict[str, Any]]:
    """The sections of a file's text, by name; one without settings is {}.

    Raises CredentialsError, `line 3: ...`, if the text is not YAML or not sections of settings.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise _refused(line, "not valid YAML: a control character") from error
    except yaml.MarkedYAMLError as error:
        raise _refused(_line_of(error), f"not valid YAML: {_told(error.problem or '')}") from error
    if root is None or root.tag == f"{_TAG}null":
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise CredentialsError("must be a mapping of channel names to settings")
    try:
        settings = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:  # something else than mappings under <<
        raise _refused(_line_of(error), f"not valid YAML: {_told(error.problem or '')}") from error
    return {key.value: _section(key, settings[key.value]) for key, _ in root.value}


def _section(key: yaml.ScalarNode, settings: object) -> dict[str, Any]:
    line, name = key.start_mark.line, str(key.value)
    if not _SECTION.fullmatch(name):
        mend = "write a space after its colon" if ":" in name else "use a channel's or a module's"
        raise _refused(line, f"'{shown(name)}' is no name of a section: {mend}")
    if not isinstance(settings, dict | None):
        raise _refused(line, f"the section '{shown(name)}' must be a mapping of settings")
    return settings or {}


class _Loader(yaml.SafeLoader):
    """Checks each node as soon as it is composed; what is left is safe to construct."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._open: list[str | None] = []  # the anchors of what is being composed, None for none

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node; refuses what contains itself, and an alias of nothing."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise _refused(line, _NEEDS_QUOTES)
            if event.anchor in self._open:
                raise _refused(line, "an alias (*) of what it stands in")
        if len(self._open) > _DEEPEST:
            raise _refused(line, f"nested deeper than {_DEEPEST} levels")
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """Compose a scalar; refuses an anchor of nothing: a value that begins with &."""
        node: yaml.ScalarNode = super().compose_scalar_node(anchor)
        if anchor is not None and not (node.value or node.style):
            raise _refused(node.start_mark.line, _NEEDS_QUOTES)
        return node

    def compose_sequence_node(self, anchor: Any) -> yaml.SequenceNode:
        """Compose a list of values that YAML leaves as they are written."""
        self._open.append(anchor)
        node: yaml.SequenceNode = super().compose_sequence_node(anchor)
        self._open.pop()
        for each in node.value:
            _check(each, "an item of a list")
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping of texts that differ to values that YAML leaves as they are."""
        self._open.append(anchor)
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        self._open.pop()
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line
            if not isinstance(key, yaml.ScalarNode) or key.tag not in _KEYS:
                raise _refused(line, "a key must be a text")
            name = f"'{shown(key.value)}'"
            if key.value in lines:
                raise _refused(line, f"{name} is in line {lines[key.value] + 1} already")
            lines[key.value] = line
            _check(value, name)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping by its keys as they are written."""
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    return loader.construct_mapping(node, deep=True)


# Others may have changed what SafeLoader makes of a mapping; SAM's CLI does.
_Loader.add_constructor(f"{_TAG}map", _mapping)


def _check(node: yaml.Node, name: str) -> None:
    """Refuse a value that YAML does not read as what is written."""
    if isinstance(node, yaml.ScalarNode):
        form = _FORMS.get(node.tag)
        if form is None or not form.fullmatch(node.value):
            refusal = _REFUSALS.get(node.tag)
            what = f"{name} {refusal}" if refusal else _NEEDS_QUOTES
            raise _refused(node.start_mark.line, what)
    elif node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
        raise _refused(node.start_mark.line, _NEEDS_QUOTES)


def _told(problem: str) -> str:
    """What the library says, without what it quotes of the file."""
    for part, told in _TOLD:
        if part in problem:
            return told
    return _NEEDS_QUOTES if {"'", '"'} & set(_TOKENS.sub("", problem)) else problem


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line if mark else 0


def _refused(line: int, what: str) -> CredentialsError:
    """The error of a line, counted from 0."""
    return CredentialsError(f"line {line + 1}: {what}")
