"""Sign what a click or a dialog sends back; Mattermost itself does not.

Mattermost stores the context of an action and returns it with the click, without showing it to
clients, so it can carry a signature. The signature covers the channel and the payload; its key is
derived from the bot's `token` (or `pw`), so that webhook and worker share it and restarts do not
change it. With a new token, the buttons of older posts become invalid.

A button may be clicked any number of times. A dialog is submitted once, and Mattermost gives the
submission no id, so its state carries a mark of the trigger that opened it, and the signature
serves as the submission's id.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from channels.auth.bearer import equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEY_LABEL = b"mattermost: signatures of actions and dialogs"

#: Lengths of the signature and the mark before a dialog's own state (characters).
_SIGNATURE = 64
_MARK = 32


class ActionSigner:
    """Signs the contexts of buttons and menus, and the states of dialogs."""

    def __init__(self, secret: str) -> None:
        """Derive the key from a secret of the credentials."""
        self._key = hmac.digest(secret.encode("utf-8", "replace"), _KEY_LABEL, "sha256")

    @property
    def account(self) -> str:
        """A name for the account that the secret belongs to; reveals nothing of the secret."""
        return self._signature("account")[:32]

    def button(self, channel_id: str, action: str) -> dict[str, Any]:
        """The context of a button whose payload is `action`."""
        return {"action": action, "signature": self._signature("button", channel_id, action)}

    def menu(self, channel_id: str, actions: list[str]) -> dict[str, Any]:
        """The context of a menu whose option number n (`"0"`, ...) has the payload `actions[n]`."""
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

    def state(self, channel_id: str, callback_id: str, state: str, trigger_id: str) -> str:
        """A dialog's `state`, after the signature and the mark of the trigger that opens it."""
        mark = hashlib.sha256(trigger_id.encode("utf-8", "replace")).hexdigest()[:_MARK]
        return self.signed_state(channel_id, callback_id, mark + state)

    def signed_state(self, channel_id: str, callback_id: str, marked: str) -> str:
        """A mark and a state, with the signature before them."""
        return self._signature("dialog", channel_id, callback_id, marked) + marked

    def is_state(self, channel_id: str, callback_id: str, state: str) -> bool:
        """Whether we opened a dialog, in that channel."""
        marked = marked_state(state)
        return bool(marked) and equal(state, self.signed_state(channel_id, callback_id, marked))

    def _signature(self, *parts: Any) -> str:
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()


def marked_state(state: str) -> str:
    """A dialog's mark and own state, without the signature; "" if one is missing."""
    return state[_SIGNATURE:] if len(state) >= _SIGNATURE + _MARK else ""


def remarked_state(state: str, mark: str) -> str:
    """The state of a dialog as if opened another time; not signed yet."""
    return "0" * _SIGNATURE + mark[:_MARK].ljust(_MARK, "0") + own_state(state)


def own_state(state: str) -> str:
    """The state that a dialog was given, without signature and mark."""
    return state[_SIGNATURE + _MARK :]


def submission_id(state: str) -> str:
    """The id of the single submission of a dialog that we opened."""
    return f"dialog:{state[:_SIGNATURE]}"
