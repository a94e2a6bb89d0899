"""
Tests supervise from outside: the agent is the MCP SDK's client, the operator uses HTTP and the approvals command.

SUPERVISE_PYTHON names an interpreter that has mcp; by default it is the one that runs the tests.
"""

import http.client
import http.server
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from support import LIMIT, free_port, wait_until

HOME = Path(__file__).resolve().parent
PYTHON = os.environ.get("SUPERVISE_PYTHON") or sys.executable
MODERN = "2026-07-28"

# mode "legacy" is a client from before 2026, which starts with a handshake
CLIENT = """
import asyncio, json, sys
from mcp import Client

async def main(url, mode, tool, arguments):
    async def progress(*it):
        print(json.dumps(it), flush=True)
    async with Client(url, mode=mode) as client:
        await client.list_tools()  # as an agent does; otherwise the client does so after the call, to check the result
        result = await client.call_tool(tool, json.loads(arguments), progress_callback=progress)
        print(result.model_dump_json(), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""

shared = None


def require_mcp():
    if subprocess.run([PYTHON, "-c", "import mcp"], capture_output=True, timeout=LIMIT).returncode:
        raise unittest.SkipTest(f"{PYTHON} can't import mcp; SUPERVISE_PYTHON can name an interpreter that has it")


def setUpModule():
    require_mcp()
    global shared
    shared = Supervise().ready()
    unittest.addModuleCleanup(shared.close)


class Supervise:
    def __init__(self, command=(HOME / "supervise_server.py",), ports=None, **variables):
        self.mcp, self.operator = ports or (free_port(), free_port())
        self.environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "",
            "SUPERVISE_MCP_PORT": str(self.mcp),
            "SUPERVISE_OPERATOR_PORT": str(self.operator),
            **variables,
        }
        self.process = subprocess.Popen(
            [PYTHON, *command], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def ready(self):
        wait_until(lambda: self._health() == 200, "supervise is ready")
        return self

    def listening(self):
        wait_until(lambda: self.lines, "supervise listens")

    def _health(self):
        if self.process.poll() is not None:
            raise AssertionError(f"supervise is gone: {self.lines}")
        try:
            return self.get("/health")[0]
        except OSError:
            return None

    def close(self):
        self.process.kill()
        return self.end()

    def end(self):
        code = self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        self.process.stdout.close()
        return code

    def get(self, path, **headers):
        return send(self.operator, "GET", path, headers)

    def post(self, path, body=None, content_type="application/json", **headers):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        return send(self.operator, "POST", path, {"Content-Type": content_type, **headers}, data)

    def post_event(self, event):
        return self.post("/events", event, "application/cloudevents+json")

    def listing(self):
        return json.loads(self.get("/approvals")[1])

    def requests(self, kind="pending"):
        return self.listing()[kind]

    def waiting(self, action):
        return wait_until(lambda: find(self.requests(), action), f"{action} waits")

    def ended(self, action):
        return wait_until(lambda: find(self.requests("ended"), action), f"{action} has ended")

    def approvals(self, *arguments, **variables):
        environment = {**self.environment, "COLUMNS": "80", **variables}
        command = [sys.executable, HOME / "approvals", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)


def patched_supervise(patch, *arguments, **variables):
    """Supervise, in which Python code has replaced something before it starts; sys.argv[1:] are the arguments."""
    program = f"""
