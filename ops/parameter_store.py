"""A stack's credentials in SSM: one SecureString `/<stack>/credentials/<channel>` per section.

That of a custom channel is `/<stack>/credentials/custom/<route>` (`channels.credentials.stored`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from channels.credentials import Credentials
from channels.registry import BUILT_IN, custom_section
from ops.aws import Stack
from ops.encryption import DEFAULT_KEY
from ops.failure import Failure
from ops.registered_settings import kept

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

    def push(
        self,
        credentials: Mapping[str, Mapping[str, Any]],
        *,
        prune: bool = False,
        key: str = DEFAULT_KEY,
    ) -> Change:
        """Write every section that differs; `prune` removes those that are not given.

        `key` is the id of the KMS key: what is encrypted with another one is written anew.

        What registration filled in stays where a section is silent about it. Raises Failure,
        before anything is written, for a section that SSM cannot hold.
        """
        known = {self._channel(each): each["Value"] for each in self._parameters()}
        texts = {
            channel: _text(channel, kept(channel, section, json.loads(known.get(channel, "{}"))))
            for channel, section in credentials.items()
        }
        keys = self._encryption_keys()
        change = Change()
        for channel, text in texts.items():
            if known.get(channel) == text and keys.get(channel) == key:
                change.unchanged.append(channel)
                continue
            self._write(channel, text, key)
            change.written.append(channel)
        for channel in sorted(set(known) - set(texts)):
            if prune:
                self._client.delete_parameter(Name=f"{self._path}/{channel}")
                change.removed.append(channel)
            else:
                change.absent.append(channel)
        return change

    def credentials(self) -> Credentials:
        """The sections with their values, under the stack's names."""
        return {self._channel(each): json.loads(each["Value"]) for each in self._parameters()}

    def sections(self) -> list[Section]:
        """What the stack has, by channel name."""
        found = [
            Section(self._channel(each), _keys(each["Value"]), each["LastModifiedDate"])
            for each in self._parameters()
        ]
        return sorted(found, key=lambda section: section.channel)

    def section(self, channel: str) -> dict[str, Any] | None:
        """A channel's settings, secrets too: to be used, never shown; None when it has none.

        Wants the right to decrypt them. `channel` is the route of a custom one, whose settings come
        with its class (`channels.registry.custom_document`).
        """
        name = channel if channel in BUILT_IN else custom_section(channel)
        try:
            answer = self._client.get_parameter(Name=f"{self._path}/{name}", WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        section: dict[str, Any] = json.loads(answer["Parameter"]["Value"])
        return section

    def _write(self, channel: str, text: str, key: str) -> None:
        self._client.put_parameter(
            Name=f"{self._path}/{channel}",
            Value=text,
            Type="SecureString",
            KeyId=key,
            Tier="Intelligent-Tiering",  # sections up to 4 KB cost nothing, larger ones fit too
            Overwrite=True,
        )

    def _parameters(self) -> Iterator[ParameterTypeDef]:
        pages = self._client.get_paginator("get_parameters_by_path")
        for page in pages.paginate(Path=self._path, Recursive=True, WithDecryption=True):
            yield from page["Parameters"]

    def _encryption_keys(self) -> dict[str, str]:
        """The ids of the sections' keys, by channel, as they were given."""
        pages = self._client.get_paginator("describe_parameters").paginate(
            ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [self._path]}]
        )
        return {
            self._channel(each): each.get("KeyId", DEFAULT_KEY)
            for page in pages
            for each in page["Parameters"]
        }

    def _channel(self, parameter: ParameterTypeDef | ParameterMetadataTypeDef) -> str:
        return parameter["Name"].removeprefix(f"{self._path}/")


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
