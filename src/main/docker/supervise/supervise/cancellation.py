"""
A client that gives up on a call says so with notifications/cancelled, which arrives in a request of its own.

The SDK's server is stateless, so it no longer knows the call. The call is found by its id and the client's session ID:
ids are only unique within a client. (Since 2026-07-28, a client closes the connection instead.)
"""

import secrets
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import cancelled_request_id_from_params
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_ID = "Mcp-Session-Id"
CANCELLED = -32800  # JSON-RPC error code, as in LSP


class Cancellation:
    """Middleware of the SDK's server."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str | int | None], anyio.CancelScope] = {}

    async def __call__(self, context: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        session_id = context.request.headers.get(SESSION_ID)
        if session_id and context.method == "notifications/cancelled":
            call = self._calls.get((session_id, cancelled_request_id_from_params(context.params)))
            if call is not None:
                call.cancel()
        if not session_id or context.method != "tools/call":
            return await call_next(context)
        key = (session_id, context.request_id)
        with anyio.CancelScope() as call:
            self._calls[key] = call
            try:
                return await call_next(context)
            finally:
                if self._calls.get(key) is call:
                    del self._calls[key]
        raise MCPError(code=CANCELLED, message="Request cancelled")


class SessionIds:
    """Gives a client that has none a session ID. Nothing is kept for it, so that a restart ends no session."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        # the handshake is the only request without either header
        if SESSION_ID in headers or "MCP-Protocol-Version" in headers:
            await self.app(scope, receive, send)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[SESSION_ID] = secrets.token_hex(16)
            await send(message)

        await self.app(scope, receive, send_with_id)
