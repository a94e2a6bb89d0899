"""What both ports share: an application behind a check of each request."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class AccessGuard:
    """Answers a request with its refusal, if there is one, before the application sees it."""

    def __init__(self, app: ASGIApp, refusal: Callable[[Scope], Response | None]) -> None:
        self.app = app
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.refusal(scope) or self.app)(scope, receive, send)
