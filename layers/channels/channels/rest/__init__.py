"""The REST channel: `input`, and `connector` for connectors that derive from Rasa's.

The callback channel shares Rasa's JSON body (`json_message`), and its function need not load this
connector, so `RestInput` is imported on first use.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.rest.input import RestInput

__all__ = ["RestInput"]


def __getattr__(name: str) -> type["RestInput"]:
    if name != "RestInput":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from channels.rest.input import RestInput

    return RestInput
