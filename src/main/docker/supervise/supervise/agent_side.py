"""
Port 9101: MCP over streamable HTTP at /mcp, for the agent, which is not trusted.

The server is stateless: a restart of supervise breaks no session, and an agent can't accumulate sessions.
A caller waits in one open connection, for a while.
"""

import asyncio
from typing import ClassVar

import httpx2
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import LATEST_MODERN_VERSION
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from .access import AccessGuard
from .cancellation import SessionIds

MAX_BODY = 64 * 1024
MAX_CONNECTIONS = 100
TIMEOUT = 2  # seconds, for a request to our own MCP port


def agent_app(server: MCPServer) -> ASGIApp:
    # no check of the Host header: the agent uses a name that we don't know, and no client of this port is trusted
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    mcp = server.streamable_http_app(stateless_http=True, max_request_body_size=MAX_BODY, transport_security=security)
    return AccessGuard(SessionIds(mcp), _refusal)


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
