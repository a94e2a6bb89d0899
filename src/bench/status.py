"""Asks the peers which of their daemons run: by a health page, an API, or a command."""

import base64
import http.client
import json
import re
import socket
import subprocess
import xmlrpc.client
from collections.abc import Callable, Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from launch import Job

from conformance import supervisors
from conformance.supervisor import PATH, found

# The given ones of the job's daemons that run, by the peer's word. It may raise `UNANSWERED`.
Status = Callable[[Collection[str]], set[str]]

# it does not listen yet, or no more
UNANSWERED = (OSError, http.client.HTTPException, xmlrpc.client.Error, ValueError, ElementTree.ParseError)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path):
        super().__init__()
        self._path = path

    def make_connection(self, _) -> http.client.HTTPConnection:
        return UnixConnection(self._path)


def get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """The status code and the body of the answer. The connection is made again when it is closed."""
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except UNANSWERED:
        connection.close()
        raise


def local(job: Job) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", job.port, timeout=5)


def sidecar_init(job: Job) -> Status:
    connection = local(job)

    def running(names: Collection[str]) -> set[str]:
        code, page = get(connection, "/q/health/ready")
        if code == 200:
            return set(names)
        return {one["name"] for one in json.loads(page)["checks"] if one["status"] == "UP"}

    return running


def pebble(job: Job) -> Status:
    # its health page knows checks only
    connection = UnixConnection(job.directory / "pebble" / ".pebble.socket")

    def running(_: Collection[str]) -> set[str]:
        _, page = get(connection, "/v1/services")
        return {one["name"] for one in json.loads(page)["result"] if one["current"] == "active"}

    return running


def process_compose(job: Job) -> Status:
    connection = local(job)

    def running(_: Collection[str]) -> set[str]:
        _, page = get(connection, "/processes", {"X-PC-Token-Key": supervisors.process_compose.TOKEN})
        return {one["name"] for one in json.loads(page)["data"] if one["is_running"]}

    return running


def horust(job: Job) -> Status:
    # the adapter asks this of a container, of which it needs the job only
    container = SimpleNamespace(job=job)

    def running(names: Collection[str]) -> set[str]:
        return {name for name in names if supervisors.horust.is_ready(container, name)}

    return running


def s6(job: Job) -> Status:
    def running(names: Collection[str]) -> set[str]:
        answers = {name: output("s6-svstat", "-o", "up", *services(job, [name])) for name in names}
        return {name for name, answer in answers.items() if answer.strip() == "true"}

    return running


def runit(job: Job) -> Status:
    return lambda names: listed(output("sv", "status", *services(job, names)), r"^run: .*/([^/:]+): \(pid ")


def daemontools(job: Job) -> Status:
    return lambda names: listed(output("svstat", *services(job, names)), r"^.*/([^/:]+): up \(")


def circus(job: Job) -> Status:
    command = (found("circusctl"), "--endpoint", supervisors.circus.endpoint(job), "status")
    return lambda _: listed(output(*command), r"^(.+): active$")


def supervisord(job: Job) -> Status:
    server = xmlrpc.client.ServerProxy("http://localhost", UnixTransport(job.directory / "supervisor.sock"))

    def running(_: Collection[str]) -> set[str]:
        processes: Any = server.supervisor.getAllProcessInfo()
        return {one["name"] for one in processes if one["statename"] == "RUNNING"}

    return running


def monit(job: Job) -> Status:
    connection = UnixConnection(job.directory / "monit.sock")
    authorization = {"Authorization": "Basic " + base64.b64encode(b"conformance:conformance").decode()}

    def running(_: Collection[str]) -> set[str]:
        _, page = get(connection, "/_status?format=xml", authorization)
        services = ElementTree.fromstring(page).iter("service")
        # a pid: it has seen it; 0: nothing is wrong
        return {
            one.findtext("name", "")
            for one in services
            if one.find("pid") is not None and one.findtext("status") == "0"
        }

    return running


def services(job: Job, names: Collection[str]) -> list[str]:
    return [str(job.directory / "services" / name) for name in names]


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": PATH}).stdout


def listed(text: str, pattern: str) -> set[str]:
    """What the pattern's group matches in each line."""
    return set(re.findall(pattern, text, re.MULTILINE))
