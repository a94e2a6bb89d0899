"""
Port 9101: MCP over streamable HTTP at /mcp, for the agent, which is not trusted.

The server is stateless: a restart of supervise breaks no session, and an agent can't accumulate sessions.
A caller waits for the answer in one open connection; closing it withdraws the request.
"""

import asyncio
import contextlib
from typing import Annotated, ClassVar, Literal

import httpx2
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import LATEST_MODERN_VERSION
from pydantic import BaseModel, Field, StringConstraints
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from .access import AccessGuard
from .approvals import Approvals, Outcome, Refused
from .events import Events

MAX_BODY = 64 * 1024
MAX_CONNECTIONS = 100
TIMEOUT = 2  # seconds, for a request to the supervisor or to our own MCP port
PROGRESS_PERIOD = 10  # seconds; the SDK itself pings every 15


class Answer(BaseModel):
    decision: Literal["approved", "denied", "timed out"]
    comment: str = Field(description="The operator's words")


class Guard(BaseModel):
    name: str
    state: str
    ready: bool
    since: str | None = Field(description="When it started, or when it exited")
    restarts: int
    crash_looping: bool
    gap_open: bool = Field(description="It is not guarding now")
    gaps: int
    gap_seconds: float


class Gap(BaseModel):
    guard: str
    ended: str | None
    seconds: float | None


class Guards(BaseModel):
    guards: list[Guard]
    recent_gaps: list[Gap] = Field(description="The latest gaps in protection that supervise knows of")


def mcp_server(approvals: Approvals, events: Events, client: httpx2.AsyncClient, status_url: str) -> MCPServer:
    server = MCPServer("supervise", subscriptions=False, log_level="ERROR")

    @server.tool()
    async def request_approval(
        action: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)],
        reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)],
        context: Context,
        timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 300,
    ) -> Answer:
        """Asks the operator to approve an action and waits for the decision: approved, denied or timed out."""
        try:
            request = approvals.ask(action, reason, timeout_seconds)
        except Refused as cause:
            raise ToolError(f"cannot ask the operator: {cause}; try again later") from None
        try:
            waited = 0
            while not request.ended.is_set():
                await context.report_progress(waited, timeout_seconds, f"request {request.id} waits for the operator")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROGRESS_PERIOD):
                        await request.ended.wait()
                waited += PROGRESS_PERIOD
        finally:
            # no effect on a request that has an outcome: this is for a caller that has disconnected
            approvals.end(request, Outcome.WITHDRAWN)
        if request.outcome is Outcome.STOPPED:
            raise ToolError("cannot wait for the operator: supervise is stopping; ask again")
        return Answer(decision=request.outcome.value, comment=request.comment)

    @server.tool()
    async def guards() -> Guards:
        """Reports which guards are up, since when, and the recent gaps in protection."""
        try:
            async with asyncio.timeout(TIMEOUT):
                status = (await client.get(status_url)).raise_for_status().json()
            return Guards(
                guards=[_guard(daemon) for daemon in status["daemons"]],
                recent_gaps=[Gap(**gap) for gap in reversed(events.gaps)],
            )
        except (httpx2.HTTPError, TimeoutError):
            raise ToolError("cannot report the guards: the supervisor does not answer") from None
        except (ValueError, KeyError, TypeError):
            raise ToolError("cannot report the guards: the supervisor's response is malformed") from None

    return server


def _guard(daemon: dict) -> Guard:
    """Only what the agent may know: no pid, error or output."""
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
    # no check of the Host header: the agent uses a name that we don't know, and no client of this port is trusted
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    mcp = server.streamable_http_app(stateless_http=True, max_request_body_size=MAX_BODY, transport_security=security)
    return AccessGuard(mcp, _refusal)


def _refusal(scope: Scope) -> Response | None:
    """Only POST /mcp passes, and never from a web page: DNS rebinding could lead one to us."""
    if scope["path"] != "/mcp":
        return PlainTextResponse("there is only /mcp", status_code=404)
    if scope["method"] != "POST":
        # without sessions there is no stream to GET and nothing to DELETE
        return PlainTextResponse("POST only", status_code=405, headers={"Allow": "POST"})
    if "origin" in Headers(scope=scope):
        return PlainTextResponse("not for browsers", status_code=403)
    return None


class ConnectionLimit(H11Protocol):
    """Leaves file descriptors for the operator's connections, however many the agent opens."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS and self.client[0] != "127.0.0.1":
            transport.abort()


class Health:
    """Checks that the MCP side works by asking it for its tools, over its port."""

    HEADERS: ClassVar = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": LATEST_MODERN_VERSION,
        "Mcp-Method": "tools/list",
    }
    REQUEST: ClassVar = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {"_meta": {PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION, CLIENT_CAPABILITIES_META_KEY: {}}},
    }

    def __init__(self, client: httpx2.AsyncClient, port: int) -> None:
        self.client = client
        self.url = f"http://127.0.0.1:{port}/mcp"

    async def problem(self) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT):
                response = await self.client.post(self.url, json=self.REQUEST, headers=self.HEADERS)
            tools = {tool["name"] for tool in response.json()["result"]["tools"]}
        except (httpx2.HTTPError, TimeoutError):
            return "the MCP side does not answer"
        except (ValueError, KeyError, TypeError):
            return "the MCP side does not list its tools"
        return None if "request_approval" in tools else "the MCP side has no tool request_approval"
