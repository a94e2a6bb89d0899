"""
Tests supervise with the official TypeScript SDK and the MCP inspector. SUPERVISE_CLIENTS names the directory with their
node_modules, which .ci/node-modules makes.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_supervise
from support import LIMIT, wait_until
from test_supervise import HOME, Supervise, ask, find

MODULES = os.environ.get("SUPERVISE_CLIENTS")

quick = patient = None


def setUpModule():
    test_supervise.require_mcp()
    if not MODULES:
        raise unittest.SkipTest("no SUPERVISE_CLIENTS: Node.js and the packages in clients/package.json are missing")
    global quick, patient
    quick, patient = Supervise(CLAUDE_BOTTLE_APPROVAL_WAIT="1"), Supervise()
    for supervise in (quick, patient):
        unittest.addModuleCleanup(supervise.close)
        supervise.ready()


class TypeScriptAgent:
    """The TypeScript SDK's client, in a process that makes one call after the other."""

    def __init__(self, test, supervise):
        url = f"http://127.0.0.1:{supervise.mcp}/mcp"
        self.process = subprocess.Popen(
            ["node", HOME / "clients/sdk-client.mjs", MODULES, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        test.addCleanup(self._close)

    def _close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(LIMIT)
        self.process.stdout.close()

    def calls(self, name, timeout=None, **arguments):
        self.process.stdin.write(json.dumps({"name": name, "arguments": arguments, "timeout": timeout}) + "\n")
        self.process.stdin.flush()

    def result(self):
        """The progress messages and the result, or the error."""
        progress = []
        while "progress" in (line := json.loads(self.process.stdout.readline())):
            progress.append(line["progress"])
        return progress, line.get("structuredContent") or line


class TypeScriptSdkTest(unittest.TestCase):
    def test_the_agent_waits_longer_than_one_call_may_take_and_sees_progress(self):
        # Given
        agent = TypeScriptAgent(self, quick)
        agent.calls("request_approval", action="by TypeScript", reason="r")
        progress, pending = agent.result()
        request = find(quick.requests(), "by TypeScript")
        self.assertEqual(("pending", request["id"]), (pending["decision"], pending["id"]))
        self.assertIn(request["id"], progress[0]["message"])
        # When
        agent.calls("wait_for_approval", id=request["id"])
        self.assertEqual("pending", agent.result()[1]["decision"])
        quick.post(f"/approvals/{request['id']}/approve", {"comment": "go"})
        agent.calls("wait_for_approval", id=request["id"])
        # Then
        _, decided = agent.result()
        self.assertEqual(("approved", "go"), (decided["decision"], decided["comment"]))

    def test_a_request_is_withdrawn_when_the_client_gives_up_at_its_timeout_and_stays_connected(self):
        # Given
        agent, other = TypeScriptAgent(self, patient), TypeScriptAgent(self, patient)
        other.calls("request_approval", action="of another client", reason="r")
        patient.waiting("of another client")
        for attempt in range(3):
            with self.subTest(attempt):
                # When
                agent.calls("request_approval", timeout=1500, action=f"impatient {attempt}", reason="r")
                # Then
                self.assertIn("timed out", agent.result()[1]["error"])
                self.assertEqual("withdrawn", patient.ended(f"impatient {attempt}")["outcome"])
        # and a call of another client, which may have the same id, goes on
        self.assertTrue(find(patient.requests(), "of another client")["agentWaits"])

    def test_a_client_that_gives_up_to_wait_by_the_id_does_not_withdraw_the_request(self):
        # Given
        first = ask(self, patient, "still needed")
        request = patient.waiting("still needed")
        agent = TypeScriptAgent(self, patient)
        # When
        agent.calls("wait_for_approval", timeout=1500, id=request["id"])
        self.assertIn("timed out", agent.result()[1]["error"])
        first.close()
        # Then
        wait_until(lambda: not patient.waiting("still needed")["agentWaits"], "nobody waits")

    def test_the_agent_waits_on_after_a_restart_of_supervise(self):
        # Given
        home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, home)
        first = Supervise(SUPERVISE_HOME=home).ready()
        self.addCleanup(first.close)
        agent = TypeScriptAgent(self, first)
        agent.calls("request_approval", action="survive", reason="r")
        first.waiting("survive")
        # When
        first.process.terminate()
        _, pending = agent.result()
        self.assertEqual("pending", pending["decision"])
        self.assertEqual(0, first.end())
        second = Supervise(ports=(first.mcp, first.operator), SUPERVISE_HOME=home)
        self.addCleanup(second.close)
        second.ready()
        agent.calls("wait_for_approval", id=pending["id"])
        wait_until(lambda: second.waiting("survive")["agentWaits"], "the agent waits")
        answered = second.approvals("approve", pending["id"])
        # Then
        self.assertEqual(0, answered.returncode, answered.stderr)
        self.assertEqual("approved", agent.result()[1]["decision"])


class InspectorTest(unittest.TestCase):
    def inspect(self, *arguments):
        done = subprocess.run(
            ["node", "cli.js", "--cli", f"http://127.0.0.1:{quick.mcp}/mcp", "--transport", "http", *arguments],
            # outside the package that bundles it, it finds its package.json only from here
            cwd=Path(MODULES) / "node_modules/@modelcontextprotocol/inspector-cli/build",
            capture_output=True,
            text=True,
            timeout=LIMIT * 2,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_it_lists_the_tools_and_what_a_model_must_know(self):
        tools = {tool["name"]: tool for tool in self.inspect("--method", "tools/list")["tools"]}
        self.assertEqual({"request_approval", "wait_for_approval", "guards"}, tools.keys())
        self.assertIn("call wait_for_approval", tools["request_approval"]["description"])
        self.assertEqual(["id"], tools["wait_for_approval"]["inputSchema"]["required"])

    def test_it_asks_and_waits_on(self):
        # When
        call = ("--method", "tools/call", "--tool-name")
        asked = self.inspect(*call, "request_approval", "--tool-arg", "action=inspect", "--tool-arg", "reason=r")
        pending = asked["structuredContent"]
        # Then
        self.assertEqual("pending", pending["decision"])
        # When
        quick.post(f"/approvals/{pending['id']}/deny")
        decided = self.inspect(*call, "wait_for_approval", "--tool-arg", f"id={pending['id']}")
        # Then
        self.assertEqual("denied", decided["structuredContent"]["decision"])


if __name__ == "__main__":
    unittest.main()
