"""Tests the operator's hooks for new requests: a URL and a command."""

import contextlib
import http.server
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import test_supervise
from support import LIMIT, Origin, free_port, make_origin_ca, require, wait_until
from test_supervise import HOME, Supervise, ask, find

sys.path.insert(0, str(HOME))

from supervise import notify

URL, COMMAND = "CLAUDE_BOTTLE_APPROVAL_NOTIFY_URL", "CLAUDE_BOTTLE_APPROVAL_NOTIFY_COMMAND"
PASSWORD = "hunter" + "2"
# makes supervise's limits of time short
IMPATIENT = "from supervise import notify\nnotify.PERIOD, notify.PAUSES, notify.TIMEOUT = {period}, (0, 0), {timeout}\n"


def setUpModule():
    test_supervise.require_mcp()


class Receiver:
    """A web server that answers each POST with the next of the statuses, and then with the last one again."""

    def __init__(self, test, *statuses):
        self.received = []
        receiver, remaining = self, list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((self.path, self.headers, json.loads(body)))
                self.send_response(remaining.pop(0) if len(remaining) > 1 else remaining[0])
                self.send_header("Location", "/redirected")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}/hook"

    def requests(self):
        return [request for _, _, event in self.received for request in event["data"]["requests"]]


class Fixture(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def start(self, period=0, timeout=10, **variables):
        patch = IMPATIENT.format(period=period, timeout=timeout)
        supervise = test_supervise.patched_supervise(patch, **variables)
        self.addCleanup(supervise.close)
        return supervise.ready()


class UrlTest(Fixture):
    def test_a_new_request_is_posted_as_a_cloud_event_escaped_and_bounded(self):
        # Given
        receiver = Receiver(self, 200)
        url = receiver.url.replace("//", f"//me:{PASSWORD}@") + "?to=me"
        supervise = self.start(**{URL: url})
        # When
        ask(self, supervise, "look\x1b[2J" + "x" * 400, "y" * 2000)
        # Then
        wait_until(lambda: receiver.received, "it is posted")
        path, headers, event = receiver.received[0]
        [posted] = event["data"]["requests"]
        [request] = supervise.requests()
        self.assertEqual("/hook?to=me", path)
        self.assertEqual("application/cloudevents+json", headers["Content-Type"])
        self.assertEqual("Basic bWU6aHVudGVyMg==", headers["Authorization"])
        self.assertEqual(("1.0", "dev.claudebottle.sidecar.approval.requested"), (event["specversion"], event["type"]))
        self.assertEqual((request["id"], 1), (posted["id"], event["data"]["pending"]))
        self.assertIn("look\\x1b[2J", posted["action"])
        self.assertEqual(500, len(posted["reason"]))
        self.assertNotIn(PASSWORD, "".join(supervise.lines))

    def test_requests_within_a_period_are_one_notification_and_withdrawn_ones_are_left_out(self):
        # Given: a period that ends when the test says so
        receiver = Receiver(self, 200)
        go = self.directory / "go"
        patch = f"""
import asyncio, pathlib
from supervise import notify
sleep = asyncio.sleep

async def sleep_until_told(seconds):
    while seconds == 7 and not pathlib.Path({str(go)!r}).exists():
        await sleep(0.05)

class Asyncio:
    def __getattr__(self, name):
        return sleep_until_told if name == "sleep" else getattr(asyncio, name)

notify.asyncio, notify.PERIOD = Asyncio(), 7
"""
        supervise = test_supervise.patched_supervise(patch, **{URL: receiver.url})
        self.addCleanup(supervise.close)
        supervise.ready()
        ask(self, supervise, "first")
        wait_until(lambda: receiver.received, "the first is posted at once")
        # When
        for number in range(20):
            connection = ask(self, supervise, f"flood {number}")
            supervise.waiting(f"flood {number}")
            connection.close()
            supervise.ended(f"flood {number}")
        for action in ("second", "third"):
            ask(self, supervise, action)
            supervise.waiting(action)
        go.touch()
        # Then
        wait_until(lambda: len(receiver.received) == 2, "the others are posted together")
        self.assertEqual(["first", "second", "third"], [request["action"] for request in receiver.requests()])

    def test_a_restored_request_is_not_posted_again(self):
        # Given
        receiver = Receiver(self, 200)
        first = self.start(SUPERVISE_HOME=str(self.directory), **{URL: receiver.url})
        ask(self, first, "once")
        wait_until(lambda: receiver.received, "it is posted")
        first.process.kill()
        first.end()
        # When
        second = self.start(SUPERVISE_HOME=str(self.directory), **{URL: receiver.url})
        self.assertIsNotNone(find(second.requests(), "once"))
        ask(self, second, "new")
        # Then
        wait_until(lambda: len(receiver.received) == 2, "the new one is posted")
        self.assertEqual(["once", "new"], [request["action"] for request in receiver.requests()])


class CommandTest(Fixture):
    def test_the_command_gets_the_event_on_its_stdin(self):
        # Given
        out = self.directory / "out"
        supervise = self.start(**{COMMAND: f"sh -c 'cat >{out}.new && mv {out}.new {out}'"})
        # When
        ask(self, supervise, "by command")
        # Then
        wait_until(out.exists, "it ran")
        [posted] = json.loads(out.read_text())["data"]["requests"]
        self.assertEqual("by command", posted["action"])

    def test_the_stop_does_not_wait_for_it(self):
        # Given
        started = self.directory / "started"
        supervise = self.start(timeout=1000, **{COMMAND: f"sh -c 'echo $$ >{started}; sleep 1000'"})
        ask(self, supervise, "hangs at the stop")
        pid = wait_until(lambda: started.exists() and started.read_text().strip(), "it runs")
        # When
        supervise.process.terminate()
        # Then
        self.assertEqual(0, supervise.end())
        wait_until(lambda: gone(pid), "it is gone")


def gone(pid):
    """Or a zombie whose parent is not ours."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class FailureTest(unittest.IsolatedAsyncioTestCase):
    """A hook by itself."""

    def setUp(self):
        logging.getLogger("asyncio").setLevel(logging.ERROR)  # no word about slow machines
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.log = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.enterContext(mock.patch.multiple(notify, PAUSES=(0, 0), TIMEOUT=LIMIT))

    async def notified(self, variable, value):
        """What is logged."""
        with mock.patch.dict(os.environ, {variable: value}):
            [hook] = notify.hooks()
            await hook._notify(b'{"data": {}}')
        return self.log.getvalue()

    async def test_a_failure_is_tried_again_and_then_reported_without_the_url(self):
        closed = f"http://127.0.0.1:{free_port()}/hook"
        for url, problem in (
            (Receiver(self, 500).url, "HTTP 500"),
            (Receiver(self, 302).url, "HTTP 302"),
            (closed, "[Errno 111] Connection refused"),
            (closed.replace("http:", "https:"), "[Errno 111] Connection refused"),
        ):
            with self.subTest(problem):
                self.log.seek(0)
                self.log.truncate()
                # When
                log = await self.notified(URL, url.replace("//", f"//me:{PASSWORD}@"))
                # Then
                self.assertEqual(f"cannot notify the operator by {URL}: exit code 1: {problem}\n", log)

    async def test_a_failure_that_passes_is_not_reported(self):
        # Given
        receiver = Receiver(self, 503, 200)
        # When
        log = await self.notified(URL, receiver.url)
        # Then
        self.assertEqual((2, ""), (len(receiver.received), log))

    async def test_what_a_command_says_when_it_fails_is_logged_on_one_line_and_bounded(self):
        # Given
        program = self.directory / "fails.py"
        program.write_text("print('no\\x1b[2J\\nluck' + 'x' * 5000)\nraise SystemExit(3)\n")
        # When
        log = await self.notified(COMMAND, f"{sys.executable} {program}")
        # Then
        self.assertIn(f"cannot notify the operator by {COMMAND}: exit code 3: no\\x1b[2J\\nluckxxx", log)
        self.assertLess(len(log), 500)

    async def test_a_command_that_does_not_end_is_killed_with_all_that_it_started(self):
        # Given
        pids = self.directory / "pids"
        # When
        with mock.patch.multiple(notify, TIMEOUT=1):
            log = await self.notified(COMMAND, f"sh -c 'sleep 1000 & echo $! $$ >{pids}; wait'")
        # Then
        self.assertEqual(f"cannot notify the operator by {COMMAND}: it has not ended after 1 s\n", log)
        for pid in pids.read_text().split():
            wait_until(lambda pid=pid: gone(pid), "it is gone")

    async def test_a_command_that_disappeared_is_reported(self):
        # Given
        program = self.directory / "program"
        program.write_text("#!/no/such/interpreter\n")
        program.chmod(0o755)
        # When
        log = await self.notified(COMMAND, str(program))
        # Then
        self.assertEqual(f"cannot notify the operator by {COMMAND}: No such file or directory\n", log)


class SettingTest(unittest.TestCase):
    def test_an_invalid_hook_is_refused_at_the_start_without_a_word_of_its_url(self):
        secret, no_url = f"me:{PASSWORD}@", " is not an http or https URL"
        for variable, value, problem in (
            (URL, f"ftp://{secret}host/", no_url),
            (URL, f"{secret}host", no_url),
            (URL, f"http://{secret}", no_url),
            (URL, f"http://{secret}host:99999/", no_url),
            (URL, f"http://{secret}host/a b", no_url),
            (COMMAND, f"mail '{PASSWORD}", ": No closing quotation"),
            (COMMAND, f"/no/such/program {PASSWORD}", ': there is no program "/no/such/program"'),
            (COMMAND, " ", ': there is no program ""'),
        ):
            with self.subTest(value):
                with mock.patch.dict(os.environ, {variable: value}), self.assertRaises(notify.InvalidHook) as invalid:
                    notify.hooks()
                self.assertEqual(f"{variable}{problem}", str(invalid.exception))
        # and the program reports it
        supervise = Supervise(**{URL: PASSWORD})
        self.addCleanup(supervise.close)
        self.assertEqual(1, supervise.end())
        self.assertEqual([f"cannot start supervise: {URL} is not an http or https URL"], supervise.lines)


class TlsTest(Fixture):
    def test_the_certificate_is_verified_with_the_cas_of_SSL_CERT_FILE(self):
        # Given
        require("openssl")
        ca, context = make_origin_ca(self.directory)
        origin = Origin(context)
        self.addCleanup(origin.close)
        program = HOME / "supervise/post.py"
        for trusted, code, said in (({"SSL_CERT_FILE": str(ca)}, 0, ""), ({}, 1, "certificate verify failed")):
            with self.subTest(code):
                # When
                environment = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
                done = subprocess.run(
                    [sys.executable, "-I", "-B", program, URL],
                    env={**environment, **trusted, URL: f"https://localhost:{origin.port}/"},
                    input="{}",
                    capture_output=True,
                    text=True,
                    timeout=LIMIT,
                )
                # Then
                self.assertEqual(code, done.returncode, done.stderr)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