import sys
sys.path.insert(0, {str(HOME)!r})
from supervise import daemon
{patch}
daemon.main()
"""
    return Supervise(["-B", "-c", program, *arguments], **variables)


def find(requests, action):
    return next((one for one in requests if one["action"] == action), None)


def send(port, method, path, headers=None, body=None, to="127.0.0.1"):
    connection = http.client.HTTPConnection(to, port, timeout=LIMIT)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        # a response without a length is a stream, which may never end
        return answer.status, "" if answer.length is None else answer.read().decode()
    finally:
        connection.close()


class Agent:
    """The SDK's client, in its own process."""

    def __init__(self, test, supervise, tool, arguments, mode="auto"):
        url = f"http://127.0.0.1:{supervise.mcp}/mcp"
        command = [PYTHON, "-c", CLIENT, url, mode, tool, json.dumps(arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        test.addCleanup(self._close)

    def _close(self):
        self.process.kill()
        self.process.wait(LIMIT)
        self.process.stdout.close()

    def result(self):
        """The progress messages and the result."""
        lines = self.process.communicate(timeout=LIMIT)[0].splitlines()
        return [json.loads(line) for line in lines[:-1]], json.loads(lines[-1])

    def go_away(self):
        self.process.kill()
        self.process.wait(LIMIT)


def asks(test, action, mode="auto", **more):
    return Agent(test, shared, "request_approval", {"action": action, "reason": "because", **more}, mode)


def answer_in(result):
    answer = result["structured_content"]
    return answer["decision"], answer["comment"], answer["id"]


def mcp_message(method, params=None):
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": meta, **(params or {})}})
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": method,
    }
    return body, headers


def raw_call(test, supervise, tool, arguments):
    """Sends a call and does not wait for its response."""
    body, headers = mcp_message("tools/call", {"name": tool, "arguments": arguments})
    connection = http.client.HTTPConnection("127.0.0.1", supervise.mcp, timeout=LIMIT)
    test.addCleanup(connection.close)
    connection.request("POST", "/mcp", body, {**headers, "Mcp-Name": tool})
    return connection


def raw_result(connection):
    return json.loads(connection.getresponse().read())["result"]


def ask(test, supervise, action, reason="r", **more):
    """Asks for approval and does not wait for the response."""
    return raw_call(test, supervise, "request_approval", {"action": action, "reason": reason, **more})


event_numbers = itertools.count(1)


def event(kind, guard="egress", **data):
    return {
        "specversion": "1.0",
        "id": f"boot-{next(event_numbers)}",
        "source": "/sidecar-init/test",
        "type": f"dev.claudebottle.sidecar.{kind}",
        "subject": guard,
        "time": "2026-11-22T15:00:00.123Z",
        "datacontenttype": "application/json",
        "data": data,
    }


class ApprovalTest(unittest.TestCase):
    def test_what_the_operator_approves_is_approved_for_the_agent_with_the_comment(self):
        for mode in ("auto", "legacy"):
            with self.subTest(mode):
                # Given
                agent = asks(self, f"approve me {mode}", mode)
                request = shared.waiting(f"approve me {mode}")
                # When
                status, _ = shared.post(f"/approvals/{request['id']}/approve", {"comment": "but gently"})
                # Then
                self.assertEqual(200, status)
                progress, result = agent.result()
                self.assertEqual(("approved", "but gently", request["id"]), answer_in(result))
                # and progress was reported while it waited
                self.assertIn(request["id"], progress[0][2])

    def test_what_the_operator_denies_is_denied_for_the_agent(self):
        # Given
        agent = asks(self, "deny me")
        request = shared.waiting("deny me")
        # When
        shared.post(f"/approvals/{request['id']}/deny")
        # Then
        _, result = agent.result()
        self.assertEqual(("denied", "", request["id"]), answer_in(result))

    def test_a_request_that_nobody_answers_times_out_and_can_no_longer_be_answered(self):
        # When
        agent = asks(self, "too late", timeout_seconds=1)
        # Then
        _, result = agent.result()
        self.assertEqual("timed out", result["structured_content"]["decision"])
        request = shared.ended("too late")
        self.assertEqual("timed out", request["outcome"])
        self.assertEqual(409, shared.post(f"/approvals/{request['id']}/approve")[0])

    def test_a_caller_that_disconnects_withdraws_the_request(self):
        for mode in ("auto", "legacy"):
            with self.subTest(mode):
                # Given
                agent = asks(self, f"never mind {mode}", mode)
                shared.waiting(f"never mind {mode}")
                # When
                agent.go_away()
                # Then
                self.assertEqual("withdrawn", shared.ended(f"never mind {mode}")["outcome"])
                self.assertIsNone(find(shared.requests(), f"never mind {mode}"))

    def test_a_caller_that_never_reads_does_not_outlast_the_timeout(self):
        # When
        ask(self, shared, "deaf", timeout_seconds=1)
        # Then
        self.assertEqual("timed out", shared.ended("deaf")["outcome"])

    def test_the_number_of_pending_requests_is_limited(self):
        # Given
        room = 20 - len(shared.requests())
        waiting = [ask(self, shared, f"many {n}") for n in range(room)]
        wait_until(lambda: len(shared.requests()) == 20, "they are pending")
        # When
        refused = raw_result(ask(self, shared, "one more"))
        # Then
        self.assertTrue(refused["isError"])
        self.assertIn("20 requests are already waiting", refused["content"][0]["text"])
        self.assertIsNone(find(shared.requests(), "one more"))
        for connection in waiting:
            connection.close()
        wait_until(lambda: not shared.requests(), "they are withdrawn")

    def test_withdrawn_requests_do_not_displace_answered_ones(self):
        # Given
        ask(self, shared, "keep this")
        shared.post(f"/approvals/{shared.waiting('keep this')['id']}/approve")
        # When
        for number in range(60):
            connection = ask(self, shared, f"noise {number}")
            shared.waiting(f"noise {number}")
            connection.close()
            shared.ended(f"noise {number}")
        # Then
        self.assertEqual("approved", shared.ended("keep this")["outcome"])
        self.assertIsNone(find(shared.requests("ended"), "noise 0"))

    def test_an_argument_that_is_too_long_empty_or_out_of_range_is_refused(self):
        good = {"action": "bounds", "reason": "r"}
        for wrong in (
            {"action": "x" * 501},
            {"action": "  "},
            {"reason": "x" * 2001},
            {"reason": ""},
            {"timeout_seconds": 0},
            {"timeout_seconds": 86401},
            {"timeout_seconds": None},
        ):
            with self.subTest(wrong):
                # When
                result = raw_result(ask(self, shared, **{**good, **wrong}))
                # Then
                self.assertTrue(result["isError"])
        self.assertEqual([], shared.requests())

    def test_the_agents_text_is_escaped_wherever_it_is_shown(self):
        # When
        ask(self, shared, "a\x1b[2J\n\u202eb\\n\u00adc\x9b", "r\r\u2028s\u200b")
        # Then
        action, reason = "a\\x1b[2J\\n\\u202eb\\\\n\\xadc\\x9b", "r\\r\\u2028s\\u200b"
        request = shared.waiting(action)
        self.assertEqual(reason, request["reason"])
        line = wait_until(lambda: [line for line in shared.lines if request["id"] in line], "it is logged")[0]
        self.assertIn(f"{action}; reason: {reason}", line)
        listed = shared.approvals().stdout
        self.assertIn(action, listed)
        self.assertTrue(all(char.isprintable() for char in listed.replace("\n", "")))

    def test_a_long_request_is_shortened_in_the_log_and_complete_in_the_list(self):
        # When
        ask(self, shared, "long " + "x" * 400, "y" * 2000)
        # Then
        request = shared.waiting("long " + "x" * 400)
        line = wait_until(lambda: [line for line in shared.lines if request["id"] in line], "it is logged")[0]
        self.assertLess(len(line), 400)
        self.assertEqual("y" * 2000, request["reason"])


class OperatorTest(unittest.TestCase):
    def test_an_unknown_request_is_404_and_an_answered_one_409(self):
        # Given
        ask(self, shared, "only once")
        request = shared.waiting("only once")
        # When
        statuses = [
            shared.post(path)[0]
            for path in (
                "/approvals/nobody/approve",
                f"/approvals/{request['id']}/approve",
                f"/approvals/{request['id']}/deny",
            )
        ]
        # Then
        self.assertEqual([404, 200, 409], statuses)
        self.assertEqual("approved", shared.ended("only once")["outcome"])

    def test_the_number_of_waiting_requests_is_told_without_their_words(self):
        # Given
        ask(self, shared, "be counted")
        shared.waiting("be counted")
        # Then: those of other tests may end meanwhile
        wait_until(
            lambda: shared.get("/approvals/count") == (200, f"{len(shared.requests())}\n"), "they have been counted"
        )

    def test_only_a_POST_with_a_valid_comment_answers(self):
        # Given
        ask(self, shared, "hold")
        path = f"/approvals/{shared.waiting('hold')['id']}/approve"
        # When / Then
        self.assertEqual(405, shared.get(path)[0])
        self.assertEqual(415, shared.post(path, {"comment": "x"}, "text/plain")[0])
        for wrong in (
            b"{",
            b"[]",
            b'{"comment": 1}',
            b'{"coment": "x"}',
            b'{"comment": "\\ud800"}',
            {"comment": "x" * 2001},
        ):
            with self.subTest(wrong):
                self.assertEqual(400, shared.post(path, wrong)[0])
        self.assertIsNotNone(find(shared.requests(), "hold"))

    def test_a_browser_is_refused(self):
        # Given
        ask(self, shared, "no browser")
        path = f"/approvals/{shared.waiting('no browser')['id']}/approve"
        # When / Then
        self.assertEqual(403, shared.post(path, Origin="http://localhost")[0])
        self.assertEqual(403, shared.get("/approvals", Origin="null")[0])
        self.assertEqual(403, shared.get("/approvals/count", Origin="null")[0])
        self.assertIsNotNone(find(shared.requests(), "no browser"))

    def test_only_loopback_names_are_a_valid_host(self):
        for host, status in (
            ("127.0.0.1", 200),
            ("localhost:9100", 200),
            ("evil.example", 421),
            ("127.0.0.1.evil.example", 421),
        ):
            with self.subTest(host):
                self.assertEqual(status, shared.get("/approvals", Host=host)[0])

    def test_the_port_is_bound_to_loopback_only(self):
        with self.assertRaises(ConnectionRefusedError):
            send(shared.operator, "GET", "/health", to="127.0.0.2")
        self.assertEqual(404, send(shared.mcp, "GET", "/health", to="127.0.0.2")[0])

    @unittest.skipUnless(socket.has_ipv6, "no IPv6 sockets here")
    def test_a_client_with_IPv6_sockets_is_identified_too(self):
        # When: Java connects to 127.0.0.1 like this
        status, _ = send(shared.operator, "GET", "/approvals", {"Host": "127.0.0.1"}, to="::ffff:127.0.0.1")
        # Then
        self.assertEqual(200, status)

    @unittest.skipUnless(os.getuid() == 0, "only root can become another user")
    def test_another_guards_user_is_refused_even_if_it_does_not_wait_for_the_response(self):
        # Given: a guard that is tricked into forwarding a request
        ask(self, shared, "through the proxy")
        path = f"/approvals/{shared.waiting('through the proxy')['id']}/approve"
        request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()
        # When
        answered = as_nobody(shared.operator, request, then="print(s.recv(99))")
        as_nobody(shared.operator, request, then="s.close()", times=200)
        # Then
        self.assertIn(" 403 ", answered)
        self.assertIsNotNone(find(shared.requests(), "through the proxy"))


def as_nobody(port, request, then, times=1):
    program = f"""
import os, socket
os.setuid(65534)
for _ in range({times}):
    s = socket.socket()
    s.connect(("127.0.0.1", {port}))
    s.sendall({request!r})
    {then}
"""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT, check=True
    ).stdout


