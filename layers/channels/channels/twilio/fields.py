"""The fields of Twilio's webhooks: a form, or the query string if the console is set to GET."""

from __future__ import annotations

from channels.errors import PayloadError
from channels.http.request import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.http.request import Request

_FORM = "application/x-www-form-urlencoded"


def has_form(request: Request) -> bool:
    """Whether a request's body is a form."""
    return request.content_type == _FORM


def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a request by name; if a field is sent twice, its first value.

    Empty for bodies of other kinds. Never raises, whatever the request contains.
    """
    try:
        if request.method == "GET":
            fields = request.args
        else:
            fields = request.form if has_form(request) else Parameters()
    except PayloadError:
        return {}
    return {name: values[0] for name, values in fields.items()}
