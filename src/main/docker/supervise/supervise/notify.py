"""
Tells the operator about new requests, by a POST to a URL, by a command, or by both.

Each runs as a child process, so that nothing about it, such as a name lookup, can stall supervise or delay its stop.
The agent's text in it is escaped and shortened. An agent that asks without end causes one notification per period.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shlex
import shutil
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from .approvals import Approvals, Request
from .text import escaped, log, shortened

URL = "CLAUDE_BOTTLE_APPROVAL_NOTIFY_URL"
COMMAND = "CLAUDE_BOTTLE_APPROVAL_NOTIFY_COMMAND"
PERIOD = 10  # seconds, at least, from one notification to the next
TIMEOUT = 10  # seconds for each attempt
PAUSES = (2, 10)  # seconds before the second and the third attempt
MAX_TEXT = 500
MAX_OUTPUT = 300


class InvalidHook(Exception):
    """The message says what is wrong, without a URL, which may contain a password."""


@dataclass(frozen=True)
class Hook:
    variable: str
    command: list[str]

    async def run(self, approvals: Approvals) -> None:
        """Notifies of all requests that come from now on, until supervise stops."""
        told = approvals.pending()
        while not approvals.stopping:
            version, pending = approvals.version, approvals.pending()
            new = [request for request in pending if request not in told]
            told = pending
            if new:
                await self._notify(_event(new, len(pending)))
                await asyncio.sleep(PERIOD)
            else:
                await approvals.change_after(version)

    async def _notify(self, event: bytes) -> None:
        for pause in (*PAUSES, None):
            try:
                problem = await self._attempt(event)
            except OSError as error:
                problem = os.strerror(error.errno)
            if problem is None:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        log(f"cannot notify the operator by {self.variable}: {problem}")

    async def _attempt(self, event: bytes) -> str | None:
        with contextlib.ExitStack() as files:
            # no pipe to write to, which could block, and none whose end is to be awaited, which a grandchild could hold
            stdin = files.enter_context(os.fdopen(os.memfd_create("event"), "w+b", buffering=0))
            stdin.write(event)
            stdin.seek(0)
            read, write = os.pipe()
            output = files.enter_context(os.fdopen(read, "rb", buffering=0))
            with os.fdopen(write, "wb") as stdout:
                process = await asyncio.create_subprocess_exec(
                    *self.command, stdin=stdin, stdout=stdout, stderr=stdout, start_new_session=True
                )
            try:
                async with asyncio.timeout(TIMEOUT):
                    code = await process.wait()
            except TimeoutError:
                return f"it has not ended after {TIMEOUT} s"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
            if code == 0:
                return None
            os.set_blocking(read, False)
            said = (output.read(MAX_OUTPUT) or b"").decode(errors="replace").strip()
            return f"exit code {code}" + (said and f": {shortened(escaped(said), MAX_OUTPUT)}")


def hooks() -> list[Hook]:
    """What the environment asks for."""
    found = []
    if url := os.environ.get(URL):
        if not _is_url(url):
            raise InvalidHook(f"{URL} is not an http or https URL")
        found.append(Hook(URL, [sys.executable, "-I", "-B", str(Path(__file__).with_name("post.py")), URL]))
    if command := os.environ.get(COMMAND):
        try:
            arguments = shlex.split(command)
        except ValueError as error:
            raise InvalidHook(f"{COMMAND}: {error}") from None
        if not arguments or not shutil.which(arguments[0]):
            raise InvalidHook(f'{COMMAND}: there is no program "{escaped("".join(arguments[:1]))}"')
        found.append(Hook(COMMAND, arguments))
    return found


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return bool(
            text.isascii()
            and text.isprintable()
            and " " not in text
            and url.scheme in ("http", "https")
            and url.hostname
            and url.port != 0
        )
    except ValueError:
        return False


def _event(requests: list[Request], pending: int) -> bytes:
    event = {
        "specversion": "1.0",
        "id": secrets.token_hex(8),
        "source": "/supervise",
        "type": "dev.claudebottle.sidecar.approval.requested",
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"requests": [_bounded(request.as_json()) for request in requests], "pending": pending},
    }
    return json.dumps(event).encode()


def _bounded(request: dict) -> dict:
    return {
        "id": request["id"],
        "action": shortened(request["action"], MAX_TEXT),
        "reason": shortened(request["reason"], MAX_TEXT),
        "askedAt": request["askedAt"],
        "expiresAt": request["expiresAt"],
    }