class AgentsPortTest(unittest.TestCase):
    def test_no_endpoint_of_the_operator_can_be_reached(self):
        # Given
        ask(self, shared, "help myself")
        request = shared.waiting("help myself")
        approve = f"/approvals/{request['id']}/approve"
        paths = [
            "/",
            "/approvals",
            "/approvals/count",
            approve,
            "/events",
            "/health",
            "/mcp/",
            f"/mcp{approve}",
            f"/mcp/..{approve}",
            f"//{approve}",
            f"/mcp/%2e%2e{approve}",
            f"http://127.0.0.1:{shared.operator}{approve}",
            f"{approve}?/mcp",
        ]
        for path in paths:
            for method in ("GET", "POST"):
                for host in (f"127.0.0.1:{shared.operator}", "sidecars:9101"):
                    with self.subTest(f"{method} {path} {host}"):
                        # When
                        status, _ = send(
                            shared.mcp, method, path, {"Host": host, "Content-Type": "application/json"}, "{}"
                        )
                        # Then
                        self.assertEqual(404, status)
        self.assertIsNotNone(find(shared.requests(), "help myself"))

    def test_any_host_name_is_accepted_but_no_browser(self):
        body, headers = mcp_message("tools/list")
        for more, status in (({"Host": "sidecars:9101"}, 200), ({"Origin": "http://sidecars:9101"}, 403)):
            with self.subTest(more):
                self.assertEqual(status, send(shared.mcp, "POST", "/mcp", {**headers, **more}, body)[0])

    def test_there_is_no_session_to_open_or_to_end(self):
        for method in ("GET", "DELETE"):
            with self.subTest(method):
                self.assertEqual(405, send(shared.mcp, method, "/mcp", {"Accept": "text/event-stream"})[0])

    def test_a_large_request_is_refused(self):
        body, headers = mcp_message("tools/call", {"name": "x" * 65536})
        self.assertEqual(413, send(shared.mcp, "POST", "/mcp", headers, body)[0])

    def test_the_number_of_connections_is_limited_and_the_operator_is_not_affected(self):
        # When
        connections = [socket.create_connection(("127.0.0.1", shared.mcp), LIMIT, ("127.0.0.2", 0)) for _ in range(110)]
        for connection in connections:
            self.addCleanup(connection.close)
        # Then
        self.assertEqual(200, shared.get("/approvals")[0])
        # loopback, which our own health check uses, has no limit
        body, headers = mcp_message("tools/list")
        self.assertEqual(200, send(shared.mcp, "POST", "/mcp", headers, body)[0])
        for connection in connections:
            connection.setblocking(False)
        wait_until(lambda: all(closed(one) for one in connections[100:]), "the last ones are closed")
        self.assertFalse(any(closed(one) for one in connections[:50]))


