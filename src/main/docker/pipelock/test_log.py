"""Tests what the entry point lets through of the real pipelock's log."""

import json
import os
import pathlib
import signal
import subprocess
import unittest

import support
from support import DOCKER, CurlResponse, Testbed, wait_until


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class LogTest(unittest.TestCase):
    def setUp(self):
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.testbed.pipelock_yaml()

    def start(self):
        self.pipelock = self.testbed.ready_pipelock()

    def records(self):
        """All records of the run, which this ends."""
        os.killpg(self.pipelock.process.pid, signal.SIGTERM)
        self.assertEqual(self.pipelock.exit_code(), 0)
        wait_until(lambda: self.pipelock.lines('"event":"shutdown"'), "the last record")
        records = [json.loads(line) for line in self.pipelock.text().splitlines() if line.startswith("{")]
        self.assertEqual([records[0]["event"], records[-1]["event"]], ["startup", "shutdown"])
        return records[1:-1]

    def test_an_allowed_request_and_a_probe_add_no_line(self):
        self.start()
        for _ in range(3):
            self.assertEqual(self.testbed.through_pipelock().code, 200)
        probe = ["sh", DOCKER / "pipelock/pipelock-probe.sh", f"127.0.0.1:{self.testbed.pipelock_port}"]
        subprocess.run(probe, check=True, timeout=60)
        self.assertEqual(self.records(), [])

    def test_a_request_to_an_exempt_host_adds_no_line(self):
        self.testbed.pipelock_yaml(exempt=True)
        self.start()
        self.assertEqual(self.testbed.through_pipelock().code, 200)
        self.assertEqual(self.records(), [])

    def test_a_blocked_request_a_warning_and_an_error_add_a_line_each(self):
        self.start()
        self.testbed.secure.close()
        self.assertEqual(self.testbed.through_pipelock().code, 502)
        self.assertEqual(CurlResponse(self.testbed.pipelock_port, "https://example.invalid/").code, 403)
        self.assertEqual([record["event"] for record in self.records()], ["error", "blocked"])

    def test_a_request_that_only_resembles_a_probe_adds_a_line(self):
        self.start()
        for url in ("http://probe.invalid/?x", "http://probe.invalid/x", "https://probe.invalid/"):
            self.assertEqual(CurlResponse(self.testbed.pipelock_port, url).code, 403)
        self.assertEqual([record["event"] for record in self.records()], ["blocked"] * 3)

    def test_pipelock_does_not_run_on_without_its_log(self):
        self.start()
        pid = self.pipelock.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        (log,) = [child for child in children if pathlib.Path(f"/proc/{child}/comm").read_text() == "sed\n"]
        os.kill(int(log), signal.SIGKILL)
        CurlResponse(self.testbed.pipelock_port, "https://example.invalid/")
        self.assertNotEqual(self.pipelock.exit_code(), 0)


if __name__ == "__main__":
    unittest.main()
