"""pipelock by its entry point and its probe. The real one where PIPELOCK_BIN names it, else the stand-in of the container tests."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import support
from support import DOCKER, PIPELOCK, Answer, World, need, openssl, until

real = unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")


def probe(port):
    return subprocess.run(
        ["sh", DOCKER / "pipelock/pipelock-probe.sh", f"127.0.0.1:{port}"], check=False, timeout=60
    ).returncode


class PipelockTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.home = self.world.pipelock_home
        self.world.pipelock_yaml()

    def start(self, **environ):
        return self.world.start_pipelock(**environ).ready(self.world.pipelock_port)

    def refusal(self, **environ):
        """The output of a pipelock that must not start."""
        pipelock = self.world.start_pipelock(**environ)
        self.assertNotEqual(pipelock.exit_code(), 0)
        said = pipelock.lines("cannot start pipelock: ")
        self.assertEqual(len(pipelock.text().splitlines()), 1, pipelock.text())
        return said[0]

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

    def test_a_start_that_was_broken_off_while_it_made_the_ca_does_no_harm(self):
        (self.home / "ca.new").mkdir()
        (self.home / "ca.new/ca.pem").write_text("half")
        (self.home / "ca-key.pem").write_text("of the broken start")
        self.start()
        openssl("pkey", "-in", self.home / "ca-key.pem", "-noout")

    def test_a_ca_without_its_key_is_one_clear_line(self):
        (self.home / "ca.pem").write_text("a certificate")
        self.assertIn("ca-key.pem is missing", self.refusal())

    def test_the_hosts_are_given_once_and_only_they_are_reached(self):
        self.start(CLAUDE_BOTTLE_ALLOWED_HOSTS=f"localhost:{self.world.plain.port}, *.example.com")
        self.assertEqual(Answer(self.world.pipelock_port, f"http://localhost:{self.world.plain.port}/").code, 200)
        self.assertEqual(Answer(self.world.pipelock_port, "http://example.org/").code, 403)
        self.assertEqual(Answer(self.world.pipelock_port, "https://example.org/").code, 403)
        self.assertIn('api_allowlist: ["localhost", "*.example.com"]', (self.home / "pipelock.yaml").read_text())

    def test_what_the_operator_wrote_into_the_configuration_stays(self):
        given = self.world.pipelock_yaml()
        given.write_text(given.read_text().replace("- api.anthropic.com", "- passed.example.com"))
        self.start()
        rendered = (self.home / "pipelock.yaml").read_text()
        self.assertIn("- passed.example.com", rendered)
        self.assertEqual(rendered.count("\ntls_interception:"), 1)
        self.assertIn("  enabled: true\n  ca_cert: ", rendered)

    def test_a_configuration_without_tls_interception_gets_it(self):
        given = self.world.pipelock_yaml()
        text = given.read_text()
        block = text[text.index("tls_interception:") : text.index("dlp:")]
        given.write_text(text.replace(block, "").replace('api_allowlist: ["nothing.invalid"]\n', ""))
        self.start()
        self.assertIn("tls_interception:\n  enabled: true\n  ca_cert: ", (self.home / "pipelock.yaml").read_text())

    def test_a_configuration_that_names_hosts_or_the_ca_itself_is_one_clear_line(self):
        given = self.world.pipelock_yaml()
        text = given.read_text()
        given.write_text(text.replace('["nothing.invalid"]', '["own.example.com"]'))
        self.assertIn("has an api_allowlist; write the hosts into /etc/allowed-hosts", self.refusal())
        block = "tls_interception:\n  passthrough_domains:\n    - api.anthropic.com"
        self.assertIn(block, text)
        given.write_text(text.replace(block, "tls_interception: {enabled: false}"))
        self.assertIn("has tls_interception on one line", self.refusal())

    @real
    def test_a_configuration_that_pipelock_refuses_is_one_clear_line(self):
        given = self.world.pipelock_yaml("no_such_key: 1\n")
        said = self.refusal()
        self.assertIn(str(given), said)
        self.assertIn("no_such_key", said)
        given.write_text(
            self.world.pipelock_yaml()
            .read_text()
            .replace("tls_interception:\n", "tls_interception:\n  enabled: false\n")
        )
        self.assertIn('"enabled" already defined', self.refusal())

    def test_a_wrong_list_or_home_or_a_missing_file_is_one_clear_line(self):
        self.assertIn('"a b" is not a host', self.refusal(CLAUDE_BOTTLE_ALLOWED_HOSTS="a b"))
        self.assertIn("is not writable", self.refusal(PIPELOCK_HOME="/proc/pipelock"))
        self.assertIn("is not readable", self.refusal(PIPELOCK_CONFIG=str(self.home / "none")))

    def test_without_the_entry_point_the_image_own_configuration_is_valid_and_lets_nothing_out(self):
        given = self.world.pipelock_yaml()
        given.write_text(given.read_text().partition("ssrf:")[0])
        subprocess.run([PIPELOCK, "check", "--config", given], check=True, capture_output=True)
        pipelock = self.world.keep(support.Daemon([PIPELOCK, "run", "--config", given], {})).ready(
            self.world.pipelock_port
        )
        self.assertEqual(Answer(self.world.pipelock_port, f"http://localhost:{self.world.plain.port}/").code, 403)
        self.assertEqual(pipelock.terminate(), 0)

    def test_the_probe_succeeds_as_soon_as_pipelock_works_and_fails_without_it(self):
        self.assertEqual(probe(self.world.pipelock_port), 1)
        self.world.start_pipelock()
        self.assertEqual(probe(self.world.pipelock_port), 0)

    def test_the_probe_fails_while_pipelock_is_frozen(self):
        pipelock = self.start()
        pipelock.process.send_signal(signal.SIGSTOP)
        self.assertEqual(probe(self.world.pipelock_port), 1)
        pipelock.process.send_signal(signal.SIGCONT)
        self.assertEqual(probe(self.world.pipelock_port), 0)

    @real
    def test_the_probe_fails_while_the_kill_switch_is_on(self):
        pipelock = self.start()
        pipelock.process.send_signal(signal.SIGUSR1)
        until(lambda: pipelock.lines("kill switch ACTIVATED"), "the kill switch")
        self.assertEqual(probe(self.world.pipelock_port), 1)
        health = f"http://127.0.0.1:{self.world.pipelock_port}/health"
        self.assertEqual(Answer(self.world.pipelock_port, health, "--noproxy", "*").code, 200)

    @real
    def test_what_is_intercepted_bears_the_ca_and_what_is_passed_through_the_origin_own(self):
        given = self.world.pipelock_yaml()
        url = f"https://localhost:{self.world.secure.port}/"
        pipelock = self.start()
        self.assertEqual(Answer(self.world.pipelock_port, url, "--cacert", self.home / "ca.pem").code, 200)
        self.assertIn("certificate", Answer(self.world.pipelock_port, url, "--cacert", self.world.origin_ca).error)
        pipelock.terminate()
        given.write_text(given.read_text().replace("- api.anthropic.com", "- localhost"))
        self.start()
        self.assertEqual(Answer(self.world.pipelock_port, url, "--cacert", self.world.origin_ca).code, 200)

    @real
    def test_an_origin_with_an_unknown_ca_is_refused(self):
        pathlib.Path(self.world.directory / "other").mkdir()
        other, _ = support.make_origin_ca(self.world.directory / "other")
        self.start(SSL_CERT_FILE=str(other))
        answer = Answer(
            self.world.pipelock_port, f"https://localhost:{self.world.secure.port}/", "--cacert", self.home / "ca.pem"
        )
        self.assertEqual(answer.code, 502, answer.text + answer.error)
        self.assertEqual(self.world.secure.requests, [])


class StandInTest(unittest.TestCase):
    """The test double keeps what the entry point and the container tests rely on."""

    def test_it_has_the_commands_of_pipelock(self):
        need("openssl")
        directory = self.enterContext(tempfile.TemporaryDirectory())
        run = lambda *arguments: subprocess.run(
            [support.STAND_IN, *arguments], capture_output=True, text=True, check=False
        )  # noqa: E731
        self.assertIn("stand-in", run("--version").stdout)
        self.assertEqual(run("tls", "init", "--out", f"{directory}/ca").returncode, 0)
        self.assertEqual(sorted(os.listdir(f"{directory}/ca")), ["ca-key.pem", "ca.pem"])
        self.assertEqual(run("check", "--config", DOCKER / "pipelock/pipelock.yaml").returncode, 0)
        shutil.copy(DOCKER / "allowed-hosts", f"{directory}/no-list.yaml")
        self.assertEqual(run("check", "--config", f"{directory}/no-list.yaml").returncode, 1)
        self.assertEqual(run("healthcheck", "--addr", f"127.0.0.1:{support.free_port()}").returncode, 1)


if __name__ == "__main__":
    unittest.main()
