"""What egress' entry point does while it is root."""

import unittest

import planted
import support


@unittest.skipUnless(planted.can_mount(), "needs root and mount namespaces")
class RootTest(unittest.TestCase):
    def test_root_runs_no_program_by_the_path(self):
        output, ran = planted.start_as_root(
            support.ROOT / "egress-entrypoint.sh", "egress-test", EGRESS_USER="egress-test", EGRESS_PORT="none"
        )
        self.assertEqual(output, 'cannot start egress: EGRESS_PORT "none" is not a port\n')  # as egress-test
        self.assertEqual(ran, [])


if __name__ == "__main__":
    unittest.main()
