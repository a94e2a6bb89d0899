"""Port 9100: the operator answers, and the supervisor tells its events. For 127.0.0.1 alone, and never for a browser."""

import json
import re

from mcp.server.transport_security import RequestBodyLimitMiddleware
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .agent_side import Health
from .approvals import Approvals, Outcome
from .events import Events, InvalidEvent
from .peer import may_operate

# an event has at most 16 KiB of output, and an escape is up to 6 bytes long
LARGEST_BODY = 256 * 1024
LONGEST_COMMENT = 2000
OUR_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d+)?")


def operator_app(approvals: Approvals, events: Events, health: Health) -> ASGIApp:
    async def list_approvals(_: HttpRequest) -> Response:
        return JSONResponse(
            {
                "pending": [one.as_json() for one in approvals.pending()],
                "ended": [one.as_json() for one in approvals.recently_ended()],
            }
        )

    def answer(outcome: Outcome):
        async def endpoint(http: HttpRequest) -> Response:
            comment = _comment(http.headers.get("content-type", ""), await http.body())
            request = approvals.find(http.path_params["id"])
            if request is None:
                raise HTTPException(404, "there is no such request (a restart of supervise forgets them)")
            if request.outcome is not None:
                raise HTTPException(409, f"it has ended already: {request.outcome}")
            approvals.end(request, outcome, comment)
            return JSONResponse(request.as_json())

        return endpoint

    async def list_events(_: HttpRequest) -> Response:
        return JSONResponse(list(events.latest))

    async def accept_event(http: HttpRequest) -> Response:
        if _media_type(http.headers.get("content-type", "")) != "application/cloudevents+json":
            raise HTTPException(415, "an event comes as application/cloudevents+json")
        try:
            events.accept(await http.body())
        except InvalidEvent as invalid:
            raise HTTPException(400, f"cannot take this event: {invalid}") from None
        return Response(status_code=204)

    async def say_health(_: HttpRequest) -> Response:
        trouble = await health.trouble()
        return PlainTextResponse(trouble or "ok", status_code=503 if trouble else 200)

    routes = [
        Route("/approvals", list_approvals),
        Route("/approvals/{id}/approve", answer(Outcome.APPROVED), methods=["POST"]),
        Route("/approvals/{id}/deny", answer(Outcome.DENIED), methods=["POST"]),
        Route("/events", list_events),
        Route("/events", accept_event, methods=["POST"]),
        Route("/health", say_health),
    ]
    return Door(RequestBodyLimitMiddleware(Starlette(routes=routes), LARGEST_BODY))


class Door:
    """Who is let in at all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope)
        await (refusal or self.app)(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    if not OUR_HOST.fullmatch(headers.get("host", "")):
        return PlainTextResponse("this is not the host that you asked for", status_code=421)
    if "origin" in headers:
        return PlainTextResponse("not for browsers", status_code=403)
    if not may_operate(scope["client"][1], scope["server"][1]):
        return PlainTextResponse("only for root and the user of supervise", status_code=403)
    return None


def _comment(content_type: str, body: bytes) -> str:
    if not body:
        return ""
    if _media_type(content_type) != "application/json":
        raise HTTPException(415, "a comment comes as application/json")
    try:
        answer = json.loads(body)
        comment = answer.pop("comment", "")
        comment.encode()
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise HTTPException(400, 'expected {"comment": "text"}') from None
    if answer:
        raise HTTPException(400, 'expected nothing but {"comment": "text"}')
    if len(comment) > LONGEST_COMMENT:
        raise HTTPException(400, f"the comment is longer than {LONGEST_COMMENT} characters")
    return comment


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
