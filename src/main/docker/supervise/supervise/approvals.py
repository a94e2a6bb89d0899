"""The requests for approval: the pending ones, and those that ended in the last day."""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from .store import Row, Store
from .text import escaped, log, shortened

MAX_PENDING = 20
KEPT = 24 * 3600  # seconds after the end of a request
MAX_ANSWERED = 200
MAX_UNANSWERED = 50
# New requests: so many at once, then one a second. It bounds what an agent that asks and withdraws adds to the log.
MAX_BURST = 200


class Outcome(StrEnum):
    APPROVED = "approved"
    DENIED = "denied"
    TIMED_OUT = "timed out"
    WITHDRAWN = "withdrawn"


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
    asked_at: float
    outcome: Outcome | None = None
    comment: str = ""
    ended_at: float | None = None
    # not kept across a restart
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # set when it ends, or when supervise stops
    timer: asyncio.TimerHandle | None = None
    callers: int = 0  # that wait for it now
    waited_at: float = 0.0  # when the last caller went
    known: bool = False  # the agent has its ID

    def row(self) -> Row:
        return (
            self.id,
            self.action,
            self.reason,
            self.timeout,
            self.asked_at,
            self.outcome and self.outcome.value,
            self.comment,
            self.ended_at,
        )

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
            "agentWaits": self.callers > 0,
            "agentLastWaitedAt": _utc(self.waited_at or self.asked_at),
        }


class Approvals:
    """Its methods run on the event loop. The store keeps what a restart must not lose."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: dict[str, Request] = {}
        # separate, so that an agent that asks and disconnects can't displace the operator's answers
        self._answered: deque[Request] = deque(maxlen=MAX_ANSWERED)
        self._unanswered: deque[Request] = deque(maxlen=MAX_UNANSWERED)
        self._budget, self._budget_at = float(MAX_BURST), time.monotonic()
        self.stopping = False
        self._boot, self._changes = secrets.token_hex(4), 0
        self._changed = asyncio.Event()
        self._restore()

    def ask(self, action: str, reason: str, timeout: int) -> Request:
        """The pending request with these words, or else a new one: a client that lost its connection asks again."""
        if self.stopping:
            raise Refused("supervise is stopping")
        action, reason = escaped(action), escaped(reason)
        for request in self._pending.values():
            if (request.action, request.reason) == (action, reason):
                return request
        if len(self._pending) >= MAX_PENDING:
            raise Refused(f"{MAX_PENDING} requests are already waiting for the operator")
        self._take_from_budget()
        request = Request(self._new_id(), action, reason, timeout, time.time())
        self._add_pending(request)
        log(f"request {request.id} waits for approval: {shortened(action)}; reason: {shortened(reason)}")
        self._change()
        return request

    @contextlib.contextmanager
    def waiting(self, request: Request) -> Iterator[None]:
        """A caller waits. The last one withdraws the request if it fails, unless the agent knows the ID by then."""
        request.callers += 1
        self._change(keep=False)
        try:
            yield
        except BaseException:
            if request.callers == 1 and not request.known and not self.stopping:
                self.end(request, Outcome.WITHDRAWN)
            raise
        finally:
            request.callers -= 1
            request.waited_at = time.time()
            self._change(keep=False)

    def end(self, request: Request, outcome: Outcome, comment: str = "") -> None:
        """Only the first outcome counts."""
        if request.outcome is not None:
            return
        request.outcome, request.comment, request.ended_at = outcome, comment, time.time()
        request.timer.cancel()
        del self._pending[request.id]
        self._add_ended(request)
        request.wake.set()
        log(f"request {request.id} {outcome}")
        self._change()

    def stop(self) -> None:
        """Refuses new requests. Those that wait for a pending one are told so; it stays pending across the restart."""
        self.stopping = True
        for request in self.pending():
            request.timer.cancel()
            request.wake.set()
        self._change(keep=False)

    def pending(self) -> list[Request]:
        return list(self._pending.values())

    def recently_ended(self) -> list[Request]:
        """Latest first."""
        for ended in (self._answered, self._unanswered):
            while ended and ended[0].ended_at < time.time() - KEPT:
                ended.popleft()
        return sorted((*self._answered, *self._unanswered), key=lambda request: request.ended_at, reverse=True)

    def find(self, request_id: str) -> Request | None:
        requests = (*self.pending(), *self.recently_ended())
        return next((request for request in requests if request.id == request_id), None)

    @property
    def version(self) -> str:
        """It differs after each change, also from those before a restart."""
        return f"{self._boot}-{self._changes}"

    async def change_after(self, version: str) -> None:
        while version == self.version and not self.stopping:
            await self._changed.wait()

    def _change(self, keep: bool = True) -> None:
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()
        if keep:
            self._store.write(request.row() for request in (*self.pending(), *self.recently_ended()))

    def _restore(self) -> None:
        requests = [Request(*row) for row in self._store.rows()]
        for request in sorted(requests, key=lambda request: request.ended_at or request.asked_at):
            request.known = True
            if request.outcome is None:
                self._add_pending(request)
            else:
                request.outcome = Outcome(request.outcome)
                self._add_ended(request)
        if self._pending:
            log(f"requests from before the start that wait for approval: {', '.join(self._pending)}")

    def _add_pending(self, request: Request) -> None:
        self._pending[request.id] = request
        # a timer, because the waiting caller may hang in a connection that nobody reads
        left = max(request.asked_at + request.timeout - time.time(), 0)
        request.timer = asyncio.get_running_loop().call_later(left, self.end, request, Outcome.TIMED_OUT)

    def _add_ended(self, request: Request) -> None:
        (self._answered if request.outcome in BY_THE_OPERATOR else self._unanswered).append(request)

    def _take_from_budget(self) -> None:
        now = time.monotonic()
        budget = min(self._budget + now - self._budget_at, MAX_BURST)
        if budget < 1:
            raise Refused("too many requests in a short time")
        self._budget, self._budget_at = budget - 1, now

    def _new_id(self) -> str:
        """A random ID: one from before a restart or of a withdrawn request must not approve another request."""
        while self.find(new := secrets.token_hex(4)):
            pass
        return new


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
