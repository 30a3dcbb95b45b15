"""A stack's credentials in SSM: one SecureString `/<stack>/credentials/<channel>` per section.

That of a custom channel is `/<stack>/credentials/custom/<route>`
(`channels.wiring.credentials.stored`). What registration filled in stands in
`/<stack>/registered/<channel>` too, which no function reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from channels.wiring.credentials import Credentials
from channels.wiring.registry import BUILT_IN, custom_section
from ops.credentials.encryption import DEFAULT_KEY
from ops.credentials.registered_settings import added, kept
from ops.failure import Failure
from ops.stack.aws import Stack

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef, ParameterTypeDef

#: SSM's own limit for the tier that is chosen for sections over 4 KB (bytes).
_MAX_SIZE = 8192


@dataclass
class Change:
    """What a push did, by channel; `absent` are on the stack but not in the file."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """A channel's credentials on the stack: the names of its settings, never their values."""

    channel: str
    keys: list[str]
    last_changed: datetime


class ParameterStore:
    """The credentials of one stack."""

    def __init__(self, stack: Stack) -> None:
        """Speak to SSM where the stack is."""
        self._client: SSMClient = stack.session.client("ssm", endpoint_url=stack.endpoint_url)
        self._path = f"/{stack.name}/credentials"
        self._beside = f"/{stack.name}/registered"

    def push(
        self,
        credentials: Mapping[str, Mapping[str, Any]],
        *,
        prune: bool = False,
        key: str = DEFAULT_KEY,
    ) -> Change:
        """Write every section that differs; `prune` removes those that are not given.

        `key` is the id of the KMS key: what is encrypted with another one is written anew.

        What registration filled in stays where a section is silent about it
        (`registered_settings.kept`; a pruning push is exact). Raises Failure, before anything is
        written, for a section that SSM cannot hold.
        """
        known, beside = self._texts(self._path), self._texts(self._beside)
        texts, registered = {}, {}
        for channel, section in credentials.items():
            before = json.loads(known.get(channel, "{}")), json.loads(beside.get(channel, "{}"))
            new = kept(channel, section, *before, exact=prune)
            texts[channel] = _text(channel, new.section)
            if new.registered or channel in beside:
                registered[channel] = _text(channel, new.registered)
        # First what would be lost if this broke off half-way.
        self._write_all(self._beside, registered, beside, key)
        change = Change(written=self._write_all(self._path, texts, known, key))
        change.unchanged = [channel for channel in texts if channel not in change.written]
        for channel in sorted(set(known) - set(texts)):
            if prune:
                self._client.delete_parameter(Name=f"{self._path}/{channel}")
                if channel in beside:
                    self._client.delete_parameter(Name=f"{self._beside}/{channel}")
                change.removed.append(channel)
            else:
                change.absent.append(channel)
        return change

    def note_registered(
        self, channel: str, known: Mapping[str, Any], new: Mapping[str, Any], key: str = DEFAULT_KEY
    ) -> None:
        """Keep what registration changes a section's settings by, from `known` to `new`."""
        beside = self._texts(self._beside)
        registered = added(channel, known, new, json.loads(beside.get(channel, "{}")))
        if registered:
            self._write_all(self._beside, {channel: _text(channel, registered)}, beside, key)

    def credentials(self) -> Credentials:
        """The sections with their values, under the stack's names."""
        return {name: json.loads(text) for name, text in self._texts(self._path).items()}

    def sections(self) -> list[Section]:
        """What the stack has, by channel name."""
        found = [
            Section(_name(self._path, each), _keys(each["Value"]), each["LastModifiedDate"])
            for each in self._parameters(self._path)
        ]
        return sorted(found, key=lambda section: section.channel)

    def section(self, channel: str) -> dict[str, Any] | None:
        """A channel's settings, secrets too: to be used, never shown; None when it has none.

        Wants the right to decrypt them. `channel` is the route of a custom one, whose settings come
        with its class (`channels.wiring.registry.custom_document`).
        """
        name = channel if channel in BUILT_IN else custom_section(channel)
        try:
            answer = self._client.get_parameter(Name=f"{self._path}/{name}", WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        section: dict[str, Any] = json.loads(answer["Parameter"]["Value"])
        return section

    def _write_all(
        self, path: str, texts: Mapping[str, str], known: Mapping[str, str], key: str
    ) -> list[str]:
        """Write what differs from `known`, or is encrypted with another key; gives the names."""
        keys = self._encryption_keys(path) if texts else {}
        written = []
        for name, text in texts.items():
            if known.get(name) != text or keys.get(name) != key:
                self._write(f"{path}/{name}", text, key)
                written.append(name)
        return written

    def _write(self, name: str, text: str, key: str) -> None:
        self._client.put_parameter(
            Name=name,
            Value=text,
            Type="SecureString",
            KeyId=key,
            Tier="Intelligent-Tiering",  # sections up to 4 KB cost nothing, larger ones fit too
            Overwrite=True,
        )

    def _texts(self, path: str) -> dict[str, str]:
        return {_name(path, each): each["Value"] for each in self._parameters(path)}

    def _parameters(self, path: str) -> Iterator[ParameterTypeDef]:
        pages = self._client.get_paginator("get_parameters_by_path")
        for page in pages.paginate(Path=path, Recursive=True, WithDecryption=True):
            yield from page["Parameters"]

    def _encryption_keys(self, path: str) -> dict[str, str]:
        """The ids of the parameters' keys, by name, as they were given."""
        pages = self._client.get_paginator("describe_parameters").paginate(
            ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [path]}]
        )
        return {
            _name(path, each): each.get("KeyId", DEFAULT_KEY)
            for page in pages
            for each in page["Parameters"]
        }


def _name(path: str, parameter: ParameterTypeDef | ParameterMetadataTypeDef) -> str:
    """What a parameter is called below `path`: the channel whose it is."""
    return parameter["Name"].removeprefix(f"{path}/")


def _keys(text: str) -> list[str]:
    section = json.loads(text)
    return sorted(section["settings"] if set(section) == {"class", "settings"} else section)


def _text(channel: str, section: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(section, ensure_ascii=False, sort_keys=True)
    except TypeError as error:
        raise Failure(
            f"'{channel}' has a setting that is neither text, number, list nor mapping",
            "Put dates and the like into quotes.",
        ) from error
    if len(text.encode()) > _MAX_SIZE:
        raise Failure(
            f"'{channel}' is larger than the {_MAX_SIZE} bytes that SSM takes",
            "Keep long values elsewhere and name them here.",
        )
    return text
