"""A connector that uses features of Sanic beyond routes and JSON (test data)."""

from pathlib import Path
from typing import Any, Awaitable, Callable, Optional, Text

from rasa.core.channels.channel import InputChannel, OnNewMessageType, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, Sanic, response
from sanic.exceptions import Forbidden, NotFound, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse


class FeaturesInput(InputChannel):
    """Everything at once."""

    @classmethod
    def name(cls) -> Text:
        return "features"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        features = Blueprint("features_webhook", __name__, strict_slashes=False)

        @features.middleware("request")
        async def keep_out(request: Request) -> Optional[HTTPResponse]:
            if request.headers.get("x-bad"):
                return response.json({"out": request.method}, status=403)
            request.ctx.greeting = "hello"
            return None

        @features.on_request
        def note(request: Request) -> None:
            request.ctx.noted = request.ctx.greeting.upper()

        @features.middleware("response")
        async def mark(request: Request, answer: HTTPResponse) -> None:
            answer.headers["X-Mark"] = "{} {}".format(request.method, answer.status)

        @features.on_response
        async def replace(request: Request, answer: HTTPResponse) -> Optional[HTTPResponse]:
            if request.args.get("replace"):
                return response.text("replaced", status=202)
            return None

        @features.exception(KeyError, ValueError)
        async def on_missing(request: Request, error: Exception) -> HTTPResponse:
            return response.json({"lacks": str(error)}, status=409)

        @features.exception(SanicException)
        def on_refusal(request: Request, error: SanicException) -> HTTPResponse:
            return response.json({"refused": str(error)}, status=error.status_code)

        @features.get("/context")
        async def context(request: Request) -> HTTPResponse:
            return response.json([request.ctx.greeting, request.ctx.noted])

        @features.get("/fail/<how>")
        async def fail(request: Request, how: Text) -> HTTPResponse:
            errors = {
                "key": KeyError("k"),
                "lookup": IndexError("i"),
                "value": UnicodeError("u"),
                "forbidden": Forbidden("no"),
                "missing": NotFound("none"),
            }
            raise errors[how]

        @features.get("/orders/<number:int>")
        async def order(request: Request, number: int) -> HTTPResponse:
            return response.json({"order": number, "match": dict(request.match_info)})

        @features.get("/orders/<word:str>")
        async def order_of(request: Request, word: Text) -> HTTPResponse:
            return response.json({"word": word})

        @features.get("/orders/last")
        async def last_order(request: Request) -> HTTPResponse:
            return response.json("last")

        @features.get("/files/<where:path>")
        async def files(request: Request, where: Text) -> HTTPResponse:
            return response.text(where)

        @features.get("/by/<day:ymd>")
        async def by_day(request: Request, day: Any) -> HTTPResponse:
            return response.json(str(day)[:10])

        @features.get("/code/<code:[A-Z]{3}>/of")
        async def of_code(request: Request, code: Text) -> HTTPResponse:
            return response.json(code)

        @features.post("/upload")
        async def upload(request: Request) -> HTTPResponse:
            given = request.files.get("sound")
            return response.json(
                {
                    "form": {name: request.form.getlist(name) for name in request.form},
                    "file": given and [given.name, given.type, given.body.decode("latin-1")],
                    "files": sorted(request.files),
                }
            )

        @features.get("/cookies")
        async def cookies(request: Request) -> HTTPResponse:
            return response.json([request.cookies.get("a"), request.cookies.get("b")])

        @features.get("/asked")
        async def asked(request: Request) -> HTTPResponse:
            return response.json(
                {
                    "path": request.path,
                    "query": request.query_string,
                    "arguments": request.get_query_args(),
                    "host": request.host,
                    "url": request.url,
                    "from": request.ip,
                    "scheme": request.scheme,
                    "ids": len(str(request.id)),
                    "header": request.headers.getall("x-many", []),
                    "other": request.headers.getone("x-none", "-"),
                    "type": request.content_type,
                }
            )

        @features.get("/stream")
        async def stream(request: Request) -> None:
            answer = await request.respond(content_type="text/csv", headers={"x-rows": "2"})
            await answer.send("a,b\n")
            await answer.send(b"c,d\n")
            await answer.eof()

        @features.get("/document")
        async def document(request: Request) -> HTTPResponse:
            return await response.file(__file__, mime_type="text/x-python", filename="a.txt")

        @features.get("/task")
        async def task(request: Request) -> HTTPResponse:
            async def later() -> None:
                request.app.ctx.done = request.app.ctx.__dict__.get("done", 0) + 1

            app: Sanic = request.app
            app.add_task(later())
            return response.json(app.ctx.__dict__.get("done", 0))

        def plain(request: Request) -> HTTPResponse:
            return response.text(Path(request.path).name)

        features.add_route(plain, "/plain", methods=["PUT"])
        return features


class CheckedRest(RestInput):
    """Rasa's own channel behind a check, with its methods overridden."""

    @classmethod
    def name(cls) -> Text:
        return "checked_rest"

    def __init__(self) -> None:
        self.people = {"Bearer k": "ann"}

    async def _extract_sender(self, req: Request) -> Optional[Text]:
        return req.ctx.person

    def _extract_message(self, req: Request) -> Optional[Text]:
        return req.json.get("question")

    def get_metadata(self, request: Request) -> Any:
        return {"person": request.ctx.person}

    def blueprint(self, on_new_message: OnNewMessageType) -> Blueprint:
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def check(request: Request) -> Optional[HTTPResponse]:
            if request.method == "GET":
                return None
            request.ctx.person = self.people.get(request.headers.get("Authorization"))
            return None if request.ctx.person else response.json({"error": "who?"}, status=401)

        @routes.route("/cancel/<sender_id>", methods=["POST"])
        async def cancel(request: Request, sender_id: Text) -> HTTPResponse:
            return response.json({"cancelled": sender_id})

        return routes
