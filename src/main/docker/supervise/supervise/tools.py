"""The tools that the agent calls. Their descriptions are all that a model knows about them."""

import asyncio
import contextlib
from typing import Annotated, Literal

import httpx2
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field, StringConstraints

from .approvals import Approvals, Refused, Request
from .cancellation import Cancellation
from .events import Events
from .text import escaped, shortened

TIMEOUT = 2  # seconds, for a request to the supervisor
PROGRESS_PERIOD = 10  # seconds; the SDK itself pings every 15

INSTRUCTIONS = """\
Ask with request_approval before an action that needs the operator's approval. Act only when the decision is "approved".
While it is "pending", call wait_for_approval with the id, again and again, and don't act."""

NEXT_STEP = {
    "pending": "Don't act yet: the operator has not decided. Call wait_for_approval with this id, until it is decided.",
    "approved": "You may do this action, as the operator's comment says.",
    "denied": "Don't do this action. Heed the operator's comment.",
    "timed out": "Don't do this action: the operator did not answer in time. Ask again only if it is still needed.",
    "withdrawn": "Don't do this action: the request was cancelled. Ask again only if it is still needed.",
}


class Answer(BaseModel):
    id: str
    decision: Literal["approved", "denied", "timed out", "withdrawn", "pending"]
    comment: str = Field(description="The operator's words")
    next_step: str = Field(description="What to do now")


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
    planned: bool = Field(description="The operator restarted this guard")


class Guards(BaseModel):
    guards: list[Guard]
    recent_gaps: list[Gap] = Field(description="The latest gaps in protection that supervise knows of")


def mcp_server(
    approvals: Approvals, events: Events, client: httpx2.AsyncClient, status_url: str, wait_limit: int
) -> MCPServer:
    server = MCPServer(
        "supervise",
        instructions=INSTRUCTIONS,
        subscriptions=False,
        log_level="ERROR",
        middleware=[Cancellation()],
    )

    @server.tool()
    async def request_approval(
        action: Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
            Field(description="What you want to do, exactly: the operator sees these words"),
        ],
        reason: Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
            Field(description="Why it is needed"),
        ],
        context: Context,
        timeout_seconds: Annotated[
            int, Field(ge=1, le=86400, description="How long the operator has to decide, across all waiting")
        ] = 3600,
    ) -> Answer:
        """
        Asks the human operator to approve an action before you do it, and waits a short time for the decision.

        Act only if the decision is "approved". If it is "pending", the operator has not decided yet and the request
        stays open: don't act, and call wait_for_approval with the returned id, again and again, until the decision is
        another one. If it is "denied", "timed out" or "withdrawn", don't act. To ask the same again while it is pending
        returns the same request. If your client gives up on the call before it returns, the request is withdrawn.
        """
        try:
            request = approvals.ask(action, reason, timeout_seconds)
        except Refused as cause:
            raise ToolError(f"cannot ask the operator: {cause}; try again later") from None
        return await decision(request, context)

    @server.tool()
    async def wait_for_approval(
        id: Annotated[str, Field(description="The id that request_approval returned", max_length=64)],
        context: Context,
    ) -> Answer:
        """
        Waits a short time for the operator's decision about a request that request_approval reported as "pending".

        Act only if the decision is "approved". If it is still "pending", don't act and call wait_for_approval again
        with the same id. A decision stays available for a day, so a call that failed can be repeated.
        """
        request = approvals.find(id)
        if request is None:
            raise ToolError(
                f'there is no request "{shortened(escaped(id))}", or it ended more than a day ago: '
                "it is not approved; ask again with request_approval"
            )
        request.known = True
        return await decision(request, context)

    async def decision(request: Request, context: Context) -> Answer:
        """Returns before the client gives up. Progress also restarts the timeout of some clients."""
        with approvals.waiting(request):
            waited = 0
            while request.outcome is None and waited < wait_limit and not approvals.stopping:
                await context.report_progress(waited, wait_limit, f"request {request.id} waits for the operator")
                period = min(PROGRESS_PERIOD, wait_limit - waited)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(period):
                        await request.wake.wait()
                waited += period
            if request.outcome is None:
                request.known = True
        outcome = "pending" if request.outcome is None else request.outcome.value
        return Answer(id=request.id, decision=outcome, comment=request.comment, next_step=NEXT_STEP[outcome])

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
