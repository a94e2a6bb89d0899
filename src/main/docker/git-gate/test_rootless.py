"""git-gate as a user without a name, in a container without root."""

import os
import shutil
import unittest

import gate
import rootless


@unittest.skipIf(gate.MISSING, f"needs {gate.MISSING}")
class RootlessTest(unittest.TestCase):
    def setUp(self):
        rootless.require()
        self.sandbox = gate.Sandbox(self)
        self.sandbox.directory.chmod(0o755)
        gitleaks = shutil.copy(gate.GITLEAKS, self.sandbox.directory / "gitleaks")
        self.sandbox.gate_environment |= {"PATH": rootless.PATH, "GITLEAKS_BIN": str(gitleaks)}
        self.sandbox.home.rmdir()
        rootless.make_volume(self.sandbox.home)
        self.sandbox.seed()
        for path in [self.sandbox.upstream, *self.sandbox.upstream.rglob("*")]:
            os.chown(path, rootless.UID, 0)

    def test_pushes_reach_the_upstream_also_when_the_volume_is_mounted_again(self):
        for start in ("first", "second"):
            with self.subTest(start=start):
                # When
                self.start()
                clone = self.sandbox.clone()
                commit = clone.commit({start: start})
                pushed = clone.push(f"HEAD:refs/heads/{start}")

                # Then
                self.assertEqual(pushed.returncode, 0, pushed.stderr + self.sandbox.log())
                # as the user to whom the upstream belongs
                reference = self.sandbox.upstream / f"refs/heads/{start}"
                self.assertEqual(reference.read_text().strip(), commit)

                # Given: the next pod
                self.sandbox.kill()
                rootless.mount_again(self.sandbox.home)

    def test_a_push_with_a_secret_is_refused(self):
        self.start()
        clone = self.sandbox.clone()
        clone.commit({"key": gate.AWS_KEY})

        pushed = clone.push("HEAD:refs/heads/secret")

        self.assertIn("push refused: 1 secret found", pushed.stderr)

    def test_ssh_needs_an_entry_in_passwd(self):
        key = self.sandbox.directory / "key"
        key.write_text("key")
        self.sandbox.gate_environment |= {
            "CLAUDE_BOTTLE_GIT_UPSTREAM": "git@example.com:a.git",
            "CLAUDE_BOTTLE_GIT_SSH_KEY": str(key),
            "CLAUDE_BOTTLE_GIT_KNOWN_HOSTS": str(key),
        }
        done = self.sandbox.cannot_start((*rootless.PREFIX, *gate.ENTRY_POINT))
        self.assertEqual(
            (done.returncode, done.stderr),
            (
                1,
                f"cannot start git-gate: an ssh upstream needs an entry for uid {rootless.UID} in /etc/passwd, without"
                " which ssh does not run; take another uid, or https\n",
            ),
        )

    def test_a_repository_of_another_user_is_an_error(self):
        self.sandbox.repo.mkdir()
        done = self.sandbox.cannot_start((*rootless.PREFIX, *gate.ENTRY_POINT))
        self.assertEqual(
            (done.returncode, done.stderr),
            (
                1,
                f"cannot start git-gate: {self.sandbox.repo} belongs to uid 0, and this is uid {rootless.UID}\n",
            ),
        )

    def start(self):
        self.sandbox.start((*rootless.PREFIX, *gate.ENTRY_POINT))


if __name__ == "__main__":
    unittest.main()
