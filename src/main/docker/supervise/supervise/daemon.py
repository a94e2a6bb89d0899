"""Starts, serves and stops the two ports."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import uvicorn
from starlette.types import ASGIApp

from .agent_side import ConnectionLimit, Health, agent_app
from .approvals import Approvals
from .events import Events
from .notify import Hook, InvalidHook, hooks
from .operator_side import operator_app
from .store import Store
from .text import escaped, log, shortened
from .tools import mcp_server


class CannotStart(Exception):
    """The message says why."""


@dataclass(frozen=True)
class Settings:
    mcp_port: int
    operator_port: int
    status_url: str
    home: Path
    wait_limit: int
    hooks: list[Hook]


def main() -> None:
    settings = Settings(
        mcp_port=_port("SUPERVISE_MCP_PORT", 9101),
        operator_port=_port("SUPERVISE_OPERATOR_PORT", 9100),
        status_url=_url("SIDECAR_STATUS_URL", _default_status_url()),
        home=Path(os.environ.get("SUPERVISE_HOME") or "/var/lib/supervise"),
        wait_limit=_number("CLAUDE_BOTTLE_APPROVAL_WAIT", 45, "a number of seconds", 3600),
        hooks=_hooks(),
    )
    agents, operators = _listen("0.0.0.0", settings.mcp_port), _listen("127.0.0.1", settings.operator_port)
    _log_errors()
    asyncio.run(_serve(settings, agents, operators))


async def _serve(settings: Settings, agents: socket.socket, operators: socket.socket) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = Store(settings.home)
    approvals, events = Approvals(store), Events()
    # loopback only: no proxy from the environment, no certificates; each call has its own timeout
    async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=None) as client:
        mcp = mcp_server(approvals, events, client, settings.status_url, settings.wait_limit)
        servers = {
            _Server(_config(agent_app(mcp), http=ConnectionLimit)): agents,
            _Server(_config(operator_app(approvals, events, Health(client, settings.mcp_port)))): operators,
        }
        async with mcp.session_manager.run(), asyncio.TaskGroup() as tasks:
            for server, listening in servers.items():
                tasks.create_task(server.serve(sockets=[listening]))
            notifying = [tasks.create_task(hook.run(approvals)) for hook in settings.hooks]
            log(f"agents ask at port {settings.mcp_port}, the operator answers at 127.0.0.1:{settings.operator_port}")
            await stop.wait()
            approvals.stop()
            for server in servers:
                server.should_exit = True
            for task in notifying:
                task.cancel()
    store.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """One stop ends both servers, so neither handles signals itself."""
        yield


def _config(app: ASGIApp, http: type | str = "h11") -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    # with an explicit protocol: otherwise asyncio does not set TCP_NODELAY, and responses take 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # before the log says so; uvicorn does it later, and with its own backlog
    except OSError as error:
        raise CannotStart(f"port {port}: {os.strerror(error.errno)}") from None
    return listening


def _port(name: str, default: int) -> int:
    return _number(name, default, "a port", 65535)


def _number(name: str, default: int, kind: str, largest: int) -> int:
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 9 and 0 < int(value) <= largest):
        raise CannotStart(f'{name}: "{shortened(escaped(value))}" is not {kind} from 1 to {largest}')
    return int(value)


def _hooks() -> list[Hook]:
    try:
        return hooks()
    except InvalidHook as invalid:
        raise CannotStart(str(invalid)) from None


def _default_status_url() -> str:
    """Where the supervisor listens: its own variables say so."""
    host = os.environ.get("QUARKUS_HTTP_HOST") or "127.0.0.1"
    if not re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        raise CannotStart(f'QUARKUS_HTTP_HOST: "{shortened(escaped(host))}" is not a host')
    port = _port("QUARKUS_HTTP_PORT", 9180)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/status" if ":" in host else f"http://{host}:{port}/status"


def _url(name: str, default: str) -> str:
    value = os.environ.get(name) or default
    try:
        url = urlsplit(value)
        if url.scheme == "http" and url.hostname and url.port != 0:
            return value
    except ValueError:
        pass
    raise CannotStart(f'{name}: "{escaped(value)}" is not an http URL')


def _log_errors() -> None:
    """Logs internal errors, one line each, escaped: messages of the libraries may contain the agent's text."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.ERROR, handlers=[handler])


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        cause = f": {record.exc_info[1]!r}" if record.exc_info else ""
        return shortened(escaped(f"{record.name}: {record.getMessage()}{cause}"), 500)
