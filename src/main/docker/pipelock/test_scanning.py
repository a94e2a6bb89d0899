"""Tests what the real pipelock blocks, what it only logs, and what it lets through, with the image's configuration."""

import http.server
import itertools
import json
import typing
import unittest

import samples
import support
from support import CurlResponse, Testbed, wait_until

real = unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answer = ("", "text/plain")
    requests: typing.ClassVar = []

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append((self.path, body))
        text, content_type = self.answer
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        if self.path == "/compressed":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Scanning:
    exempt = False
    markers = itertools.count()

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.secure.server.RequestHandlerClass = Handler
        cls.testbed.pipelock_yaml(exempt=cls.exempt)
        cls.pipelock = cls.testbed.ready_pipelock()

    def setUp(self):
        Handler.requests.clear()
        Handler.answer = ("", samples.TEXT)
        self.wait_for_records()  # of the test before
        self.logged = len(self.pipelock.text())

    def read(self, kind, content_type, text):
        Handler.answer = (text, content_type)
        self.logged = len(self.pipelock.text())
        return self.testbed.through_pipelock()

    def wait_for_records(self):
        """Until the log has the records of all requests that were answered."""
        last = f"http://after-{next(self.markers)}.invalid/"
        CurlResponse(self.testbed.pipelock_port, last)
        wait_until(lambda: self.pipelock.lines(f'"{last}"'), "the record of a request after them")

    def log(self, event):
        """The records of this event that the last request caused."""
        self.wait_for_records()
        lines = [line for line in self.pipelock.text()[self.logged :].splitlines() if line.startswith("{")]
        records = [json.loads(line) for line in lines if "://after-" not in line]
        return [record for record in records if record["event"] == event]

    def test_an_answer_without_an_injection_arrives_unchanged(self):
        for sample in samples.HARMLESS:
            with self.subTest(sample[0]):
                response = self.read(*sample)
                self.assertEqual(response.code, 200, response.text)
                self.assertTrue(response.text.endswith(sample[2]))
                self.assertEqual((self.log("response_scan"), self.log("blocked")), ([], []))


