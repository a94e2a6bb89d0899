"""The requests for approval: the pending ones, and the latest that have ended."""

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from .text import escaped, log, shortened

MAX_PENDING = 20
KEPT = 50


class Outcome(StrEnum):
    APPROVED = "approved"
    DENIED = "denied"
    TIMED_OUT = "timed out"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


BY_THE_OPERATOR = (Outcome.APPROVED, Outcome.DENIED)


class Refused(Exception):
    """The message says why no request is accepted now."""


@dataclass(eq=False)
class Request:
    """Action and reason are the agent's text, escaped."""

    id: str
    action: str
    reason: str
    timeout: int
    asked_at: float = field(default_factory=time.time)
    outcome: Outcome | None = None
    comment: str = ""
    ended_at: float | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None

    def as_json(self) -> dict:
        return {
            "id": self.id,
            "action": self.action,
            "reason": self.reason,
            "askedAt": _utc(self.asked_at),
            "expiresAt": _utc(self.asked_at + self.timeout),
            "outcome": self.outcome,
            "comment": escaped(self.comment),
            "endedAt": None if self.ended_at is None else _utc(self.ended_at),
        }


class Approvals:
    def __init__(self) -> None:
        self._pending: dict[str, Request] = {}
        # separate, so that an agent that asks and disconnects can't displace the operator's answers
        self._answered: deque[Request] = deque(maxlen=KEPT)
        self._unanswered: deque[Request] = deque(maxlen=KEPT)
        self._stopping = False

    def ask(self, action: str, reason: str, timeout: int) -> Request:
        if self._stopping:
            raise Refused("supervise is stopping")
        if len(self._pending) >= MAX_PENDING:
            raise Refused(f"{MAX_PENDING} requests are already waiting for the operator")
        request = Request(self._new_id(), escaped(action), escaped(reason), timeout)
        self._pending[request.id] = request
        # a timer, because the waiting caller may hang in a connection that nobody reads
        request.timer = asyncio.get_running_loop().call_later(timeout, self.end, request, Outcome.TIMED_OUT)
        log(
            f"request {request.id} waits for approval: {shortened(request.action)}; reason: {shortened(request.reason)}"
        )
        return request

    def end(self, request: Request, outcome: Outcome, comment: str = "") -> None:
        """Only the first outcome counts."""
        if request.outcome is not None:
            return
        request.outcome, request.comment, request.ended_at = outcome, comment, time.time()
        request.timer.cancel()
        del self._pending[request.id]
        (self._answered if outcome in BY_THE_OPERATOR else self._unanswered).append(request)
        request.ended.set()
        log(f"request {request.id} {outcome}")

    def stop(self) -> None:
        """Ends all pending requests and refuses new ones."""
        self._stopping = True
        for request in self.pending():
            self.end(request, Outcome.STOPPED)

    def pending(self) -> list[Request]:
        return list(self._pending.values())

    def recently_ended(self) -> list[Request]:
        """Latest first."""
        return sorted((*self._answered, *self._unanswered), key=lambda request: request.ended_at, reverse=True)

    def find(self, request_id: str) -> Request | None:
        requests = (*self.pending(), *self.recently_ended())
        return next((request for request in requests if request.id == request_id), None)

    def _new_id(self) -> str:
        """A random ID: after a restart, an ID from before it must not approve another request."""
        while self.find(new := secrets.token_hex(3)):
            pass
        return new


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
