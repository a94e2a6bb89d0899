"""Tests egress with a real mitmdump. pipelock is real if PIPELOCK_BIN names it, else the stand-in."""

import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import unittest

import allowed_hosts
import support
from support import HEALTH, CurlResponse, RawServer, Testbed, free_port, listens, require, send_raw, wait_until


class AllowedHostsTest(unittest.TestCase):
    def hosts(self, text):
        return allowed_hosts.read({allowed_hosts.VARIABLE: text})

    def refusal(self, **environ):
        with self.assertRaises(allowed_hosts.InvalidHosts) as caught:
            allowed_hosts.read(environ)
        return str(caught.exception)

    def test_a_name_is_allowed_by_https_at_443_only(self):
        hosts = self.hosts("api.example.com")
        self.assertEqual(
            [port for port in (80, 443, 22, 8443, 0) if hosts.allows("https", "api.example.com", port)], [443]
        )
        self.assertFalse(hosts.allows("http", "api.example.com", 80))
        for other in ("example.com", "x.api.example.com", "xapi.example.com", "api.example.com.evil.org"):
            self.assertFalse(hosts.allows("https", other, 443), other)

    def test_the_mark_http_allows_plain_http_at_80_or_the_given_port(self):
        hosts = self.hosts("a.example http, b.example:8080 http, a.example:81")
        self.assertTrue(hosts.allows("http", "a.example", 80) and hosts.allows("https", "a.example", 443))
        self.assertTrue(hosts.allows("http", "b.example", 8080) and hosts.allows("https", "b.example", 8080))
        for name, port in (("a.example", 443), ("a.example", 81), ("b.example", 80)):
            self.assertFalse(hosts.allows("http", name, port), (name, port))

    def test_the_mark_passthrough_counts_for_the_name_at_every_port(self):
        hosts = self.hosts(
            "a.example passthrough, *.b.example:8443 http passthrough, c.example, a.example:81 passthrough"
        )
        self.assertEqual(hosts.passthrough, ["a.example", "*.b.example"])

    def test_an_unknown_mark_is_refused(self):
        self.assertIn(
            '"htp" is not a mark; expected passthrough or http', self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS="a.b htp")
        )

    def test_a_wildcard_means_any_depth_below_and_not_the_apex(self):
        hosts = self.hosts("*.example.com")
        self.assertTrue(hosts.allows("https", "a.example.com", 443) and hosts.allows("https", "a.b.example.com", 443))
        self.assertFalse(hosts.allows("https", "example.com", 443) or hosts.allows("https", "evilexample.com", 443))

    def test_an_entry_with_a_port_allows_that_port_only(self):
        hosts = self.hosts("api.example.com:8443, *.example.org:81")
        self.assertTrue(hosts.allows("https", "api.example.com", 8443) and hosts.allows("https", "x.example.org", 81))
        self.assertFalse(hosts.allows("https", "api.example.com", 443) or hosts.allows("https", "x.example.org", 80))

    def test_two_entries_for_a_name_add_up(self):
        hosts = self.hosts("a.example,a.example:8443")
        self.assertTrue(hosts.allows("https", "a.example", 443) and hosts.allows("https", "a.example", 8443))

    def test_all_spellings_of_a_name_are_equal(self):
        for spelling in ("b\u00fccher.example", "B\u00dcCHER.Example.", "xn--bcher-kva.example"):
            self.assertEqual(allowed_hosts.canonical(spelling), "xn--bcher-kva.example")
            self.assertEqual(self.hosts(spelling).patterns, ["xn--bcher-kva.example"])

    def test_no_notation_of_an_address_is_a_name(self):
        for address in (
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "1.2.3.4.",
            "::1",
            "[::1]",
            "\uff11\uff12\uff17.0.0.1",
        ):
            self.assertIsNone(allowed_hosts.canonical(address), address)
            self.assertIn("is not a host", self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS=address))

    def test_an_invalid_entry_is_refused_with_its_location(self):
        for wrong in (
            "https://a.example",
            "a..example",
            "a.example:0",
            "a.example:65536",
            "a.example:",
            "a.example:+1",
            "u@a.example",
            "*",
            "*.",
            "a.*.example",
            "-a.example",
            "a.example/x",
            '"a.example"',
            "x" * 64 + ".example",
        ):
            self.assertIn("is not a host", self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS=f"good.example,{wrong}"), wrong)

    def test_the_file_may_have_comments_and_blank_lines_and_its_errors_have_line_numbers(self):
        directory = pathlib.Path(self.enterContext(support.tempfile.TemporaryDirectory()))
        file = directory / "hosts"
        file.write_text("# ours\n\na.example  # the first\n*.b.example:81\n")
        self.assertEqual(allowed_hosts.read({"ALLOWED_HOSTS_FILE": str(file)}).patterns, ["a.example", "*.b.example"])
        file.write_text("a.example\nnot a host\n")
        self.assertIn(f"{file}:2: ", self.refusal(ALLOWED_HOSTS_FILE=str(file)))
        file.write_text("# nothing\n")
        self.assertIn("names no host", self.refusal(ALLOWED_HOSTS_FILE=str(file)))
        self.assertIn("No such file", self.refusal(ALLOWED_HOSTS_FILE=str(directory / "none")))