@real
class PageTest(Scanning, unittest.TestCase):
    """A host that has no exemption."""

    def assertBlocked(self, response, scanner):
        self.assertEqual(response.code, 403, response.text + response.error)
        (record,) = self.log("blocked")
        self.assertEqual(record["scanner"], scanner)
        return record

    def test_an_injection_is_blocked_and_the_log_names_its_kind(self):
        for sample in samples.INJECTIONS + samples.SOURCES:
            with self.subTest(sample[0]):
                response = self.read(*sample)
                record = self.assertBlocked(response, "response_scan")
                self.assertIn("blocked: response contains injection", response.text)
                self.assertRegex(record["reason"], "^response injection: [A-Z]")
                self.assertNotIn(sample[2], response.text)

    def test_an_injection_in_an_event_ends_the_stream_before_it(self):
        events = f"data: first\n\ndata: {samples.OVERRIDE}\n\ndata: third\n\n"
        response = self.read("", "text/event-stream", events)
        self.assertIn("data: first", response.text)
        self.assertNotIn("Ignore", response.text)
        self.assertNotIn("third", response.text)
        (record,) = self.log("blocked")
        self.assertIn("Prompt Injection", record["reason"])

    def test_an_injection_in_other_words_is_missed(self):
        # docs/guards.md says so.
        for sample in samples.MISSED:
            with self.subTest(sample[0]):
                self.assertEqual(self.read(*sample).code, 200)

    def test_a_secret_in_any_part_of_a_request_is_blocked_before_it_leaves(self):
        secret = "ghp_" + "A1b2C3d4E5" * 4
        for where, scanner, arguments in (
            ("its path", "core_dlp", [f"/{secret}"]),
            ("its query", "core_dlp", [f"/?q={secret}"]),
            ("its body", "body_dlp", ["/", "--data", f"text={secret}"]),
            ("its JSON", "body_dlp", ["/", "--json", json.dumps({"a": [{"b": secret}]})]),
            ("a file in it", "body_dlp", ["/", "--form", f"file={secret};filename=notes.txt"]),
            ("its credentials", "header_dlp", ["/", "-H", f"Authorization: Bearer {secret}"]),
            ("its cookies", "header_dlp", ["/", "--cookie", f"session={secret}"]),
            ("a header of its own", "header_dlp", ["/", "-H", f"X-Notes: {secret}"]),
            ("a header's name", "header_dlp", ["/", "-H", f"{secret}: 1"]),
            ("its user agent", "header_dlp", ["/", "-A", secret, "--proxy-header", "User-Agent: x"]),
            ("what it accepts", "header_dlp", ["/", "-H", f"Accept: text/{secret}"]),
            ("its content type", "header_dlp", ["/", "-H", f"Content-Type: text/{secret}", "--data", "x"]),
        ):
            with self.subTest(where):
                self.logged = len(self.pipelock.text())
                self.assertBlocked(self.testbed.through_pipelock(*arguments), scanner)
                self.assertEqual(Handler.requests, [])
                self.assertNotIn(secret, self.pipelock.text()[self.logged :])

    def test_a_secret_in_an_event_ends_the_stream_before_it(self):
        secret = "ghp_" + "A1b2C3d4E5" * 4
        response = self.read("", "text/event-stream", f"data: first\n\ndata: {secret}\n\n")
        self.assertIn("data: first", response.text)
        self.assertNotIn(secret, response.text)

    def test_what_cannot_be_scanned_is_blocked(self):
        large = self.testbed.directory / "large"
        large.write_bytes(b"a b\n" * (5 << 18) + b"x")  # 5 MiB and a byte
        for what, answer, arguments, arrives in (
            ("a compressed answer", ("", samples.TEXT), ["/compressed"], True),
            ("an answer above 5 MiB", (large.read_text(), samples.TEXT), ["/"], True),
            ("an image that is neither PNG nor JPEG", ("GIF89a", "image/gif"), ["/"], True),
            ("sound", ("ID3", "audio/mpeg"), ["/"], True),
            ("a compressed request", ("", samples.TEXT), ["/", "-H", "Content-Encoding: gzip", "--data", "x"], False),
            ("a request above 5 MiB", ("", samples.TEXT), ["/", "--data-binary", f"@{large}"], False),
        ):
            with self.subTest(what):
                Handler.requests.clear()
                Handler.answer = answer
                self.assertEqual(self.testbed.through_pipelock(*arguments).code, 403)
                self.assertEqual(bool(Handler.requests), arrives)

    def test_the_headers_of_ordinary_clients_pass(self):
        for headers in (
            {"User-Agent": 'pip/26.0 {"ci":null,"cpu":"x86_64","implementation":{"name":"CPython"}}'},
            {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
            {"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.01", "If-None-Match": '"5d8c72a5edda8d6a"'},
            {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "npm-command": "install"},
            {"X-Request-Id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "Range": "bytes=0-1023"},
        ):
            with self.subTest(headers):
                arguments = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
                self.assertEqual(self.testbed.through_pipelock("/", *arguments).code, 200)


@real
class SourceTest(Scanning, unittest.TestCase):
    """A host in exempt_domains, as those of source code and packages are."""

    exempt = True

    def test_an_injection_passes_and_is_logged(self):
        for sample in samples.INJECTIONS + samples.SOURCES:
            with self.subTest(sample[0]):
                response = self.read(*sample)
                self.assertEqual(response.code, 200, response.text + response.error)
                self.assertTrue(response.text.endswith(sample[2]), response.text)
                (record,) = self.log("response_scan")
                self.assertEqual(record["action"], "warn")

    def test_an_injection_in_an_event_passes_and_is_logged(self):
        events = f"data: first\n\ndata: {samples.OVERRIDE}\n\ndata: third\n\n"
        self.assertIn("data: third", self.read("", "text/event-stream", events).text)
        self.assertEqual([record["scanner"] for record in self.log("anomaly")][-1], "sse_stream")

    def test_a_secret_in_a_request_is_blocked_all_the_same(self):
        response = self.testbed.through_pipelock("/", "--data", "text=ghp_" + "A1b2C3d4E5" * 4)
        self.assertEqual((response.code, Handler.requests), (403, []))


if __name__ == "__main__":
    unittest.main()
