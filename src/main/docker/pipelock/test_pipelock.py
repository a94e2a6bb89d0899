"""Tests pipelock's entry point and probe, with the real pipelock if PIPELOCK_BIN names it, else with the stand-in."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import support
from support import DOCKER, PIPELOCK, CurlResponse, Testbed, openssl, require, wait_until

real = unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")


def probe(port):
    return subprocess.run(
        ["sh", DOCKER / "pipelock/pipelock-probe.sh", f"127.0.0.1:{port}"], check=False, timeout=60
    ).returncode


class PipelockTest(unittest.TestCase):
    def setUp(self):
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.home = self.testbed.pipelock_home
        self.testbed.pipelock_yaml()

    def start(self, **environ):
        return self.testbed.ready_pipelock(**environ)

    def refusal(self, **environ):
        """The error of a pipelock that must not start."""
        pipelock = self.testbed.start_pipelock(**environ)
        self.assertNotEqual(pipelock.exit_code(), 0)
        errors = pipelock.lines("cannot start pipelock: ")
        self.assertEqual(len(pipelock.text().splitlines()), 1, pipelock.text())
        return errors[0]

    def test_the_first_start_makes_a_ca_that_later_ones_keep_and_term_ends_it_with_0(self):
        contents = []
        for _ in range(2):
            pipelock = self.start()
            contents.append((self.home / "ca.pem").read_text() + (self.home / "ca-key.pem").read_text())
            self.assertEqual(pipelock.terminate(), 0, pipelock.text())
        self.assertEqual(contents[0], contents[1])
        openssl("x509", "-in", self.home / "ca.pem", "-noout")
        self.assertEqual((self.home / "ca.pem").stat().st_mode & 0o777, 0o644)
        self.assertEqual((self.home / "ca-key.pem").stat().st_mode & 0o777, 0o600)
        self.assertNotIn("PRIVATE", (self.home / "ca.pem").read_text())
        self.assertNotIn("ca.new", os.listdir(self.home))

    def test_a_start_recovers_from_an_earlier_one_that_was_killed_while_making_the_ca(self):
        (self.home / "ca.new").mkdir()
        (self.home / "ca.new/ca.pem").write_text("half")
        (self.home / "ca-key.pem").write_text("of the broken start")
        self.start()
        openssl("pkey", "-in", self.home / "ca-key.pem", "-noout")

    def test_a_ca_without_its_key_is_reported_on_one_line(self):
        (self.home / "ca.pem").write_text("a certificate")
        self.assertIn("ca-key.pem is missing", self.refusal())

    def test_only_the_allowed_hosts_are_reached(self):
        self.start(CLAUDE_BOTTLE_ALLOWED_HOSTS=f"localhost:{self.testbed.plain.port} http, *.example.com")
        self.assertEqual(
            CurlResponse(self.testbed.pipelock_port, f"http://localhost:{self.testbed.plain.port}/").code, 200
        )
        self.assertEqual(CurlResponse(self.testbed.pipelock_port, "http://example.org/").code, 403)
        self.assertEqual(CurlResponse(self.testbed.pipelock_port, "https://example.org/").code, 403)
        self.assertIn('api_allowlist: ["localhost", "*.example.com"]', (self.home / "pipelock.yaml").read_text())

    def test_a_configuration_with_its_own_hosts_or_ca_is_reported_on_one_line(self):
        given = self.testbed.pipelock_yaml()
        given.write_text(given.read_text().replace('["nothing.invalid"]', '["own.example.com"]'))
        self.assertIn("has an api_allowlist; remove it, and write the hosts into /etc/allowed-hosts", self.refusal())
        self.testbed.pipelock_yaml("tls_interception: {enabled: false}\n")
        self.assertIn("has tls_interception on one line", self.refusal())

    @real
    def test_a_configuration_that_pipelock_refuses_is_reported_on_one_line(self):
        given = self.testbed.pipelock_yaml("no_such_key: 1\n")
        error = self.refusal()
        self.assertIn(str(given), error)
        self.assertIn("no_such_key", error)
        self.testbed.pipelock_yaml("tls_interception:\n  enabled: false\n")
        self.assertIn('"enabled" already defined', self.refusal())

    def test_an_invalid_list_or_home_or_a_missing_file_is_reported_on_one_line(self):
        self.assertIn('"a/b" is not a host', self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS="a/b"))
        self.assertIn("is not writable", self.refusal(PIPELOCK_HOME="/proc/pipelock"))
        self.assertIn("is not readable", self.refusal(PIPELOCK_CONFIG=str(self.home / "none")))

    def test_without_the_entry_point_the_configuration_of_the_image_is_valid_and_allows_no_host(self):
        given = self.testbed.pipelock_yaml()
        given.write_text(given.read_text().partition("ssrf:")[0])
        subprocess.run([PIPELOCK, "check", "--config", given], check=True, capture_output=True)
        pipelock = self.testbed.keep(support.Daemon([PIPELOCK, "run", "--config", given], {})).ready(
            self.testbed.pipelock_port
        )
        self.assertEqual(
            CurlResponse(self.testbed.pipelock_port, f"http://localhost:{self.testbed.plain.port}/").code, 403
        )
        self.assertEqual(pipelock.terminate(), 0)

    def test_the_probe_succeeds_while_pipelock_works_and_fails_without_it(self):
        self.assertEqual(probe(self.testbed.pipelock_port), 1)
        self.start()
        self.assertEqual(probe(self.testbed.pipelock_port), 0)

    def test_the_probe_fails_while_pipelock_is_frozen(self):
        pipelock = self.start()
        pipelock.process.send_signal(signal.SIGSTOP)
        self.assertEqual(probe(self.testbed.pipelock_port), 1)
        pipelock.process.send_signal(signal.SIGCONT)
        self.assertEqual(probe(self.testbed.pipelock_port), 0)

    @real
    def test_the_probe_fails_while_the_kill_switch_is_on(self):
        pipelock = self.start()
        pipelock.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: pipelock.lines("kill switch ACTIVATED"), "the kill switch")
        self.assertEqual(probe(self.testbed.pipelock_port), 1)
        health = f"http://127.0.0.1:{self.testbed.pipelock_port}/health"
        self.assertEqual(CurlResponse(self.testbed.pipelock_port, health, "--noproxy", "*").code, 200)

    @real
    def test_intercepted_hosts_have_pipelocks_certificate_and_others_their_own(self):
        url = f"https://localhost:{self.testbed.secure.port}/"
        pipelock = self.start()
        response = self.testbed.through_pipelock()
        self.assertTrue(response.text.endswith("origin"), response.error)
        self.assertIn(
            "certificate", CurlResponse(self.testbed.pipelock_port, url, "--cacert", self.testbed.origin_ca).error
        )
        pipelock.terminate()
        self.start(CLAUDE_BOTTLE_ALLOWED_HOSTS=f"localhost:{self.testbed.secure.port} passthrough")
        response = CurlResponse(self.testbed.pipelock_port, url, "--cacert", self.testbed.origin_ca)
        self.assertTrue(response.text.endswith("origin"), response.error)

    @real
    def test_an_origin_with_an_unknown_ca_is_refused(self):
        pathlib.Path(self.testbed.directory / "other").mkdir()
        other, _ = support.make_origin_ca(self.testbed.directory / "other")
        self.start(SSL_CERT_FILE=str(other))
        response = self.testbed.through_pipelock()
        self.assertEqual(response.code, 502, response.text + response.error)
        self.assertEqual(self.testbed.secure.requests, [])


class StandInTest(unittest.TestCase):
    """The test double has everything that the entry point and the container tests rely on."""

    def test_it_has_the_commands_of_pipelock(self):
        require("openssl")
        directory = self.enterContext(tempfile.TemporaryDirectory())

        def run(*arguments):
            return subprocess.run([support.STAND_IN, *arguments], capture_output=True, text=True, check=False)

        self.assertIn("stand-in", run("--version").stdout)
        self.assertEqual(run("tls", "init", "--out", f"{directory}/ca").returncode, 0)
        self.assertEqual(sorted(os.listdir(f"{directory}/ca")), ["ca-key.pem", "ca.pem"])
        self.assertEqual(run("check", "--config", DOCKER / "pipelock/pipelock.yaml").returncode, 0)
        shutil.copy(DOCKER / "allowed-hosts", f"{directory}/no-list.yaml")
        self.assertEqual(run("check", "--config", f"{directory}/no-list.yaml").returncode, 1)
        self.assertEqual(run("healthcheck", "--addr", f"127.0.0.1:{support.free_port()}").returncode, 1)


if __name__ == "__main__":
    unittest.main()
