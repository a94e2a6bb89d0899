"""Tests how pipelock's configuration is made of the operator's and the allow-list."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import support

sys.path.insert(0, str(support.DOCKER / "egress"))
import pipelock_config


class PipelockConfigTest(unittest.TestCase):
    def setUp(self):
        support.require("openssl")
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run([support.PIPELOCK, "tls", "init", "--out", self.home], check=True, capture_output=True)
        self.given = self.home / "given.yaml"
        self.image = (support.DOCKER / "pipelock/pipelock.yaml").read_text()
        self.given.write_text(self.image)

    def write(self, hosts):
        """The configuration with these hosts, which pipelock has checked."""
        config = self.config(hosts)
        config.write()
        return config.current()

    def config(self, hosts):
        return pipelock_config.Config(
            {
                "CLAUDE_BOTTLE_ALLOWED_HOSTS": hosts,
                "PIPELOCK_HOME": str(self.home),
                "PIPELOCK_CONFIG": str(self.given),
                "PIPELOCK_BIN": support.PIPELOCK,
            }
        )

    def refusal(self, hosts="a.example"):
        with self.assertRaises(pipelock_config.InvalidConfig) as caught:
            self.write(hosts)
        self.assertNotIn("\n", str(caught.exception))
        return str(caught.exception)

    def passed(self, text):
        block = text[text.index("  passthrough_domains:\n") :].split("\n")[1:]
        return [line[7:-1] for line in block[: [line.startswith("    - ") for line in block].index(False)]]

    def test_the_hosts_of_the_list_are_allowed_and_those_with_the_mark_are_not_scanned(self):
        text = self.write("a.example, *.b.example passthrough")
        self.assertIn('api_allowlist: ["a.example", "*.b.example"]\n', text)
        self.assertEqual(text.count("\napi_allowlist"), 0)
        self.assertEqual(self.passed(text)[0], "*.b.example")
        self.assertNotIn("a.example", self.passed(text))

    def test_the_ca_is_set_and_the_rest_is_as_the_operator_wrote_it(self):
        text = self.write("a.example")
        self.assertIn(f'tls_interception:\n  enabled: true\n  ca_cert: "{self.home}/ca.pem"\n', text)
        rest = self.image.replace(pipelock_config.PLACEHOLDER + "\n", "")
        self.assertEqual(text.partition("\n")[2].partition("tls_interception:\n  enabled")[0], rest)

    def test_the_operators_own_passthrough_domains_stay(self):
        self.given.write_text(
            self.image
            + "tls_interception:\n  # ours\n  passthrough_domains: # these\n"
            + "    # first\n    - one.example\n    - '*.two.example' # why\n"
            + "  cert_ttl: 12h\nagents: {}\n"
        )
        text = self.write("a.example, b.example passthrough")
        self.assertEqual(self.passed(text)[:3], ["one.example", "*.two.example", "b.example"])
        self.assertIn("  cert_ttl: 12h\nagents: {}\n", text)
        self.assertEqual(text.count("\ntls_interception:"), 1)

    def test_passthrough_domains_on_one_line_are_refused(self):
        self.given.write_text(self.image + "tls_interception:\n  passthrough_domains: [one.example]\n")
        self.assertIn("has passthrough_domains on one line", self.refusal())

    def test_the_unscanned_hosts_of_unused_ready_lists_are_prepared_unless_a_host_of_the_list_is_scanned(self):
        self.assertIn("pypi.org", self.passed(self.write("a.example")))
        self.assertNotIn("pypi.org", self.passed(self.write("pypi.org")))
        self.assertNotIn("pypi.org", self.passed(self.write("*.org, a.example passthrough")))
        self.assertIn("pypi.org", self.passed(self.write("@pypi")))
        self.assertNotIn("api.github.com", self.passed(self.write("a.example")))

    def test_an_unchanged_configuration_is_not_written(self):
        text = self.write("a.example")
        before = (self.home / "pipelock.yaml").stat().st_ino
        self.assertIsNone(self.config("a.example").check())
        self.assertEqual(self.write("a.example"), text)
        self.assertEqual((self.home / "pipelock.yaml").stat().st_ino, before)

    def test_a_wrong_list_leaves_the_configuration_as_it_was(self):
        text = self.write("a.example")
        self.assertIn('"b/c" is not a host', self.refusal("b/c"))
        self.assertEqual(self.config("x").current(), text)

    def test_a_running_pipelock_takes_any_hosts_but_no_new_unscanned_ones_and_no_new_settings(self):
        old = self.write("a.example, b.example passthrough")
        for hosts, expected in (
            ("c.example", True),
            ("a.example, @pypi, @anthropic", True),
            ("c.example passthrough", False),
            ("b.example passthrough, a.example passthrough", False),
        ):
            self.assertEqual(pipelock_config.reloadable(old, self.write(hosts)), expected, hosts)
        self.given.write_text(self.image.replace("max_requests_per_minute: 6000", "max_requests_per_minute: 60"))
        self.assertFalse(pipelock_config.reloadable(old, self.write("a.example, b.example passthrough")))


if __name__ == "__main__":
    unittest.main()
