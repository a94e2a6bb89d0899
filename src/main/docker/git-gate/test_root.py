"""What git-gate's entry point does while it is root."""

import unittest

import planted
from gate import APP


@unittest.skipUnless(planted.can_mount(), "needs root and mount namespaces")
class RootTest(unittest.TestCase):
    def test_root_runs_no_program_by_the_path(self):
        output, ran = planted.start_as_root(
            APP / "git-gate-entrypoint.sh", "git-gate", GIT_GATE_APP="/no/such/directory", GITLEAKS_BIN="true"
        )
        self.assertIn("/no/such/directory/hooks/pre-receive is missing", output)  # as git-gate
        self.assertEqual(ran, [])


if __name__ == "__main__":
    unittest.main()
