"""Tests answers and uploads that last, through egress and the real pipelock, on a clock that is 1,200 times as fast."""

import http.client
import http.server
import re
import ssl
import threading
import time
import unittest

import support
from support import LIMIT, ROOT, Testbed, egress_ca, free_port

HOUR = 3  # seconds; the limits of time are scaled alike
LONG = 1.2 * HOUR
STEPS = 12


def scaled(seconds):
    return str(max(1, round(int(seconds) * HOUR / 3600)))


def egress_idle_seconds():
    return re.search(r"EGRESS_IDLE_SECONDS:-(\d+)", (ROOT / "egress-entrypoint.sh").read_text())[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    first_event_seen = threading.Event()

    def do_GET(self):
        if self.path == "/silent":
            time.sleep(LONG)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(STEPS):
            self.send_event(number)
            if self.path == "/stream":
                time.sleep(LONG / STEPS)
            elif self.path == "/first-event" and number == 0:
                self.first_event_seen.wait(LIMIT)
        self.wfile.write(b"0\r\n\r\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_event(self, number):
        event = b"data: %d\n\n" % number
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.flush()

    def log_message(self, *_):
        pass


ALL_EVENTS = b"".join(b"data: %d\n\n" % number for number in range(STEPS))


class Chain:
    """agent -> egress -> pipelock -> origin, with our limits of time on the fast clock."""

    passthrough = False

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        Handler.first_event_seen.clear()
        cls.testbed.secure.server.RequestHandlerClass = Handler
        given = cls.testbed.pipelock_yaml()
        given.write_text(re.sub(r"(?<=_seconds: )\d+", lambda match: scaled(match[0]), given.read_text()))
        if cls.passthrough:
            cls.testbed.hosts = f"localhost:{cls.testbed.secure.port} passthrough"
        cls.testbed.ready_pipelock()
        cls.port = free_port()
        cls.testbed.healthy_egress(cls.port, EGRESS_IDLE_SECONDS=scaled(egress_idle_seconds()))
        cls.context = ssl.create_default_context(cadata=egress_ca(cls.port))

    def connect(self):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=LIMIT, context=self.context)
        connection.set_tunnel("localhost", self.testbed.secure.port)
        self.addCleanup(connection.close)
        return connection

    def get(self, connection, path):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()

    def test_an_answer_that_streams_or_is_silent_for_over_an_hour_arrives_whole(self):
        # on one connection, so in a tunnel that is older than the second answer
        connection = self.connect()
        for path in ("/silent", "/stream"):
            self.assertEqual(self.get(connection, path), (200, ALL_EVENTS), path)

    def test_an_upload_of_over_an_hour_arrives_whole(self):
        def body():
            for _ in range(STEPS):
                yield b"x" * 1000
                time.sleep(LONG / STEPS)

        connection = self.connect()
        connection.request("POST", "/", body(), {"Content-Length": str(1000 * STEPS)})
        response = connection.getresponse()
        self.assertEqual((response.status, response.read()), (200, b"x" * 1000 * STEPS))

    def test_each_event_of_a_stream_arrives_at_once(self):
        connection = self.connect()
        connection.request("GET", "/first-event")
        response = connection.getresponse()
        first = response.readline() + response.readline()
        self.assertEqual(first, b"data: 0\n\n")
        self.assertFalse(Handler.first_event_seen.is_set())
        Handler.first_event_seen.set()
        self.assertEqual(first + response.read(), ALL_EVENTS)


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class InterceptedStreamTest(Chain, unittest.TestCase):
    pass


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class PassthroughStreamTest(Chain, unittest.TestCase):
    passthrough = True


if __name__ == "__main__":
    unittest.main()