def closed(connection):
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


class EventsTest(unittest.TestCase):
    def assert_logged(self, text):
        return wait_until(lambda: [line for line in shared.lines if line == text], text)

    def test_an_event_is_logged_on_one_line(self):
        crash = {"code": 137, "signal": "SIGKILL", "error": None, "oomKilled": None, "gapSeconds": None}
        for posted, line in (
            (event("daemon.exited", "g1", **crash), "g1 exited with code 137 (SIGKILL)"),
            (
                event("daemon.exited", "g1", **{**crash, "oomKilled": True}),
                "g1 exited with code 137 (SIGKILL, out of memory)",
            ),
            (event("daemon.exited", "g1", code=0, signal=None, reason="liveness"), "g1 exited with code 0 (liveness)"),
            (event("daemon.exited", "g1", code=1, signal=None), "g1 exited with code 1"),
            (
                event("daemon.exited", "g1", code=127, error="/x: No\x1bsuch file"),
                "cannot start g1: /x: No\\x1bsuch file",
            ),
            (event("daemon.restarting", "g1", nextStartInSeconds=0.52), "g1 will be started again in 0.52 s"),
            (event("daemon.recovered", "g1", gapSeconds=1.9), "g1 is back after 1.9 s"),
            (event("daemon.restarting", "g1", planned=True), "g1 is restarted, as the operator asked"),
            (
                event("daemon.exited", "g1", code=143, signal="SIGTERM", planned=True),
                "g1 exited with code 143 (SIGTERM), as asked",
            ),
            (event("daemon.recovered", "g1", gapSeconds=0.4, planned=True), "g1 is back after 0.4 s, as asked"),
            ({**event("", "g1"), "type": "daemon.recovered", "data": None}, "g1 is back"),
            (event("daemon.unready", "g1"), "g1 is not ready"),
            (event("daemon.unready", "g2", error="HTTP\x1b 502"), "g2 is not ready: HTTP\\x1b 502"),
            (event("daemon.crash-looping", "g1"), "g1 is crash-looping"),
        ):
            with self.subTest(line):
                # When
                status, _ = shared.post_event(posted)
                # Then
                self.assertEqual(204, status)
                self.assert_logged(line)

    def test_an_event_that_arrives_twice_counts_once(self):
        # Given
        twice = event("daemon.unready", "twice")
        # When
        statuses = [shared.post_event(twice)[0], shared.post_event(twice)[0]]
        shared.post_event(event("daemon.unready", "afterwards"))
        # Then
        self.assertEqual([204, 204], statuses)
        self.assert_logged("afterwards is not ready")
        self.assertEqual(1, shared.lines.count("twice is not ready"))
        self.assertEqual(1, sum(one["text"] == "twice is not ready" for one in json.loads(shared.get("/events")[1])))

    def test_an_invalid_event_is_refused_with_a_reason(self):
        good = event("daemon.unready", "refused")
        for wrong, reason in (
            (b"{", "not JSON"),
            (b"[" * 100000, "not JSON"),
            (b"\xff", "not JSON"),
            (b"[]", "not a JSON object"),
            ({**good, "specversion": "0.3"}, "specversion"),
            ({**good, "id": ""}, "id"),
            ({**good, "id": "x" * 257}, "id"),
            ({**good, "source": 1}, "source"),
            ({name: value for name, value in good.items() if name != "type"}, "type"),
            ({name: value for name, value in good.items() if name != "subject"}, "subject"),
            ({**good, "subject": "egress\nforged"}, "subject"),
            ({**good, "time": None}, "time"),
            ({**good, "data": "text"}, "data"),
        ):
            with self.subTest(reason):
                # When
                status, text = shared.post_event(wrong)
                # Then
                self.assertEqual(400, status)
                self.assertIn(reason, text)
        self.assertEqual(415, shared.post("/events", good)[0])
        self.assertEqual(413, shared.post_event({**good, "data": {"output": ["x" * 300_000]}})[0])
        self.assertNotIn("refused", shared.get("/events")[1])

    def test_the_output_of_a_guard_is_neither_kept_nor_logged(self):
        # When
        shared.post_event(event("daemon.exited", "leaky", code=1, output=["the pass" + "word"]))
        # Then
        self.assert_logged("leaky exited with code 1")
        self.assertNotIn("the password", shared.get("/events")[1] + "".join(shared.lines))

    def test_unusual_numbers_are_accepted(self):
        for number in ("1e400", "1" * 400, "NaN", "-1", '"soon"', "true"):
            with self.subTest(number[:9]):
                body = json.dumps(event("daemon.recovered", "odd")).replace(
                    '"data": {}', f'"data": {{"gapSeconds": {number}}}'
                )
                self.assertEqual(204, shared.post_event(body.encode())[0])
        self.assertEqual(200, shared.get("/events")[0])


