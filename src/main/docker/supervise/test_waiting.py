"""Tests how an agent waits for an answer longer than one call, and what becomes of a request that nobody waits for."""

import unittest

import test_supervise
from support import wait_until
from test_supervise import Agent, Supervise, answer_in, ask, find, raw_call, raw_result

quick = None


def setUpModule():
    test_supervise.require_mcp()
    global quick
    quick = Supervise(CLAUDE_BOTTLE_APPROVAL_WAIT="1").ready()
    unittest.addModuleCleanup(quick.close)


def wait(test, supervise, request_id):
    return raw_call(test, supervise, "wait_for_approval", {"id": request_id})


def answer(connection):
    return raw_result(connection)["structuredContent"]


class WaitingTest(unittest.TestCase):
    def test_a_call_ends_as_pending_and_says_how_to_wait_on(self):
        # When
        pending = answer(ask(self, quick, "slow operator"))
        # Then
        request = find(quick.requests(), "slow operator")
        self.assertEqual(("pending", request["id"]), (pending["decision"], pending["id"]))
        self.assertIn("wait_for_approval", pending["next_step"])

    def test_the_agent_waits_on_by_the_id(self):
        for command, decision in (("approve", "approved"), ("deny", "denied")):
            with self.subTest(command):
                # Given
                request_id = answer(ask(self, quick, f"{command} later"))["id"]
                self.assertEqual("pending", answer(wait(self, quick, request_id))["decision"])
                waiting = wait(self, quick, request_id)
                # When
                quick.post(f"/approvals/{request_id}/{command}", {"comment": "well"})
                # Then
                decided = answer(waiting)
                self.assertEqual((decision, "well"), (decided["decision"], decided["comment"]))

    def test_an_answer_that_came_while_nobody_waited_is_there_for_each_later_call(self):
        # Given
        request_id = answer(ask(self, quick, "while away"))["id"]
        # When
        quick.post(f"/approvals/{request_id}/approve")
        # Then
        for _ in range(2):
            self.assertEqual("approved", answer(wait(self, quick, request_id))["decision"])

    def test_a_request_times_out_while_the_agent_waits_on(self):
        # Given
        request_id = answer(ask(self, quick, "out of time", timeout_seconds=2))["id"]
        # When
        wait_until(lambda: find(quick.requests("ended"), "out of time"), "it has ended")
        # Then
        self.assertEqual("timed out", answer(wait(self, quick, request_id))["decision"])

    def test_an_unknown_id_is_an_error_that_says_what_to_do(self):
        for unknown in ("abc123", "", "\x1b[2J"):
            with self.subTest(unknown):
                result = raw_result(wait(self, quick, unknown))
                self.assertTrue(result["isError"])
                self.assertIn("it is not approved; ask again", result["content"][0]["text"])
                self.assertNotIn("\x1b", result["content"][0]["text"])

    def test_who_asks_the_same_again_gets_the_same_request_until_it_has_ended(self):
        # Given
        first = answer(ask(self, quick, "the same"))["id"]
        # When / Then
        self.assertEqual(first, answer(ask(self, quick, "the same"))["id"])
        other = answer(ask(self, quick, "the same", "another"))["id"]
        self.assertNotEqual(first, other)
        quick.post(f"/approvals/{first}/deny")
        self.assertNotIn(answer(ask(self, quick, "the same"))["id"], (first, other))

    def test_the_operator_sees_whether_the_agent_waits(self):
        # Given
        ask(self, quick, "watched wait").getresponse().read()
        request = find(quick.requests(), "watched wait")
        self.assertFalse(request["agentWaits"])
        # When
        connection = wait(self, quick, request["id"])
        # Then
        wait_until(lambda: find(quick.requests(), "watched wait")["agentWaits"], "the agent waits")
        connection.close()
        wait_until(lambda: not find(quick.requests(), "watched wait")["agentWaits"], "it no longer waits")

    def test_a_caller_that_goes_away_while_it_waits_on_does_not_withdraw_the_request(self):
        # Given
        request_id = answer(ask(self, quick, "keep it"))["id"]
        # When
        wait(self, quick, request_id).close()
        ask(self, quick, "keep it").close()
        # Then
        self.assertEqual("pending", answer(wait(self, quick, request_id))["decision"])

    def test_progress_goes_on_while_the_agent_waits_on(self):
        # Given
        request_id = answer(ask(self, quick, "progressing"))["id"]
        # When
        progress, result = Agent(self, quick, "wait_for_approval", {"id": request_id}).result()
        # Then
        self.assertEqual("pending", answer_in(result)[0])
        self.assertIn(request_id, progress[0][2])


if __name__ == "__main__":
    unittest.main()
