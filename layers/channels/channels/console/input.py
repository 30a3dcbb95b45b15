"""The console channel: `cmdline` in `credentials.yml`, used by `python -m ops shell`.

As in Rasa, it is the REST channel under another name, at the same address: a terminal client sends
REST requests, and `cmdline` exists so that credentials files that list it load. In a stack, the
REST function serves that address with the settings of section `rest`, so a token belongs there.
"""

from __future__ import annotations

from channels.rest import RestInput


class CmdlineInput(RestInput):
    """Input channel of the shell; its section of credentials.yml is empty, as in Rasa."""

    @classmethod
    def name(cls) -> str:
        """`cmdline`."""
        return "cmdline"

    def url_prefix(self) -> str:
        """`rest`, as in Rasa: the shell posts to `/webhooks/rest/webhook`."""
        return RestInput.name()