class Status(http.server.BaseHTTPRequestHandler):
    """A stand-in for the supervisor. It hangs while it has no answer."""

    answer = None
    done = threading.Event()

    def do_GET(self):
        if self.answer is None:
            self.done.wait(LIMIT)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


class GuardsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Status)
        threading.Thread(target=server.serve_forever).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.addClassCleanup(Status.done.set)
        # it must not use a proxy from the environment
        cls.supervise = Supervise(
            SIDECAR_STATUS_URL=f"http://127.0.0.1:{server.server_port}/status", http_proxy="http://127.0.0.1:9"
        )
        cls.addClassCleanup(cls.supervise.close)
        cls.supervise.ready()

    def test_the_agent_sees_the_state_of_the_guards_and_nothing_else(self):
        # Given
        guard = {
            "name": "egress",
            "state": "backoff",
            "ready": False,
            "pid": None,
            "startedAt": None,
            "starts": 3,
            "restarts": 2,
            "failurePolicy": "restart",
            "nextStartAt": None,
            "crashLooping": False,
            "gaps": {"open": True, "count": 2, "seconds": 1.5},
            "lastExit": {
                "code": 137,
                "signal": "SIGKILL",
                "at": "2026-11-22T15:00:10.456Z",
                "error": "se" + "cret",
                "oomKilled": None,
            },
        }
        fresh = {
            **guard,
            "name": "pipelock",
            "state": "running",
            "ready": True,
            "startedAt": "2026-11-22T15:00:00.123Z",
            "restarts": 0,
            "lastExit": None,
            "gaps": {"open": False, "count": 0, "seconds": 0},
        }
        Status.answer = json.dumps({"state": "running", "daemons": [guard, fresh]}).encode()
        self.supervise.post_event(event("daemon.exited", "egress", code=1, output=["secret"]))
        self.supervise.post_event(event("daemon.recovered", "egress", gapSeconds=1.9))
        self.supervise.post_event(event("daemon.recovered", "pipelock", gapSeconds=0.4, planned=True))
        # When
        _, result = Agent(self, self.supervise, "guards", {}).result()
        # Then
        self.assertEqual(
            {
                "guards": [
                    {
                        "name": "egress",
                        "state": "backoff",
                        "ready": False,
                        "since": "2026-11-22T15:00:10.456Z",
                        "restarts": 2,
                        "crash_looping": False,
                        "gap_open": True,
                        "gaps": 2,
                        "gap_seconds": 1.5,
                    },
                    {
                        "name": "pipelock",
                        "state": "running",
                        "ready": True,
                        "since": "2026-11-22T15:00:00.123Z",
                        "restarts": 0,
                        "crash_looping": False,
                        "gap_open": False,
                        "gaps": 0,
                        "gap_seconds": 0.0,
                    },
                ],
                "recent_gaps": [
                    {"guard": "pipelock", "ended": "2026-11-22T15:00:00.123Z", "seconds": 0.4, "planned": True},
                    {"guard": "egress", "ended": "2026-11-22T15:00:00.123Z", "seconds": 1.9, "planned": False},
                ],
            },
            result["structured_content"],
        )
        self.assertNotIn("secret", json.dumps(result))

    def test_a_supervisor_that_does_not_answer_is_an_error(self):
        for answer, cause in (
            (None, "does not answer"),
            (b"<html>", "malformed"),
            (b'{"daemons": [{}]}', "malformed"),
        ):
            with self.subTest(cause):
                # Given
                Status.answer = answer
                # When
                result = raw_result(raw_call(self, self.supervise, "guards", {}))
                # Then
                self.assertTrue(result["isError"])
                self.assertIn(
                    f"cannot report the guards: the supervisor's response is {cause}"
                    if cause == "malformed"
                    else cause,
                    result["content"][0]["text"],
                )


