"""Tests that whoever git-gate refuses learns the reason, and the log too, and that what harms nobody is not refused."""

import os
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

from gate import AWS_KEY, ENTRY_POINT, MISSING, Sandbox, SharedGateTest
from support import LIMIT, wait_until

AUTHOR = "A <a@example.com> 1700000000 +0000"


class Objects:
    """Makes objects that git itself would not make."""

    def __init__(self, clone):
        self.clone = clone

    def write(self, kind, content):
        done = subprocess.run(
            ["git", "hash-object", "-w", "-t", kind, "--literally", "--stdin"],
            input=content,
            cwd=self.clone.path,
            env=self.clone.sandbox.environment,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def blob(self, content=b"hello\n"):
        return self.write("blob", content)

    def tree(self, *entries):
        return self.write(
            "tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        )

    def commit(self, tree=None, author=AUTHOR, more=""):
        tree = tree or self.tree((b"100644", b"a", self.blob()))
        return self.write("commit", f"tree {tree}\nauthor {author}\n{more}committer {AUTHOR}\n\nm\n".encode())


class MalformedTest(SharedGateTest):
    def setUp(self):
        super().setUp()
        self.objects = Objects(self.clone)

    def push(self, commit):
        return self.clone.push(f"{commit}:refs/heads/{commit}")

    def test_flaws_of_old_repositories_that_harm_nobody_pass(self):
        make = self.objects
        nested = make.tree((b"100644", b"b", make.blob()))
        commits = {
            "zeroPaddedFilemode": make.commit(make.tree((b"040000", b"a", nested))),
            "badTimezone": make.commit(author="A <a@example.com> 1700000000 -7650000"),
            "badDate": make.commit(author="A <a@example.com> x +0000"),
            "badDateOverflow": make.commit(author="A <a@example.com> 99999999999999999999999 +0000"),
            "zeroPaddedDate": make.commit(author="A <a@example.com> 01700000000 +0000"),
            "missingSpaceBeforeDate": make.commit(author="A <a@example.com>1700000000 +0000"),
            "missingEmail": make.commit(author="A 1700000000 +0000"),
            "missingSpaceBeforeEmail": make.commit(author="A<a@example.com> 1700000000 +0000"),
            "missingNameBeforeEmail": make.commit(author="<a@example.com> 1700000000 +0000"),
            "badName": make.commit(author="A> <a@example.com> 1700000000 +0000"),
            "badEmail": make.commit(author="A <a@<example.com> 1700000000 +0000"),
            "multipleAuthors": make.commit(more=f"author {AUTHOR}\n"),
        }
        for flaw, commit in commits.items():
            with self.subTest(flaw):
                check = self.clone.git("fsck", "--strict", "--no-dangling", commit, check=False)
                self.assertIn(flaw, check.stderr + check.stdout)
                push = self.push(commit)
                self.assertEqual(0, push.returncode, push.stderr)
                self.assertEqual(commit, self.sandbox.refs(self.sandbox.upstream)[f"refs/heads/{commit}"])

    def test_a_secret_in_such_an_object_is_refused(self):
        make = self.objects
        nested = make.tree((b"100644", b"b", make.blob(AWS_KEY.encode())))
        push = self.push(make.commit(make.tree((b"040000", b"a", nested)), author=f"{AWS_KEY}<a@b>1700000000 +0000"))
        self.assertIn("push refused: 2 secrets found", push.stderr)

    def test_objects_that_attack_are_refused_with_the_reason_and_the_log_says_it_too(self):
        make = self.objects
        blob, tree = make.blob(), make.tree((b"100644", b"b", make.blob()))
        modules = '[submodule "a"]\n\tpath = {path}\n\turl = {url}\n'
        harmless = {"path": "a", "url": "https://example.com/a.git"}

        def submodule(**changes):
            text = modules.format(**(harmless | changes))
            return make.tree((b"100644", b".gitmodules", make.blob(text.encode())))

        named = modules.format(**harmless).replace('"a"', '"../a"')
        trees = {
            "hasDotgit": make.tree((b"100644", b".git", blob)),
            "hasDot": make.tree((b"100644", b".", blob)),
            "hasDotdot": make.tree((b"40000", b"..", tree)),
            "fullPathname": make.tree((b"100644", b"a/b", blob)),
            "duplicateEntries": make.tree((b"100644", b"a", blob), (b"100644", b"a", blob)),
            "treeNotSorted": make.tree((b"100644", b"b", blob), (b"100644", b"a", blob)),
            "gitmodulesSymlink": make.tree((b"120000", b".gitmodules", blob)),
            "gitmodulesUrl": submodule(url="-u./payload"),
            "gitmodulesPath": submodule(path="-a"),
            "gitmodulesName": make.tree((b"100644", b".gitmodules", make.blob(named.encode()))),
            "gitmodulesUpdate": submodule(url=harmless["url"] + "\n\tupdate = !x"),
            "nullSha1": make.tree((b"160000", b"a", "0" * 40)),
        }
        for flaw, tree in trees.items():
            with self.subTest(flaw):
                commit = make.commit(tree)
                push = self.push(commit)
                self.assertNotEqual(0, push.returncode, push.stderr)
                self.assertRegex(
                    push.stderr,
                    f"remote: git-gate: push refused: object [0-9a-f]{{7}} is malformed: {flaw} ",
                )
                self.assertEqual(1, push.stderr.count("git-gate: "), push.stderr)
                self.assertRegex(
                    self.sandbox.log(),
                    f"(?m)^git-gate: push refused: object [0-9a-f]{{7}} is malformed: {flaw} ",
                )
                self.assertNotIn(f"refs/heads/{commit}", self.sandbox.refs(self.sandbox.repo))

    def test_the_text_of_such_an_object_is_not_in_the_log(self):
        make = self.objects
        text = f'[submodule "a"]\n\tpath = a\n\turl = "-u{AWS_KEY}\\ngit-gate: accepted"\n'
        push = self.push(make.commit(make.tree((b"100644", b".gitmodules", make.blob(text.encode())))))
        self.assertRegex(push.stderr, "git-gate: push refused: object [0-9a-f]{7} is malformed: gitmodulesUrl ")
        self.assertNotIn(AWS_KEY, self.sandbox.log())
        self.assertNotRegex(self.sandbox.log(), "(?m)^git-gate: accepted$")

    def test_the_reason_arrives_in_the_middle_of_a_large_push_too(self):
        make = self.objects
        for number in range(150):
            (self.clone.path / f"file{number}").write_bytes(os.urandom(40_000))
        self.clone.commit({})
        broken = make.tree((b"100644", b".git", make.blob()))
        commit = self.clone.git("commit-tree", broken, "-p", "HEAD", "-m", "m").stdout.strip()
        push = self.push(commit)
        self.assertRegex(push.stderr, "git-gate: push refused: object [0-9a-f]{7} is malformed: hasDotgit ")
        self.assertIn("(unpacker error)", push.stderr)

    def test_a_shallow_clone_can_push(self):
        shallow = self.sandbox.directory / "shallow"
        self.sandbox.git("clone", "-q", "--depth=1", self.sandbox.url, str(shallow))
        self.clone.path = shallow
        commit = self.clone.commit({"x": "y"})
        push = self.push(commit)
        self.assertEqual(0, push.returncode, push.stderr)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class SizeTest(unittest.TestCase):
    def test_a_push_that_is_too_large_is_refused_with_the_reason_and_the_log_says_it_too(self):
        sandbox = Sandbox(self, GIT_GATE_PUSH_MIB="1")
        sandbox.seed()
        sandbox.start()
        clone = sandbox.clone()
        for count in (1, 200):  # git unpacks few objects in another way than many
            with self.subTest(objects=count):
                clone.commit({f"file{number}": os.urandom((6 << 20) // count) for number in range(count)})
                push = clone.push("trunk")
                self.assertNotEqual(0, push.returncode)
                self.assertIn("remote: git-gate: push refused: pack exceeds maximum allowed size", push.stderr)
                self.assertIn("push the history in several parts", push.stderr)
                self.assertRegex(sandbox.log(), "(?m)^git-gate: push refused: pack exceeds maximum allowed size")


@unittest.skipIf(MISSING, f"needs {MISSING}")
class FullVolumeTest(unittest.TestCase):
    """The gate's home is a small file system of its own, in a namespace that only the gate sees."""

    def start(self, sandbox, mebibytes):
        unshare = ["unshare", "--user", "--map-root-user", "--mount"]
        if not shutil.which("unshare") or subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
            self.skipTest("needs user namespaces (unshare --user --mount)")
        mount = f"mount -t tmpfs -o size={mebibytes}m none {sandbox.home}"
        sandbox.start([*unshare, "sh", "-c", f'{mount} && exec "$@"', "-", *ENTRY_POINT])
        return Path(f"/proc/{sandbox.gate.pid}/root{sandbox.home}")

    def assert_refused(self, sandbox, push, reason):
        self.assertNotEqual(0, push.returncode)
        self.assertRegex(push.stderr, f"git-gate: push refused: {reason}")
        self.assertRegex(sandbox.log(), f"(?m)^git-gate: push refused: {reason}")
        self.assertEqual(1, sandbox.log().count("push refused"), sandbox.log())

    def test_a_push_to_a_full_volume_is_refused_at_once(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        home = self.start(sandbox, 24)
        clone = sandbox.clone()
        (home / "ballast").write_bytes(b"x" * (12 << 20))
        self.assertTrue(sandbox.clone().head())
        clone.commit({"x": "y"})
        self.assert_refused(sandbox, clone.push("trunk"), "the gate's volume is full")
        (home / "ballast").unlink()
        clone.push("trunk", check=True)

    def test_a_push_that_fills_the_volume_is_refused_and_leaves_nothing(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        home = self.start(sandbox, 20)
        clone = sandbox.clone()
        clone.git("config", "core.compression", "0")
        clone.commit({f"file{number}": os.urandom(120_000) for number in range(200)})
        self.assert_refused(sandbox, clone.push("trunk"), ".*No space left on device")
        # receive-pack removes it after its answer
        wait_until(lambda: not list(home.glob("repo.git/objects/tmp_*")), "nothing is left")

    def test_a_first_fetch_that_fills_the_volume_is_said_and_leaves_nothing(self):
        sandbox = Sandbox(self)
        clone = sandbox.seed()
        clone.git("config", "core.compression", "0")
        clone.commit({f"file{number}": os.urandom(120_000) for number in range(200)})
        clone.git("push", "-q", str(sandbox.upstream), "trunk")
        home = self.start(sandbox, 20)
        wait_until(lambda: "cannot fetch" in sandbox.log(), "the first fetch has failed")
        self.assertRegex(sandbox.log(), "(?m)^git-gate: cannot fetch from the upstream: .*No space left on device")
        self.assertLess(sum(file.stat().st_size for file in home.rglob("*") if file.is_file()), 1 << 20)
        self.assertIn("never been fetched completely", sandbox.git("ls-remote", sandbox.url, check=False).stderr)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class ConnectionsTest(unittest.TestCase):
    def test_connections_of_clients_are_limited_and_the_probe_still_finds_a_place(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        sandbox.start()
        sandbox.clone()
        request = b"git-receive-pack /repo.git\0host=x\0"
        request = b"%04x" % (len(request) + 4) + request
        for _ in range(32):
            connection = socket.create_connection(("127.0.0.1", sandbox.port), LIMIT)
            self.addCleanup(connection.close)
            connection.sendall(request)
            self.assertTrue(connection.recv(4))  # served: git sends the refs
        refused = sandbox.git("ls-remote", sandbox.url, check=False)
        self.assertIn("remote error: git-gate: there are more than 32 connections", refused.stderr)
        self.assertIn("git-gate: there are more than 32 connections\n", sandbox.log())
        self.assertTrue(sandbox.healthy())

    def test_what_a_client_sends_is_not_in_the_log(self):
        sandbox = Sandbox(self, upstream=False).start()
        before = sandbox.log()
        for request in (
            b"x\ngit-gate: accepted refs/heads/main",
            b"git-upload-pack /x\ngit-gate: accepted refs/heads/main",
            b"git-upload-archive /repo.git\ngit-gate: accepted\0host=a\ngit-gate: accepted\0",
        ):
            with socket.create_connection(("127.0.0.1", sandbox.port), LIMIT) as connection:
                connection.sendall(b"%04x" % (len(request) + 4) + request)
                while connection.recv(1000):  # until it has been handled
                    pass
        self.assertEqual(before, sandbox.log())

    def test_a_port_in_use_is_said_at_the_start(self):
        sandbox = Sandbox(self, upstream=False)
        with socket.create_server(("127.0.0.1", sandbox.port)):
            done = sandbox.cannot_start()
        self.assertEqual(f"cannot start git-gate: port {sandbox.port}: Address already in use\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
