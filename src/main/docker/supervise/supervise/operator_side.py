"""Port 9100, on loopback only: for the operator's answers and the supervisor's requests. Browsers are refused."""

import asyncio
import json
import re
from collections.abc import Coroutine

from mcp.server.transport_security import RequestBodyLimitMiddleware
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from .access import AccessGuard
from .agent_side import Health
from .approvals import Approvals, Outcome
from .events import Events, InvalidEvent
from .peer import is_operator

# an event has at most 16 KiB of output, and escaping makes up to 6 bytes of one
MAX_BODY = 256 * 1024
MAX_COMMENT_LENGTH = 2000
OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d+)?")


def operator_app(approvals: Approvals, events: Events, health: Health) -> ASGIApp:
    async def list_approvals(http: HttpRequest) -> Response:
        if version := http.query_params.get("after"):
            await _first(approvals.change_after(version), _disconnected(http))
        return JSONResponse(
            {
                "version": approvals.version,
                "pending": [request.as_json() for request in approvals.pending()],
                "ended": [request.as_json() for request in approvals.recently_ended()],
            }
        )

    async def count_approvals(_: HttpRequest) -> Response:
        # for the supervisor's metrics: no words of the agent
        return PlainTextResponse(f"{len(approvals.pending())}\n")

    def answer(outcome: Outcome):
        async def endpoint(http: HttpRequest) -> Response:
            comment = _comment(http.headers.get("content-type", ""), await http.body())
            request = approvals.find(http.path_params["id"])
            if request is None:
                raise HTTPException(404, "there is no such request, or it ended more than a day ago")
            if request.outcome is not None:
                raise HTTPException(409, f"it has already ended: {request.outcome}")
            approvals.end(request, outcome, comment)
            return JSONResponse(request.as_json())

        return endpoint

    async def list_events(_: HttpRequest) -> Response:
        return JSONResponse(list(events.latest))

    async def accept_event(http: HttpRequest) -> Response:
        if _media_type(http.headers.get("content-type", "")) != "application/cloudevents+json":
            raise HTTPException(415, "expected the content type application/cloudevents+json")
        try:
            events.accept(await http.body())
        except InvalidEvent as invalid:
            raise HTTPException(400, f"cannot accept the event: {invalid}") from None
        return Response(status_code=204)

    async def get_health(_: HttpRequest) -> Response:
        problem = await health.problem()
        return PlainTextResponse(problem or "ok", status_code=503 if problem else 200)

    routes = [
        Route("/approvals", list_approvals),
        Route("/approvals/count", count_approvals),
        Route("/approvals/{id}/approve", answer(Outcome.APPROVED), methods=["POST"]),
        Route("/approvals/{id}/deny", answer(Outcome.DENIED), methods=["POST"]),
        Route("/events", list_events),
        Route("/events", accept_event, methods=["POST"]),
        Route("/health", get_health),
    ]
    return AccessGuard(RequestBodyLimitMiddleware(Starlette(routes=routes), MAX_BODY), _refusal)


def _refusal(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    if not OWN_HOST.fullmatch(headers.get("host", "")):
        return PlainTextResponse("expected the host 127.0.0.1 or localhost", status_code=421)
    if "origin" in headers:
        return PlainTextResponse("not for browsers", status_code=403)
    if not is_operator(scope["client"][1], scope["server"][1]):
        return PlainTextResponse("only for root and the user that runs supervise", status_code=403)
    return None


async def _first(*coroutines: Coroutine) -> None:
    """Waits for one of them, and cancels the others."""
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _disconnected(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass


def _comment(content_type: str, body: bytes) -> str:
    if not body:
        return ""
    if _media_type(content_type) != "application/json":
        raise HTTPException(415, "expected the content type application/json")
    try:
        answer = json.loads(body)
        comment = answer.pop("comment", "")
        comment.encode()
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise HTTPException(400, 'expected {"comment": "text"}') from None
    if answer:
        raise HTTPException(400, 'expected nothing but {"comment": "text"}')
    if len(comment) > MAX_COMMENT_LENGTH:
        raise HTTPException(400, f"the comment is longer than {MAX_COMMENT_LENGTH} characters")
    return comment


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
