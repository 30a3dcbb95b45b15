"""A channel's section of credentials.yml: its settings, read and checked one by one.

    SECTION = Section("slack", "docs/channels/slack.md", keys=("slack_token", "proxy"))
    SECTION.unknown({"slak_token": "x"})                        {"slak_token": "slack_token"}
    SECTION.of(credentials)["proxy"].text()                     a setting of the section
    SECTION.setting("slack_channel", slack_channel).text()      a parameter of a constructor

A missing or invalid value raises CredentialsError, which names the key and the page that explains
it.
"""

from __future__ import annotations

import re

from channels.errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

#: What is told of a number or the like where a text has to be.
A_TEXT = "must be a string: put it in quotes"

_URL = re.compile(r"https?://\S+")
_A_URL = "a URL that begins with https:// or http://"


class Section:
    """The settings of one channel; `page` is the documentation page that explains them."""

    def __init__(
        self,
        channel: str,
        page: str,
        settings: Mapping[Any, Any] | None = None,
        *,
        keys: tuple[str, ...] = (),
        without_effect: Mapping[str, str] | None = None,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        """Take the settings by key; a value of None counts as missing.

        `keys` are all that the section may have. `without_effect` are keys of Rasa's that are
        accepted but not used, each with the reason. `elsewhere` are keys that people expect here,
        each with where it belongs, as `is the ...`.
        """
        self._channel = channel
        self.page = page
        self._settings = settings or {}
        self.keys = keys
        self.without_effect = without_effect or {}
        self.elsewhere = elsewhere or {}

    def of(self, settings: Mapping[Any, Any]) -> Section:
        """Return the same channel's section with these settings."""
        return Section(
            self._channel,
            self.page,
            settings,
            keys=self.keys,
            without_effect=self.without_effect,
            elsewhere=self.elsewhere,
        )

    def with_keys(self, *keys: str) -> Section:
        """Return the same section without settings, with these keys in place of its own."""
        return Section(
            self._channel, self.page, keys=tuple(dict.fromkeys(keys)), elsewhere=self.elsewhere
        )

    def unknown(self, settings: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the unknown keys, each with the most similar known key or None."""
        known = (*self.keys, *self.without_effect)
        return {key: nearest(key, known) for key in settings if key not in known}

    def known(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return these settings without the unknown keys."""
        known = (*self.keys, *self.without_effect)
        return {key: value for key, value in settings.items() if key in known}

    def unused(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the keys of these settings that have no effect, each with the reason."""
        return {key: why for key, why in self.without_effect.items() if key in settings}

    def __getitem__(self, key: str) -> Setting:
        """Return the setting of a key; its value is None if it is missing."""
        return self.setting(key, self._settings.get(key))

    def setting(self, key: str, value: object) -> Setting:
        """Return a value as the setting of a key."""
        return Setting(self, key, value)

    def error(self, what: str) -> CredentialsError:
        """Return an error: the channel, `what` is wrong, and the page that explains it."""
        return CredentialsError(f"{self._channel}: {what} ({self.page})")

    def wrong(self, key: str, what: str) -> CredentialsError:
        """Return an error about one key: `what` follows its name, such as `must be a string`."""
        return self.error(f"'{shown(key)}' {what}")

    def refuse_empty(self, *keys: str) -> None:
        """Raise CredentialsError if one of these keys is there without a value.

        Without such a key everybody is let in; its line alone would look like protection.
        """
        for key in keys:
            value = self._settings.get(key)
            if key in self._settings and (value in (None, []) or not str(value).strip()):
                raise self.wrong(key, "has no value: remove the line to do without")

    def granularity(self, value: object, names: tuple[str, ...], parts: tuple[str, ...]) -> str:
        """Check `conversation_granularity`: one of `names`, or several `parts` joined by colons."""
        if isinstance(value, str):
            joined = value.split(":")
            are_parts = len(joined) == len(set(joined)) > 1 and set(joined) <= set(parts)
            if value in names or are_parts:
                return value
        raise self.wrong(
            "conversation_granularity",
            f"must be one of {', '.join(names)}, or several of {', '.join(parts)} joined by "
            f"colons, such as {':'.join(parts)}",
        )


class Setting:
    """One setting: its `value` as written, with methods that read it as a type.

    Each method raises CredentialsError if the value has the wrong type.
    """

    def __init__(self, section: Section, key: str, value: Any) -> None:
        """Take the value of a section's key, None if it is missing."""
        self.value = value
        self._section = section
        self._key = key

    def wrong(self, what: str) -> CredentialsError:
        """Return an error about this setting; `what` follows its name: `must be a string`."""
        return self._section.wrong(self._key, what)

    def text(self) -> str | None:
        """Return a string without surrounding white space, None if it is missing or blank."""
        if not isinstance(self.value, str | None):
            raise self.wrong(A_TEXT)
        return (self.value or "").strip() or None

    def matching(self, pattern: re.Pattern[str], expected: str, default: str | None = None) -> str:
        """Return a string of a certain form, or `default` if it is missing.

        `expected` describes the form. Without a default the setting is required. A blank string
        does not count as missing: it raises.
        """
        if self.value is None and default is not None:
            return default
        text = self.text()
        if text is None and default is None:
            raise self.wrong(f"is needed: it must be {expected}")
        if not pattern.fullmatch(text or ""):
            raise self.wrong(f"must be {expected}")
        return text or ""

    def url(self, default: str | None = None) -> str:
        """Return an HTTP URL, or `default` if it is missing; without a default it is required."""
        return self.matching(_URL, _A_URL, default)

    def texts(self) -> list[str]:
        """Return a string or a list of strings as a list; none of them may be blank."""
        if self.value is None:
            return []
        given = self.value if isinstance(self.value, list) else [self.value]
        if any(isinstance(each, int | float) for each in given):
            raise self.wrong(A_TEXT)
        if not all(isinstance(each, str) and each.strip() for each in given):
            raise self.wrong("must be a non-empty string, or a list of non-empty strings")
        return [each.strip() for each in given]

    def urls(self) -> list[str]:
        """Return an HTTP URL or a list of URLs as a list."""
        urls = self.texts()
        if not all(_URL.fullmatch(url) for url in urls):
            raise self.wrong(f"must be {_A_URL}, or a list of them")
        return urls

    def switch(self, default: bool = False) -> bool:
        """Return whether a setting is true, `default` if it is missing."""
        if not isinstance(self.value, bool | None):
            raise self.wrong("must be true or false")
        return default if self.value is None else self.value

    def number(self, least: int) -> int:
        """Return a whole number that is at least `least`."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(f"must be a whole number of at least {least}")
        return value

    def one_of(self, choices: tuple[str, ...], default: str = "") -> str:
        """Return one of several values, or `default` if it is missing or empty."""
        value = self.value or default
        if value not in choices:
            raise self.wrong(f"must be one of {', '.join(choices)}")
        return str(value)


def shown(key: str) -> str:
    """A key as an error shows it: as far as it looks like a name.

    The rest may be a value: in `{token:secret}` YAML takes both together for a key.
    """
    name = "".join(re.findall(r"\A[\w.-]{1,40}", key))
    return name if name == key else f"{name}..."


def nearest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the one of `words` that `word` most likely misspells, None if none is similar.

    Case, hyphens and underscores are ignored. `cutoff` is between 0 (anything) and 1 (equal). If
    several are equally similar, the first is returned.
    """
    from difflib import SequenceMatcher  # not needed to acknowledge a message

    def similarity(each: str) -> float:
        return SequenceMatcher(None, letters(word), letters(each)).ratio()

    found = max(words, key=similarity, default=None)
    return found if found is not None and similarity(found) >= cutoff else None


def letters(word: str) -> str:
    """A word in lower case, without hyphens, underscores and the like."""
    return re.sub(r"[\W_]", "", word).lower()