class ChainTest(unittest.TestCase):
    """agent -> egress -> pipelock -> origin, all running."""

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.pipelock_yaml()
        cls.testbed.ready_pipelock()
        cls.port = free_port()
        cls.egress = cls.testbed.healthy_egress(cls.port)
        cls.ca = cls.testbed.directory / "agent-ca.pem"
        cls.ca.write_text(support.egress_ca(cls.port))
        cls.http = f"http://localhost:{cls.testbed.plain.port}"
        cls.https = f"https://localhost:{cls.testbed.secure.port}"

    def setUp(self):
        self.testbed.plain.requests.clear()
        self.testbed.secure.requests.clear()

    def assertDenied(self, response, *parts):
        self.assertEqual(response.code, 403, response.text + response.error)
        for part in ("X-Blocked-By: egress allow-list", *parts):
            self.assertIn(part, response.text)
        self.assertNoRequestLeft()

    def assertNoRequestLeft(self):
        self.assertEqual(self.testbed.plain.requests + self.testbed.secure.requests, [])

    def assertRefused(self, text, part):
        """The response to these bytes is a 403 with the reason."""
        response = send_raw(self.port, text).decode("utf-8", "replace")
        self.assertRegex(response, r"^HTTP/1\.[01] 403 ")
        self.assertIn(part, response)
        self.assertNoRequestLeft()

    def test_http_to_an_allowed_host_arrives(self):
        response = CurlResponse(self.port, self.http + "/path?q=1")
        self.assertEqual((response.code, response.text[-6:]), (200, "origin"), response.text + response.error)
        self.assertEqual(self.testbed.plain.requests, [("GET", "/path?q=1", b"")])

    def test_https_to_an_allowed_host_arrives_and_the_agent_needs_only_the_ca_of_egress(self):
        response = CurlResponse(self.port, self.https + "/", "--cacert", self.ca, "-d", "hello")
        self.assertEqual((response.code, response.text[-6:]), (200, "origin"), response.text + response.error)
        self.assertEqual(self.testbed.secure.requests, [("POST", "/", b"hello")])

    def test_a_large_body_arrives_complete(self):
        body = self.testbed.directory / "body"
        body.write_bytes(b"the quick brown " * 40_000)
        response = CurlResponse(self.port, self.https + "/", "--cacert", self.ca, "--data-binary", f"@{body}")
        self.assertEqual(response.code, 200, response.text + response.error)
        self.assertEqual(len(self.testbed.secure.requests[0][2]), 640_000)

    def test_case_and_a_trailing_dot_do_not_change_a_name(self):
        self.assertEqual(CurlResponse(self.port, f"http://LocalHost.:{self.testbed.plain.port}/").code, 200)

    def test_a_denial_of_a_host_says_how_to_allow_it(self):
        response = CurlResponse(self.port, "http://example.org/secret-path?token=1")
        self.assertDenied(
            response, "egress: host example.org (port 80) is not on the allow-list; the operator can add it"
        )
        wait_until(lambda: self.egress.lines("denied GET http://example.org/secret-path:"), "a log line")
        self.assertNotIn("token", self.egress.text())

    def test_a_tunnel_to_a_host_that_is_not_listed_is_denied_at_connect(self):
        response = CurlResponse(self.port, "https://example.org/", "--cacert", self.ca)
        self.assertEqual(response.code, 403)
        self.assertIn("Blocked by the egress allow-list", response.text)
        self.assertIn("denied CONNECT example.org:443", self.egress.text())

    def test_a_port_that_is_not_listed_is_denied(self):
        self.assertDenied(CurlResponse(self.port, "http://localhost/"), "host localhost (port 80)")
        self.assertEqual(CurlResponse(self.port, "https://localhost:22/").code, 403)

    def test_the_ports_of_the_bundle_cannot_be_reached(self):
        for url in (
            "http://127.0.0.1:9100/",
            "http://127.0.0.1:9180/",
            "http://[::1]:9100/",
            "http://2130706433:9100/",
            "http://127.1:9180/",
            "http://localhost:9100/",
            f"http://127.0.0.1:{self.testbed.plain.port}/",
            f"http://127.0.0.1:{self.testbed.pipelock_port}/health",
        ):
            self.assertDenied(CurlResponse(self.port, "-g", url))
            self.assertEqual(CurlResponse(self.port, "-g", url, "--proxytunnel").code, 403, url)

    def test_user_information_does_not_hide_the_host(self):
        port = self.testbed.plain.port
        for authority in (
            f"localhost:{port}@example.org",
            f"example.org@localhost:{port}",
            f"localhost:{port}\\@example.org",
        ):
            response = send_raw(
                self.port,
                f"GET http://{authority}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode(),
            )
            self.assertRegex(response.decode(), r"^HTTP/1\.1 40[03] ")
        self.assertNoRequestLeft()

    def test_a_host_header_for_another_host_is_denied(self):
        self.assertDenied(
            CurlResponse(self.port, self.http, "-H", "Host: example.org"), "Host example.org is not the destination"
        )
        self.assertDenied(
            CurlResponse(self.port, self.https, "-k", "-H", "Host: example.org"),
            "Host example.org is not the destination",
        )
        self.assertDenied(
            CurlResponse(self.port, self.http, "-H", "Host: localhost"), "Host localhost is not the destination"
        )
        self.assertDenied(CurlResponse(self.port, self.http, "-H", "Host:"), "exactly one Host header")

    def test_two_host_headers_are_denied(self):
        port = self.testbed.plain.port
        head = f"GET http://localhost:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\n"
        self.assertRefused(
            (head + f"Host: localhost:{port}\r\nConnection: close\r\n\r\n").encode(), "exactly one Host header"
        )

    def test_a_tls_server_name_for_another_host_is_denied(self):
        port = self.testbed.secure.port
        response = CurlResponse(
            self.port,
            f"https://other.localhost:{port}/",
            "-k",
            "--connect-to",
            f"other.localhost:{port}:localhost:{port}",
            "-H",
            f"Host: localhost:{port}",
        )
        self.assertDenied(response, "TLS server name other.localhost is not the destination localhost")

    def test_tls_without_a_server_name_is_denied(self):
        port = self.testbed.secure.port
        response = CurlResponse(
            self.port,
            f"https://127.0.0.1:{port}/",
            "-k",
            "--connect-to",
            f"127.0.0.1:{port}:localhost:{port}",
            "-H",
            f"Host: localhost:{port}",
        )
        self.assertDenied(response, "TLS server name None is not the destination localhost")

    def test_an_absolute_target_inside_a_tunnel_cannot_name_another_host(self):
        self.assertDenied(
            CurlResponse(self.port, self.https, "--cacert", self.ca, "--request-target", "https://example.org/"),
            "Host example.org is not the destination",
        )

    def test_plain_http_in_a_tunnel_is_denied(self):
        self.assertDenied(
            CurlResponse(self.port, self.http, "--proxytunnel"), "plain http through CONNECT is not supported"
        )

    def test_https_without_a_tunnel_is_denied(self):
        port = self.testbed.secure.port
        self.assertRefused(
            f"GET https://localhost:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode(),
            "https must use CONNECT",
        )

    def test_raw_tcp_in_a_tunnel_does_not_leave(self):
        with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
            connection.sendall(f"CONNECT localhost:{self.testbed.plain.port} HTTP/1.1\r\n\r\n".encode())
            self.assertIn(b" 200 ", connection.recv(65536))
            connection.sendall(b"\x00\x01\x02 no http\r\n\r\n")
            while connection.recv(65536):
                pass
        self.assertNoRequestLeft()

    def test_websockets_are_denied_and_other_upgrades_are_removed(self):
        websocket = ("-H", "Connection: Upgrade", "-H", "Upgrade: WebSocket", "-H", "Sec-WebSocket-Version: 13")
        self.assertDenied(CurlResponse(self.port, self.http, *websocket), "WebSockets are not supported")
        self.assertDenied(
            CurlResponse(self.port, self.https, "--cacert", self.ca, *websocket), "WebSockets are not supported"
        )
        self.assertEqual(CurlResponse(self.port, self.http, "--http2").code, 200)

    def test_a_large_upload_to_a_denied_host_is_cut_off(self):
        body = self.testbed.directory / "upload"
        body.write_bytes(b"x" * (2 << 20))
        for chunked in ((), ("-H", "Transfer-Encoding: chunked")):
            self.assertEqual(
                CurlResponse(self.port, "http://example.org/", "--data-binary", f"@{body}", *chunked).code, 0
            )
        self.assertEqual(CurlResponse(self.port, HEALTH).code, 200)

    def test_a_connection_that_is_cut_off_is_closed_at_once(self):
        head = b"POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5000000\r\n\r\n"
        for _ in range(15):
            with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
                with contextlib.suppress(ConnectionError):  # and no TimeoutError
                    connection.sendall(head + bytes(5_000_000))
                    self.assertEqual(connection.recv(1), b"")

    def test_the_health_host_has_two_pages_only(self):
        response = CurlResponse(self.port, HEALTH)
        self.assertEqual((response.code, response.text[-3:]), (200, "ok\n"))
        self.assertEqual(CurlResponse(self.port, HEALTH + "other").code, 404)
        self.assertEqual(CurlResponse(self.port, "http://egress.health:81/").code, 403)
        self.assertEqual(CurlResponse(self.port, "https://egress.health/").code, 403)

    def test_the_ca_is_served_without_its_key(self):
        response = CurlResponse(self.port, HEALTH + "ca.pem")
        self.assertIn("-----BEGIN CERTIFICATE-----", response.text)
        self.assertNotIn("PRIVATE", response.text)

    def test_a_request_is_one_log_line_without_its_query(self):
        CurlResponse(self.port, self.http + "/logged?q=hidden")
        wait_until(lambda: self.egress.lines(f"GET {self.http}/logged 200"), "a log line")
        self.assertEqual(len(self.egress.lines("/logged")), 1)
        self.assertNotIn("hidden", self.egress.text())

    def test_a_request_cannot_forge_a_log_line(self):
        send_raw(
            self.port,
            b"GET http://example.org/\x85\xe2\x80\xa8forged HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
        )
        self.assertTrue(self.egress.text().isascii(), self.egress.text())

    @unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
    def test_a_secret_in_a_body_is_blocked_over_http_and_https(self):
        secret = "AKIA" + "IOSFODNN7" + "EXAMPLE"
        for url in (self.http, self.https):
            response = CurlResponse(self.port, url, "--cacert", self.ca, "-d", f"key={secret}")
            self.assertEqual(response.code, 403, response.text + response.error)
            self.assertIn("request body contains secret", response.text)
            self.assertNotIn("X-Blocked-By: egress", response.text)
        self.assertNoRequestLeft()