class StatusUrlTest(unittest.TestCase):
    def test_the_supervisor_is_found_where_its_own_variables_say(self):
        # Given
        program = """
import os, sys
from supervise import daemon

for setting in sys.argv[1:]:
    os.environ["QUARKUS_HTTP_HOST"], os.environ["QUARKUS_HTTP_PORT"] = setting.split()
    try:
        print(daemon._default_status_url())
    except daemon.CannotStart as cause:
        print(cause)
"""
        expected = {
            "0.0.0.0 1": "http://127.0.0.1:1/status",
            "sidecars-status 9180": "http://sidecars-status:9180/status",
            "10.0.0.1 80": "http://10.0.0.1:80/status",
            ":: 80": "http://[::1]:80/status",
            "fd00::2 80": "http://[fd00::2]:80/status",
            "a/b 80": 'QUARKUS_HTTP_HOST: "a/b" is not a host',
            "::1 0": 'QUARKUS_HTTP_PORT: "0" is not a port from 1 to 65535',
        }
        # When
        done = subprocess.run(
            [PYTHON, "-B", "-c", program, *expected],
            cwd=HOME,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=True,
        )
        # Then
        self.assertEqual([*expected.values()], done.stdout.splitlines())

    def test_the_agent_sees_the_guards_of_a_supervisor_that_listens_elsewhere(self):
        # Given
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        supervise = Supervise(QUARKUS_HTTP_HOST="0.0.0.0", QUARKUS_HTTP_PORT=str(port)).ready()
        self.addCleanup(supervise.close)
        # When
        raw_call(self, supervise, "guards", {})
        # Then
        with listening:
            listening.settimeout(LIMIT)
            connection, _ = listening.accept()
            with connection:
                self.assertTrue(connection.recv(4096).startswith(b"GET /status "))


