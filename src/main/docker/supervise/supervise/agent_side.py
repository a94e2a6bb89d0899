"""
Port 9101: MCP over streamable HTTP at /mcp, for the agent, who is not trusted.

Each request stands for itself (stateless), so that a restart of supervise breaks no session, and an agent can't pile any up.
Whoever waits for an answer does so in one open connection, and withdraws the request by closing it.
"""

import asyncio
import contextlib
from typing import Annotated, Literal

import httpx2
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import LATEST_MODERN_VERSION
from pydantic import BaseModel, Field, StringConstraints
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .approvals import Approvals, Outcome, Refused
from .events import Events

LARGEST_BODY = 64 * 1024
MOST_CONNECTIONS = 100
PATIENCE = 2
"""Seconds for the supervisor, and for ourselves."""

PROGRESS_PERIOD = 10
"""Seconds; the SDK itself pings every 15."""


class Answer(BaseModel):
    decision: Literal["approved", "denied", "timed out"]
    comment: str = Field(description="The operator's words")


class Guard(BaseModel):
    name: str
    state: str
    ready: bool
    since: str | None = Field(description="When it was started, or when it ended")
    restarts: int
    crash_looping: bool
    gap_open: bool = Field(description="It does not guard now")
    gaps: int
    gap_seconds: float


class Gap(BaseModel):
    guard: str
    ended: str | None
    seconds: float | None


class Guards(BaseModel):
    guards: list[Guard]
    recent_gaps: list[Gap] = Field(description="The last times without a guard, as far as supervise has been told")


def mcp_server(approvals: Approvals, events: Events, client: httpx2.AsyncClient, status_url: str) -> MCPServer:
    server = MCPServer("supervise", subscriptions=False, log_level="ERROR")

    @server.tool()
    async def request_approval(
        action: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)],
        reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)],
        context: Context,
        timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 300,
    ) -> Answer:
        """Asks the operator to approve an action, and waits for the answer: approved, denied or timed out."""
        try:
            request = approvals.ask(action, reason, timeout_seconds)
        except Refused as why:
            raise ToolError(f"cannot ask the operator: {why}; try again later") from None
        try:
            waited = 0
            while not request.ended.is_set():
                await context.report_progress(waited, timeout_seconds, f"request {request.id} waits for the operator")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROGRESS_PERIOD):
                        await request.ended.wait()
                waited += PROGRESS_PERIOD
        finally:
            # when the caller has gone away: else it has its outcome
            approvals.end(request, Outcome.WITHDRAWN)
        if request.outcome is Outcome.STOPPED:
            raise ToolError("nobody has answered: supervise is stopping; ask again")
        return Answer(decision=request.outcome.value, comment=request.comment)

    @server.tool()
    async def guards() -> Guards:
        """Tells which guards are up, since when, and when they were not."""
        try:
            async with asyncio.timeout(PATIENCE):
                status = (await client.get(status_url)).raise_for_status().json()
            return Guards(
                guards=[_guard(daemon) for daemon in status["daemons"]],
                recent_gaps=[Gap(**gap) for gap in reversed(events.gaps)],
            )
        except (httpx2.HTTPError, TimeoutError):
            raise ToolError("cannot tell how the guards are: the supervisor does not answer") from None
        except (ValueError, KeyError, TypeError):
            raise ToolError("cannot tell how the guards are: the supervisor's answer is not understood") from None

    return server


def _guard(daemon: dict) -> Guard:
    """What the agent may know: no pid, no error, no output."""
    last_exit, gaps = daemon["lastExit"], daemon["gaps"]
    return Guard(
        name=daemon["name"],
        state=daemon["state"],
        ready=daemon["ready"],
        since=daemon["startedAt"] or (last_exit and last_exit["at"]),
        restarts=daemon["restarts"],
        crash_looping=daemon["crashLooping"],
        gap_open=gaps["open"],
        gaps=gaps["count"],
        gap_seconds=gaps["seconds"],
    )


def agent_app(server: MCPServer) -> ASGIApp:
    # any Host will do: the agent calls us by a name that we don't know, and whoever can get here is not trusted anyway
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    mcp = server.streamable_http_app(
        stateless_http=True, max_request_body_size=LARGEST_BODY, transport_security=security
    )
    return Door(mcp)


class Door:
    """Nothing but POST /mcp, and never for a web page, whatever name it has rebound to us."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (_refusal(scope) or self.app)(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    if scope["path"] != "/mcp":
        return PlainTextResponse("there is only /mcp", status_code=404)
    if scope["method"] != "POST":
        # no sessions, so there is no stream to GET and nothing to DELETE
        return PlainTextResponse("POST only", status_code=405, headers={"Allow": "POST"})
    if "origin" in Headers(scope=scope):
        return PlainTextResponse("not for browsers", status_code=403)
    return None


class Bounded(H11Protocol):
    """An agent's connections must not take the file descriptors that the operator's need."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS and self.client[0] != "127.0.0.1":
            transport.abort()


class Health:
    """Whether the agent's side does its work: it is asked for its tools, over its port."""

    HEADERS = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": LATEST_MODERN_VERSION,
        "Mcp-Method": "tools/list",
    }
    ASK = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {"_meta": {PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION, CLIENT_CAPABILITIES_META_KEY: {}}},
    }

    def __init__(self, client: httpx2.AsyncClient, port: int) -> None:
        self.client = client
        self.url = f"http://127.0.0.1:{port}/mcp"

    async def trouble(self) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.client.post(self.url, json=self.ASK, headers=self.HEADERS)
            tools = {tool["name"] for tool in answer.json()["result"]["tools"]}
        except (httpx2.HTTPError, TimeoutError):
            return "the MCP side does not answer"
        except (ValueError, KeyError, TypeError):
            return "the MCP side does not list its tools"
        return None if "request_approval" in tools else "the MCP side has lost its tools"
