"""The REST channel: `input`, and `connector` for connectors that derive from Rasa's.

Rasa's JSON body (`json_message`) is the callback channel's too, whose function need not load this
connector: the door opens when it is asked.
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