class HealthTest(unittest.TestCase):
    BROKEN = """
import asyncio
from starlette.responses import JSONResponse

async def hangs(scope, receive, send):
    await asyncio.sleep(1000)

answers = {"hangs": hangs, "fails": JSONResponse({}, 500), "has no tools": JSONResponse({"result": {"tools": []}})}
agent_app = daemon.agent_app
daemon.agent_app = lambda server: agent_app(server) and answers[sys.argv[1]]
"""

    def test_health_fails_when_the_mcp_side_does_not_work(self):
        for what in ("hangs", "fails", "has no tools"):
            with self.subTest(what):
                # Given
                supervise = patched_supervise(self.BROKEN, what)
                self.addCleanup(supervise.close)
                supervise.listening()
                # When
                status, text = supervise.get("/health")
                # Then
                self.assertEqual(503, status)
                self.assertIn("the MCP side", text)


class StopTest(unittest.TestCase):
    def test_TERM_ends_it_with_0_and_pending_callers_get_a_response(self):
        # Given
        supervise = Supervise().ready()
        self.addCleanup(supervise.close)
        agents = []
        for mode in ("auto", "legacy"):
            agents.append(Agent(self, supervise, "request_approval", {"action": mode, "reason": "r"}, mode))
            supervise.waiting(mode)
        # When
        supervise.process.terminate()
        # Then
        self.assertEqual(0, supervise.end())
        for agent in agents:
            _, result = agent.result()
            self.assertEqual("pending", answer_in(result)[0])

    def test_silent_connections_and_partial_requests_do_not_delay_TERM(self):
        # Given
        supervise = Supervise().ready()
        self.addCleanup(supervise.close)
        for port in (supervise.mcp, supervise.operator):
            for partial in (
                b"",
                b"POST /mcp HTTP/1.1\r\nHost: x\r\n",
                b"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1",
            ):
                connection = socket.create_connection(("127.0.0.1", port), LIMIT)
                self.addCleanup(connection.close)
                connection.sendall(partial)
        # When
        supervise.process.terminate()
        # Then
        self.assertEqual(0, supervise.end())