class Listener(RawServer):
    """Keeps every request, and answers it."""

    def __init__(self, port):
        self.asked = []
        super().__init__(port)

    def serve(self, connection):
        while request := connection.recv(65536):
            self.asked.append(request)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npipelock")


class AloneTest(unittest.TestCase):
    """egress alone: pipelock is a listener that records what reaches it."""

    def setUp(self):
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.port = free_port()
        self.http = f"http://localhost:{self.testbed.plain.port}/"
        self.https = f"https://localhost:{self.testbed.secure.port}/"
        self.pipelock = self.testbed.keep(Listener(self.testbed.pipelock_port))

    def app(self):
        """A copy of the add-on that a test can break."""
        app = self.testbed.directory / "app"
        shutil.copytree(support.DOCKER / "egress", app, ignore=shutil.ignore_patterns("__pycache__"))
        return app

    def start(self, health=200, **environ):
        egress = self.testbed.start_egress(self.port, **environ).ready(self.port)
        wait_until(
            lambda: CurlResponse(self.port, HEALTH).code == health,
            f"{health} for the health of egress: {egress.text()}",
        )
        return egress

    def assertNoRequestLeft(self):
        self.assertEqual(self.pipelock.asked + self.testbed.plain.requests + self.testbed.secure.requests, [])

    def refusal(self, **environ):
        """The error of an egress that must not start."""
        egress = self.testbed.start_egress(environ.pop("port", self.port), **environ)
        self.assertNotEqual(egress.exit_code(), 0)
        errors = egress.lines("cannot start egress: ")
        self.assertEqual(len(errors), 1, egress.text())
        return errors[0]

    def test_without_its_script_no_request_leaves_even_on_open_connections(self):
        # Given: egress works, and a connection has been used
        app = self.app()
        egress = self.start(EGRESS_APP=str(app))
        open_connection = support.http.client.HTTPConnection("127.0.0.1", self.port, timeout=support.LIMIT)
        open_connection.request("GET", self.http, headers={"Host": f"localhost:{self.testbed.plain.port}"})
        self.assertEqual(open_connection.getresponse().read(), b"pipelock")
        self.assertIsNotNone(open_connection.sock)
        self.pipelock.asked.clear()
        # When: its script is deleted and mitmproxy has noticed
        (app / "egress.py").unlink()
        wait_until(lambda: CurlResponse(self.port, HEALTH).code != 200, "mitmproxy drops the add-on")
        # Then: it keeps running, and no request leaves
        self.assertEqual(CurlResponse(self.port, self.http).code, 502)
        self.assertEqual(CurlResponse(self.port, self.https, "-k").code, 502)
        self.assertEqual(CurlResponse(self.port, "http://example.org/").code, 502)
        open_connection.request("GET", self.http, headers={"Host": f"localhost:{self.testbed.plain.port}"})
        self.assertEqual(open_connection.getresponse().status, 502)
        self.assertIsNone(egress.process.poll())
        self.assertNoRequestLeft()

    def test_the_dead_end_holds_with_every_connection_strategy(self):
        self.assertFalse(listens(9), "something listens on port 9 of this machine")
        for strategy in ("lazy", "eager"):
            shim = self.testbed.directory / strategy
            shim.mkdir()
            (shim / "mitmdump").write_text(
                f'#!/bin/sh\nexec {shutil.which("mitmdump")} $(echo "$@" | '
                f'sed "s/strategy=lazy/strategy={strategy}/;s/upstream_cert=false/upstream_cert=true/")\n'
            )
            (shim / "mitmdump").chmod(0o755)
            app = self.testbed.directory / f"app-{strategy}"
            app.mkdir()
            for module in ("allowed_hosts.py", "authentication.py", "credentials.py"):
                shutil.copy(support.DOCKER / "egress" / module, app)
            (app / "egress.py").write_text("# no add-on\n")
            self.port = free_port()
            self.start(502, PATH=f"{shim}:{os.environ['PATH']}", EGRESS_APP=str(app))
            self.assertEqual(CurlResponse(self.port, self.http).code, 502)
            self.assertIn(CurlResponse(self.port, self.https, "-k").code, (0, 200, 502))  # 200 is the status of CONNECT
            self.assertNoRequestLeft()

    def test_an_exception_in_the_policy_is_a_503_and_no_request_leaves(self):
        app = self.app()
        with open(app / "allowed_hosts.py", "a", encoding="utf-8") as module:
            module.write("\nAllowedHosts.allows = lambda *_: 1 / 0\n")
        self.start(503, EGRESS_APP=str(app))
        response = CurlResponse(self.port, self.http)
        self.assertEqual(response.code, 503)
        self.assertIn("cannot check this request", response.text)
        self.assertEqual(CurlResponse(self.port, self.https, "-k").code, 503)
        self.assertEqual(CurlResponse(self.port, HEALTH).code, 503)
        self.assertNoRequestLeft()

    def test_when_a_hook_fails_no_request_leaves(self):
        app = self.app()
        egress = self.start(EGRESS_APP=str(app))
        with open(app / "egress.py", "a", encoding="utf-8") as script:
            script.write("\nEgress.requestheaders = Egress.http_connect = lambda *_: 1 / 0\n")
        wait_until(
            lambda: CurlResponse(self.port, HEALTH).code == 502 and egress.lines("ZeroDivisionError"),
            "mitmproxy reloads and runs the hook",
        )
        self.assertTrue(egress.lines("ZeroDivisionError: division by zero at File"))
        self.assertEqual(CurlResponse(self.port, self.http).code, 502)
        self.assertEqual(CurlResponse(self.port, self.https, "-k").code, 502)
        self.assertNoRequestLeft()

    def test_a_list_that_is_gone_after_the_check_at_start_is_a_503(self):
        hosts = self.testbed.directory / "hosts"
        hosts.write_text(self.testbed.hosts.replace(",", "\n"))
        app = self.app()
        text = (app / "egress.py").read_text()
        (app / "egress.py").write_text(f"import os\nos.unlink({str(hosts)!r})\n" + text)
        egress = self.start(503, EGRESS_APP=str(app), CLAUDE_BOTTLE_ALLOWED_HOSTS="", ALLOWED_HOSTS_FILE=str(hosts))
        self.assertTrue(egress.lines("no allow-list, so every request is refused"))
        for url in (self.http, HEALTH, self.https):
            self.assertEqual(CurlResponse(self.port, url, "-k").code, 503)
        self.assertNoRequestLeft()

    def test_a_dead_pipelock_is_a_502_while_health_stays_200_and_a_new_one_is_used_at_once(self):
        egress = self.start()
        self.pipelock.close()
        connection = support.http.client.HTTPConnection("127.0.0.1", self.port, timeout=support.LIMIT)
        connection.request("GET", self.http)
        self.assertEqual(connection.getresponse().status, 502)
        self.assertEqual(CurlResponse(self.port, HEALTH).code, 200)
        self.assertTrue(wait_until(lambda: egress.lines(f"GET {self.http} failed: "), "a log line"))
        self.assertEqual(self.testbed.plain.requests, [])
        self.testbed.keep(Listener(self.testbed.pipelock_port))
        self.assertIn("pipelock", CurlResponse(self.port, self.http).text)

    def test_a_missing_empty_or_invalid_list_is_reported_on_one_line(self):
        none = str(self.testbed.directory / "none")
        self.assertIn(
            f"{none}: No such file or directory", self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS="", ALLOWED_HOSTS_FILE=none)
        )
        self.assertIn("names no host", self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS=" , "))
        self.assertIn(
            '"https://a.example" is not a host', self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS="b.example,https://a.example")
        )

    def test_invalid_settings_are_reported_on_one_line(self):
        for port in ("0", "65536", "http", "-1"):
            self.assertIn("is not a port", self.refusal(port=port))
        self.assertIn("is not HOST:PORT", self.refusal(EGRESS_PIPELOCK="8888"))
        self.assertIn("is not readable", self.refusal(SSL_CERT_FILE="/nonexistent"))
        self.assertIn("is not writable", self.refusal(EGRESS_CONFDIR="/proc/confdir"))

    def test_a_port_in_use_is_an_error(self):
        with socket.create_server(("0.0.0.0", self.port)):
            egress = self.testbed.start_egress(self.port)
            self.assertNotEqual(egress.exit_code(), 0)
            self.assertIn("ddress already in use", egress.text())

    def test_the_ca_is_kept_over_restarts_and_term_ends_it_with_0(self):
        authorities = set()
        for _ in range(2):
            egress = self.start()
            authorities.add(support.egress_ca(self.port))
            self.assertEqual(egress.terminate(), 0, egress.text())
        self.assertEqual(len(authorities), 1)

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_root_becomes_the_user_of_egress(self):
        require("setpriv")
        confdir = self.testbed.directory / "confdir"
        confdir.mkdir()
        shutil.chown(confdir, "nobody")
        egress = self.start(EGRESS_USER="nobody")
        status = pathlib.Path(f"/proc/{egress.process.pid}/status").read_text()
        self.assertIn(f"Uid:\t{pwd.getpwnam('nobody').pw_uid}\t", status)
        self.assertEqual(egress.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
