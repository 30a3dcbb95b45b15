"""Requests of every kind, for hypothesis: bytes, forms, JSON, examples with one wrong value."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from channels.http.request import Request

FORM = "application/x-www-form-urlencoded"

#: An API Gateway event.
type Event = dict[str, Any]

type Path = tuple[str | int, ...]


class Post(NamedTuple):
    """A request: an example event (the row's base, when "") with other contents.

    `body` None is the example's own; a header that is None is taken away.
    """

    body: bytes | None = None
    headers: dict[str, str | None] = {}  # noqa: RUF012 - never changed
    query: str | None = None
    example: str = ""


def with_body(event: Event, body: bytes) -> Event:
    """An event with this body, in Base64 where it was so and where the body is no text."""
    made = copy.deepcopy(event)
    try:
        text, coded = body.decode(), bool(event["isBase64Encoded"])
    except UnicodeDecodeError:
        text, coded = "", True
    made["body"] = base64.b64encode(body).decode() if coded else text
    made["isBase64Encoded"] = coded
    return made


def form(fields: Sequence[tuple[str, str]] | dict[str, str]) -> bytes:
    """Fields as browsers send them; what no encoding has becomes `?`."""
    pairs = list(fields.items()) if isinstance(fields, dict) else fields
    return urlencode(pairs, errors="replace").encode()


def leaves(values: Iterable[Any] = (), *, finite: bool = False) -> SearchStrategy[Any]:
    """JSON without children; `values` are some that mean something to a channel."""
    numbers = st.floats(allow_nan=not finite, allow_infinity=not finite)
    plain = st.none() | st.booleans() | st.integers() | numbers | st.text()
    return plain | st.sampled_from(list(values)) if values else plain


def documents(
    keys: str, values: Iterable[Any] = (), *, finite: bool = False
) -> SearchStrategy[Any]:
    """JSON of any shape; its objects have some of these keys, given as words."""
    names = st.sampled_from(keys.split())
    return st.recursive(
        leaves(values, finite=finite),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=8),
        max_leaves=15,
    )


def objects(
    keys: str, values: Iterable[Any] = (), *, finite: bool = True
) -> SearchStrategy[dict[str, Any]]:
    """JSON objects with some of these keys, given as words.

    They have three levels, which are drawn much faster than any depth.
    """
    names, inner = st.sampled_from(keys.split()), leaves(values, finite=finite)
    for _ in range(2):
        inner |= st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
    return st.dictionaries(names, inner, max_size=8)


def json_posts(bodies: SearchStrategy[Any]) -> SearchStrategy[Post]:
    """Posts of JSON documents."""
    return bodies.map(
        lambda body: Post(json.dumps(body).encode(), {"content-type": "application/json"})
    )


def form_posts(fields: SearchStrategy[Any]) -> SearchStrategy[Post]:
    """Posts of forms."""
    return fields.map(lambda pairs: Post(form(pairs), {"content-type": FORM}))


def byte_posts(max_size: int = 300) -> SearchStrategy[Post]:
    """Posts of any bytes or text, under content types that do not have to fit."""
    bodies = st.binary(max_size=max_size) | st.text(max_size=max_size).map(str.encode)
    types = st.sampled_from(["application/json", FORM, "text/plain", "x", "", f"{FORM}; x=\ud83d"])
    return st.builds(
        lambda body, type_: Post(body, {"content-type": type_}), bodies, types | st.none()
    )


def with_headers(
    posts: SearchStrategy[Post], **proofs: SearchStrategy[str | None]
) -> SearchStrategy[Post]:
    """The posts with headers of these values (`_` for `-`); None takes a header away."""
    drawn = st.fixed_dictionaries({name.replace("_", "-"): each for name, each in proofs.items()})
    return st.builds(
        lambda post, headers: post._replace(headers={**post.headers, **headers}), posts, drawn
    )


#: Headers that prove nothing; None is no header.
WRONG = st.none() | st.text(max_size=80)
BEARERS = st.none() | st.text(max_size=80).map(lambda text: f"Bearer {text}")

# One wrong value in an example

#: What an attribute of a platform's object never is.
ODD: SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", "x" * 5000, [], [None], {},
     {"id": {}}, {"_id": {}}, {"name": {}}, {"payload": []}]
)  # fmt: skip
ODD_FIELDS = st.text(max_size=30) | st.sampled_from(["received", "failed", "1", "STOP", "\ud83d"])


def paths(document: Any, path: Path = ()) -> Iterator[Path]:
    """Where the values of a JSON document stand, the whole of it too."""
    yield path
    children = enumerate(document) if isinstance(document, list) else ()
    for key, child in document.items() if isinstance(document, dict) else children:
        yield from paths(child, (*path, key))


def changed(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at a path."""
    if not path:
        return value
    copied = copy.copy(document)
    copied[path[0]] = changed(document[path[0]], path[1:], value)
    return copied


def has_values(event: Event) -> bool:
    """Whether an event has a body that one value can be changed in: fields, or JSON."""
    request = Request.from_event(event)
    return bool(request.body) and (request.content_type == FORM or _is_json(request.body))


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def one_wrong_value(event: Event, values: SearchStrategy[Any]) -> SearchStrategy[Event]:
    """The event with one value of its body changed: a form's field, or anything in JSON.

    A form's `payload` (Slack) is JSON.
    """
    request = Request.from_event(event)
    if request.content_type != FORM:
        return _one_wrong(json.loads(request.body), values).map(
            lambda made: with_body(event, json.dumps(made).encode())
        )
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    if "payload" in request.form:
        return _one_wrong(json.loads(request.form.get("payload")), values).map(
            lambda made: with_body(event, form({"payload": json.dumps(made)}))
        )
    return st.builds(
        lambda index, odd: with_body(event, form(changed(pairs, (index,), (pairs[index][0], odd)))),
        st.integers(0, len(pairs) - 1),
        ODD_FIELDS,
    )


def _one_wrong(document: Any, values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    places = st.sampled_from(list(paths(document)))
    return st.builds(lambda path, value: changed(document, path, value), places, values | ODD)