class StartTest(unittest.TestCase):
    SLOW = """
import asyncio
import uvicorn

serve = uvicorn.Server.serve

async def serve_late(server, sockets):
    await asyncio.sleep(1)
    await serve(server, sockets)

uvicorn.Server.serve = serve_late
"""

    def test_the_ports_are_open_when_its_first_line_says_so(self):
        # Given
        supervise = patched_supervise(self.SLOW)
        self.addCleanup(supervise.close)
        # When
        supervise.listening()
        # Then
        self.assertEqual(200, supervise.get("/health")[0])

    def refused(self, supervise):
        self.addCleanup(supervise.close)
        self.assertNotIn(supervise.end(), (0, -signal.SIGKILL))
        self.assertEqual(1, len(supervise.lines), supervise.lines)
        return supervise.lines[0]

    def test_a_port_in_use_is_reported_on_one_line(self):
        for name in ("SUPERVISE_MCP_PORT", "SUPERVISE_OPERATOR_PORT"):
            with self.subTest(name), socket.create_server(("127.0.0.1", 0)) as other:
                port = other.getsockname()[1]
                line = self.refused(Supervise(**{name: str(port)}))
                self.assertEqual(f"cannot start supervise: port {port}: Address already in use", line)

    def test_an_invalid_variable_is_reported_on_one_line(self):
        for name, value in (
            ("SUPERVISE_MCP_PORT", "web"),
            ("SUPERVISE_OPERATOR_PORT", "65536"),
            ("CLAUDE_BOTTLE_APPROVAL_WAIT", "1m"),
            ("SIDECAR_STATUS_URL", "http://["),
        ):
            with self.subTest(name):
                self.assertIn(
                    f'cannot start supervise: {name}: "{value}" is not', self.refused(Supervise(**{name: value}))
                )

    def test_missing_libraries_are_reported_on_one_line(self):
        # -S: without site-packages
        line = self.refused(Supervise(["-S", HOME / "supervise_server.py"]))
        self.assertIn("cannot start supervise: No module named", line)

    def test_libraries_beside_it_suffice_and_nothing_is_written(self):
        # Given
        app = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, app)
        shutil.copy(HOME / "supervise_server.py", app)
        shutil.copytree(HOME / "supervise", app / "supervise", ignore=shutil.ignore_patterns("__pycache__"))
        where = "import mcp, pathlib; print(pathlib.Path(mcp.__file__).parents[1])"
        libraries = subprocess.run([PYTHON, "-c", where], capture_output=True, text=True, timeout=LIMIT).stdout.strip()
        (app / "supervise-libs").symlink_to(libraries)
        before = {*app.rglob("*")}
        # When
        supervise = Supervise(["-S", app / "supervise_server.py"])
        self.addCleanup(supervise.close)
        # Then
        supervise.ready()
        self.assertEqual(before, {*app.rglob("*")})


class ApprovalsCommandTest(unittest.TestCase):
    def test_it_lists_pending_requests_and_sends_the_answers(self):
        for command, outcome in (("approve", "approved"), ("deny", "denied")):
            with self.subTest(command):
                # Given
                ask(self, shared, f"{command} by command", "tests")
                request = shared.waiting(f"{command} by command")
                self.assertRegex(shared.approvals().stdout, f"(?m)^{request['id']}  WAITING .*{command} by command$")
                # When
                answer = shared.approvals(command, request["id"], "as you like")
                # Then
                self.assertEqual(
                    (0, f"{outcome} {request['id']}: {command} by command\n"), (answer.returncode, answer.stdout)
                )
                listed = shared.approvals()
                self.assertEqual(0, listed.returncode)
                self.assertRegex(
                    listed.stdout, f"(?m)^{request['id']}  {outcome} .*\n +reason: tests\n +comment: as you like$"
                )

    def test_a_failure_has_a_message_and_an_exit_code(self):
        unknown = shared.approvals("approve", "abc123")
        self.assertEqual(1, unknown.returncode)
        self.assertIn("cannot approve abc123: there is no such request", unknown.stderr)
        strange = shared.approvals("approve", "../events")
        self.assertEqual((1, "cannot approve ../events: not a valid ID\n"), (strange.returncode, strange.stderr))
        nobody = shared.approvals(SUPERVISE_OPERATOR_PORT=str(free_port()))
        self.assertEqual(1, nobody.returncode)
        self.assertRegex(
            nobody.stderr, "^cannot list the requests: supervise does not answer at port .*Connection refused"
        )
        self.assertEqual(2, shared.approvals("aprove", "abc123").returncode)

    def test_the_agents_text_never_starts_a_line(self):
        # Given
        wide = "\u6f22" * 100 + " " * 60 + "f00f00  approved"
        ask(self, shared, wide)
        request = shared.waiting(wide)
        # When
        lines = shared.approvals(COLUMNS="60").stdout.splitlines()
        # Then
        start = next(index for index, line in enumerate(lines) if line.startswith(request["id"]))
        end = next(index for index, line in enumerate(lines) if line.endswith("reason: r") and index > start)
        for line in lines[start + 1 : end + 1]:
            self.assertEqual(" " * 33, line[:33])
        for line in lines[start : end + 1]:
            self.assertLessEqual(sum(2 if char == "\u6f22" else 1 for char in line), 60)
        text = "".join(line[33:] for line in lines[start : end + 1])
        self.assertEqual(wide + "reason: r", text)


if __name__ == "__main__":
    unittest.main()
