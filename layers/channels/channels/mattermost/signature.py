"""The proof in what a click or a dialog sends back: Mattermost itself puts none there.

Mattermost keeps the context of an action and hands it back with the click, without showing it to
clients; so it carries a signature. It is made over the channel it was posted to and over what it
says, with a key derived from the bot's `token` (else from `pw`): webhook and worker have the same,
and restarts do not change it. Another token makes the buttons below older posts invalid.
"""

from __future__ import annotations

import hmac
import json

from channels.tokens import equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEY_LABEL = b"mattermost: signatures of actions and dialogs"

#: Length of a signature, which stands before a dialog's own state (characters).
_LENGTH = 64


class ActionSigner:
    """Signs the contexts of buttons and menus, and the states of dialogs."""

    def __init__(self, secret: str) -> None:
        """Derive the key of a secret of the credentials."""
        self._key = hmac.digest(secret.encode("utf-8", "replace"), _KEY_LABEL, "sha256")

    @property
    def account(self) -> str:
        """A name for the account that the secret belongs to; tells nothing of the secret."""
        return self._signature("account")[:32]

    def button(self, channel_id: str, action: str) -> dict[str, Any]:
        """The context of a button that says `action`."""
        return {"action": action, "signature": self._signature("button", channel_id, action)}

    def menu(self, channel_id: str, actions: list[str]) -> dict[str, Any]:
        """The context of a menu whose option number n (`"0"`, ...) says `actions[n]`."""
        return {"actions": actions, "signature": self._signature("menu", channel_id, actions)}

    def is_signed(self, channel_id: str, context: dict[str, Any]) -> bool:
        """Whether a context is one of ours, posted to that channel."""
        action, actions = context.get("action"), context.get("actions")
        if isinstance(action, str):
            expected = self._signature("button", channel_id, action)
        elif isinstance(actions, list) and all(isinstance(each, str) for each in actions):
            expected = self._signature("menu", channel_id, actions)
        else:
            return False
        given = context.get("signature")
        return isinstance(given, str) and equal(given, expected)

    def state(self, channel_id: str, callback_id: str, state: str) -> str:
        """A dialog's `state`, with the signature before it."""
        return self._signature("dialog", channel_id, callback_id, state) + state

    def is_state(self, channel_id: str, callback_id: str, state: str) -> bool:
        """Whether a dialog was opened by us, in that channel."""
        return equal(state, self.state(channel_id, callback_id, own_state(state)))

    def _signature(self, *parts: Any) -> str:
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()


def own_state(state: str) -> str:
    """The state that the dialog was given, without the signature."""
    return state[_LENGTH:]
