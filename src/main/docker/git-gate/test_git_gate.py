"""Tests git-gate from outside, with real git, real gitleaks and a directory as the upstream."""

import base64
import fcntl
import gzip
import io
import os
import shutil
import signal
import subprocess
import tarfile
import threading
import unittest
import zipfile
from typing import ClassVar

from gate import (
    APP,
    AWS_KEY,
    GITHUB_TOKEN,
    GITLEAKS,
    MISSING,
    PRIVATE_KEY,
    RULES,
    Sandbox,
    SharedGateTest,
    processes_of_session,
)
from support import LIMIT, wait_until


class SecretTest(SharedGateTest):
    """Where a push may contain a secret."""

    FILES: ClassVar = {
        "README.md": "hello\n",
        "legacy.env": f"a=1\nkey={AWS_KEY}\n",
        "windows.pem": PRIVATE_KEY.replace("\n", "\r\n"),
    }

    def push(self):
        return self.clone.push(f"HEAD:{self.branch}")

    def assert_refused(self, push, *words, secret=AWS_KEY, ref=None):
        output = push.stderr + push.stdout
        self.assertNotEqual(0, push.returncode, output)
        self.assertIn("git-gate: push refused: ", output)
        for word in (RULES[secret], *words):
            self.assertIn(word, output)
        for line in secret.splitlines():
            self.assertNotIn(line, output)
            self.assertNotIn(line, self.sandbox.log())
        for repository in (self.sandbox.repo, self.sandbox.upstream):
            self.assertNotIn(ref or self.branch, self.sandbox.refs(repository))

    def assert_accepted(self, push, ref=None):
        self.assertEqual(0, push.returncode, push.stderr)
        for repository in (self.sandbox.repo, self.sandbox.upstream):
            self.assertIn(ref or self.branch, self.sandbox.refs(repository))

    def assert_refuses(self, files, *words, secret=AWS_KEY):
        self.clone.commit(files)
        self.assert_refused(self.push(), *words, secret=secret)

    def test_a_secret_in_a_file_is_refused_with_its_rule_file_line_and_commit(self):
        commit = self.clone.commit({"config/prod.env": f"a=1\nb=2\nkey={AWS_KEY}\n"})
        self.assert_refused(
            self.push(),
            "1 secret found",
            f"aws-access-token in config/prod.env line 3, commit {commit[:7]}",
            "rotate it",
        )

    def test_each_of_several_secrets_is_named(self):
        self.assert_refuses(
            {"a": AWS_KEY, "b": f"\n{GITHUB_TOKEN}\n"},
            "2 secrets found",
            "aws-access-token in a line 1",
            "github-pat in b line 2",
        )

    def test_a_push_without_a_secret_is_accepted(self):
        self.clone.commit({"main.py": "print('hello')\n", "empty": b"", "bytes": bytes(range(256)) * 1000})
        self.assert_accepted(self.push())

    def test_a_secret_that_a_later_commit_removes_is_refused_with_the_commit_that_brought_it(self):
        self.clone.commit({"x": "clean"})
        leak = self.clone.commit({"x": AWS_KEY})
        self.clone.commit({"x": f"{AWS_KEY}\nmore\n"})
        self.clone.commit({"x": "clean again"})
        self.assert_refused(self.push(), "1 secret found", f"commit {leak[:7]}")

    def test_a_secret_that_only_a_merge_brings_is_refused(self):
        self.clone.git("checkout", "-q", "-b", "side")
        self.clone.commit({"side": "x"})
        self.clone.git("checkout", "-q", "trunk")
        self.clone.commit({"main": "x"})
        self.clone.git("merge", "-q", "--no-ff", "--no-commit", "side")
        merge = self.clone.commit({"evil": AWS_KEY})
        self.assertEqual(3, len(self.clone.git("rev-list", "--parents", "-1", "HEAD").stdout.split()))
        self.assert_refused(self.push(), f"in evil line 1, commit {merge[:7]}")

    def test_a_secret_in_the_resolution_of_a_conflict_is_refused(self):
        self.clone.git("checkout", "-q", "-b", "side")
        self.clone.commit({"file": "one\n"})
        self.clone.git("checkout", "-q", "trunk")
        self.clone.commit({"file": "two\n"})
        self.clone.git("merge", "-q", "side", check=False)
        self.assert_refuses({"file": f"{AWS_KEY}\n"}, "in file line 1")

    def test_an_allow_comment_lets_nothing_pass(self):
        self.assert_refuses({"x": f"key={AWS_KEY} # gitleaks:" + "allow\n"})

    def test_ignore_files_and_configurations_in_the_push_let_nothing_pass(self):
        ignores = {".gitleaksignore": "x:aws-access-token:1\n", ".gitleaks.toml": "[allowlist]\npaths = ['.*']\n"}
        self.assert_refuses({**ignores, "x": AWS_KEY}, "in x line 1")

    def test_attributes_let_nothing_pass(self):
        self.assert_refuses({".gitattributes": "* -diff -text binary\n", "x": AWS_KEY}, "in x line 1")

    def test_a_secret_in_a_binary_file_is_refused(self):
        self.assert_refuses({"x.bin": b"\x7fELF\0\1\2\3" * 100 + b"\0" + AWS_KEY.encode() + b"\0\xff\xfe"})

    def test_no_file_type_lets_a_secret_pass(self):
        starts = {
            "a.pdf": b"%PDF-1.7\n",
            "b.png": b"\x89PNG\r\n\x1a\n",
            "c.exe": b"MZ\x90\0",
            "d.zip": b"PK\3\4",
            "e": b"x" * 257 + b"ustar",
        }
        self.assert_refuses(
            {name: start + b" " + AWS_KEY.encode() for name, start in starts.items()},
            *(f"in {name} " for name in starts),
        )

    def test_no_file_name_lets_a_secret_pass(self):
        names = [
            "package-lock.json",
            "go.sum",
            "x.png",
            "node_modules/a/index.js",
            "vendor/github.com/a/b.go",
            "jquery.min.js",
            "gitleaks.toml",
        ]
        self.assert_refuses(
            {name: f"{name} {AWS_KEY}" for name in names}, "7 secrets found", *(f"in {name} line 1" for name in names)
        )

    def test_hashes_in_lock_files_are_no_secrets(self):
        digest = "8Fu8TZy167JkW8Tj3q7dIkr2v4cndv41ouecJx0PAHs="
        module = "cloud.google.com/go/auth v0.13.0"
        self.clone.commit({"go.sum": f"{module} h1:{digest}\n{module}/go.mod h1:{digest}\n"})
        self.assert_accepted(self.push())

    def test_a_kubernetes_secret_is_refused_with_any_file_name(self):
        data = base64.b64encode(b"super" + b"secret" + b"password").decode()
        self.clone.commit({"s.txt": f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  password: {data}\n"})
        self.assertIn("kubernetes-secret-yaml in s.txt", self.push().stderr)

    def test_a_secret_in_a_renamed_file_is_refused(self):
        self.clone.git("mv", "README.md", "other")
        self.assert_refuses({"other": f"hello\n{AWS_KEY}\n"}, "in other line 2")

    def test_a_secret_in_windows_lines_is_refused(self):
        self.assert_refuses({"x": f"a=1\r\nkey={AWS_KEY}\r\n"}, "line 2")

    def test_a_secret_in_utf_16_or_32_is_refused(self):
        encodings = ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        self.assert_refuses(
            {encoding: f"grüße\nkey={AWS_KEY}\n".encode(encoding) for encoding in encodings},
            *(f"in {encoding} line 2" for encoding in encodings),
        )

    def test_a_private_key_over_many_lines_is_refused(self):
        self.assert_refuses({"id": f"x\n{PRIVATE_KEY}"}, "in id line 2", secret=PRIVATE_KEY)

    def test_a_private_key_that_two_commits_complete_is_refused(self):
        first, _ = PRIVATE_KEY.split("\n", 1)
        self.clone.commit({"id": first + "\n"})
        self.assert_refuses({"id": PRIVATE_KEY}, "in id", secret=PRIVATE_KEY)

    def test_a_secret_is_found_wherever_it_stands_in_a_large_file(self):
        # gitleaks reads 100,000 bytes at a time; a plain stream would hide a secret across such a boundary
        places = (10, 30_000, 83_970, 83_980, 99_980, 99_990, 124_985, 199_980, 250_000)
        self.assert_refuses(
            {f"at-{at}": b"=" * at + f" {AWS_KEY} ".encode() + b"=" * 200_000 for at in places},
            f"{len(places)} secrets found",
            *(f"in at-{at} line 1" for at in places),
        )

    def test_a_private_key_is_found_wherever_it_stands_in_a_large_file(self):
        head, *lines, foot = PRIVATE_KEY.splitlines()
        key = "\n".join((head, *lines * 24, foot, "")).encode()
        self.assertGreater(len(key), 12_000)  # like an RSA key of 16384 bits
        places = range(72_000, 104_000, 4_000)
        self.assert_refuses(
            {f"at-{at}": b"=\n" * (at // 2) + key + b"=\n" * 50_000 for at in places},
            *(f"in at-{at} line {at // 2 + 1}" for at in places),
            secret=PRIVATE_KEY,
        )

    def test_an_encoded_secret_is_refused(self):
        self.assert_refuses({"x": base64.b64encode(f"the key is {AWS_KEY} indeed".encode())})

    def test_a_secret_in_an_archive_is_refused(self):
        plain = f"key={AWS_KEY}\n".encode()
        zipped, tarred = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/b.env", plain)
        with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
            member = tarfile.TarInfo("c.zip")
            member.size = len(zipped.getvalue())
            archive.addfile(member, io.BytesIO(zipped.getvalue()))
        self.assert_refuses(
            {"a.jar": zipped.getvalue(), "b": tarred.getvalue(), "c.gz": gzip.compress(plain)},
            *(f"in {name}, in the archive" for name in ("a.jar", "b", "c.gz")),
        )

    def test_a_broken_archive_without_a_secret_is_accepted(self):
        self.clone.commit(
            {"a.gz": gzip.compress(b"hello" * 100)[:-20], "b.zip": b"PK\3\4" + b"x" * 100 + b"PK\5\6" + b"\xff" * 18}
        )
        self.assert_accepted(self.push())

    def test_an_archive_that_unpacks_to_too_much_cannot_be_scanned(self):
        self.clone.commit({"bomb.gz": gzip.compress(b"\n" * (101 << 20), 1)})
        push = self.push()
        self.assertIn("git-gate: push refused: 1 archive cannot be scanned", push.stderr)
        self.assertIn("unreadable-too-large in bomb.gz", push.stderr)
        self.assertNotEqual(0, push.returncode)

    def test_a_file_that_is_too_large_cannot_be_scanned(self):
        self.clone.commit({"big": b"\n" * (51 << 20)})
        self.assertRegex(
            self.push().stderr,
            "git-gate: cannot scan the push: blob [0-9a-f]{7} is larger than 50 MiB; nothing was accepted",
        )

    def test_a_secret_in_a_commit_message_is_refused(self):
        commit = self.clone.commit({"x": "y"}, message=f"subject\n\nuses {AWS_KEY} now")
        self.assert_refused(self.push(), f"in the message or a name, commit {commit[:7]}")

    def test_a_secret_in_an_author_is_refused(self):
        self.clone.commit({"x": "y"}, GIT_AUTHOR_NAME=AWS_KEY)
        self.assert_refused(self.push(), "in the message or a name")

    def test_a_secret_in_a_file_name_is_refused_and_not_repeated(self):
        self.assert_refuses(
            {f"a {AWS_KEY} b/{AWS_KEY}": f"key={AWS_KEY}\n"}, "in the name of a file", "in a file line 1"
        )

    def test_a_secret_in_the_name_of_a_branch_is_refused_and_not_logged(self):
        self.clone.commit({"x": "y"})
        push = self.clone.push(f"HEAD:refs/heads/{AWS_KEY}")
        # git repeats the name, our own lines must not
        ours = "\n".join(line for line in push.stderr.splitlines() if "git-gate:" in line)
        self.assertIn("aws-access-token in the name of a branch or tag", ours)
        self.assertNotIn(AWS_KEY, ours + self.sandbox.log())
        self.assertNotIn(AWS_KEY, str(self.sandbox.refs(self.sandbox.upstream)))

    def test_a_secret_in_the_message_of_a_tag_is_refused(self):
        self.clone.git("tag", "-a", "leaky", "-m", f"v1 {AWS_KEY}")
        self.assert_refused(self.clone.push("leaky"), "in the message or name of a tag", ref="refs/tags/leaky")

    def test_a_tag_on_a_bare_blob_is_scanned(self):
        (self.clone.path / "x").write_text(AWS_KEY)
        blob = self.clone.git("hash-object", "-w", "x").stdout.strip()
        self.clone.git("tag", "blob", blob)
        self.assert_refused(self.clone.push("blob"), ref="refs/tags/blob")
        self.clone.git("tag", "-a", "-m", "m", "tagged-blob", blob)
        self.assert_refused(self.clone.push("tagged-blob"), ref="refs/tags/tagged-blob")

    def test_a_tag_on_a_commit_that_no_branch_has_is_scanned(self):
        self.clone.commit({"x": AWS_KEY})
        self.clone.git("tag", "light")
        self.assert_refused(self.clone.push("light"), "in x line 1", ref="refs/tags/light")

    def test_a_root_commit_is_scanned(self):
        self.clone.git("checkout", "-q", "--orphan", "new")
        self.assert_refuses({"x": AWS_KEY}, "in x line 1")

    def test_every_branch_of_a_push_is_scanned_and_all_are_refused(self):
        self.clone.commit({"x": "clean"})
        clean = self.clone.head()
        self.clone.commit({"x": AWS_KEY})
        push = self.clone.push(f"{clean}:{self.branch}-clean", f"HEAD:{self.branch}")
        self.assert_refused(push, "in x line 1")
        self.assertNotIn(f"{self.branch}-clean", self.sandbox.refs(self.sandbox.upstream))

    def test_what_was_refused_once_is_refused_again(self):
        self.assert_refuses({"x": AWS_KEY})
        self.assert_refused(self.push())
        self.clone.commit({"y": "on top"})
        self.assert_refused(self.push(), "in x line 1")

    def test_refs_other_than_branches_and_tags_are_refused(self):
        self.clone.commit({"x": "clean"})
        for ref in ("refs/notes/commits", f"refs/replace/{self.clone.head()}", "refs/x/y"):
            with self.subTest(ref):
                push = self.clone.push(f"HEAD:{ref}")
                self.assertIn("git-gate: push refused: only branches and tags pass", push.stderr)
                self.assertNotIn(ref, self.sandbox.refs(self.sandbox.repo))

    def test_credentials_in_the_url_of_a_submodule_are_refused(self):
        self.assert_refuses(
            {".gitmodules": f'[submodule "a"]\n\tpath = a\n\turl = https://x:{GITHUB_TOKEN}@example.com/a.git\n'},
            "in .gitmodules line 3",
            secret=GITHUB_TOKEN,
        )

    def test_a_line_that_the_same_file_has_upstream_already_does_not_refuse(self):
        self.clone.commit({"legacy.env": f"a=2\nmore\nkey={AWS_KEY}\n"})
        self.assert_accepted(self.push())

    def test_windows_lines_that_the_same_file_has_upstream_already_do_not_refuse(self):
        self.clone.commit({"windows.pem": f"more\r\n{self.FILES['windows.pem']}"})
        self.assert_accepted(self.push())

    def test_a_secret_that_is_known_upstream_in_another_file_is_refused(self):
        self.assert_refuses({"another": f"key={AWS_KEY}\n"}, "in another line 1")

    def test_a_second_secret_in_a_file_that_has_one_upstream_is_refused(self):
        self.assert_refuses(
            {"legacy.env": f"a=1\nkey={AWS_KEY}\n{GITHUB_TOKEN}\n"},
            "1 secret found",
            "in legacy.env line 3",
            secret=GITHUB_TOKEN,
        )

    def test_control_characters_in_a_file_name_are_replaced(self):
        self.clone.commit({"a\x1b[31m\nb": AWS_KEY})
        push = self.push()
        self.assertIn("in a?[31m", push.stderr)
        self.assertNotIn("\x1b[31m", push.stderr)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class MirrorTest(unittest.TestCase):
    def start(self, **kwargs):
        sandbox = Sandbox(self, **kwargs)
        sandbox.seed()
        return sandbox.start()

    def assert_same(self, sandbox):
        self.assertEqual(sandbox.refs(sandbox.upstream), sandbox.refs(sandbox.repo))

    def test_a_clean_push_is_in_the_gate_and_upstream_and_in_the_log(self):
        sandbox = self.start()
        clone = sandbox.clone()
        commit = clone.commit({"x": "y"})
        clone.git("tag", "-a", "v1", "-m", "one")
        clone.push("trunk", "v1", check=True)
        self.assertEqual(commit, sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
        self.assertIn("refs/tags/v1", sandbox.refs(sandbox.upstream))
        self.assert_same(sandbox)
        self.assertRegex(
            sandbox.log(), f"git-gate: accepted refs/heads/trunk [0-9a-f]{{7}}..{commit[:7]}, refs/tags/v1 0000000"
        )

    def test_a_clone_has_the_default_branch_and_the_newest_commit_of_the_upstream(self):
        sandbox = self.start()
        self.assertEqual("trunk", sandbox.clone().git("branch", "--show-current").stdout.strip())
        theirs = sandbox.clone(str(sandbox.upstream))
        newest = theirs.commit({"new": "x"})
        theirs.git("push", "-q", "origin", "trunk")
        self.assertEqual(newest, sandbox.clone().head())

    def test_a_branch_that_the_upstream_deletes_disappears_from_the_gate(self):
        sandbox = self.start()
        sandbox.git("branch", "old", "trunk", cwd=sandbox.upstream)
        self.assertIn("origin/old", sandbox.clone().git("branch", "-r").stdout)
        sandbox.git("branch", "-D", "old", cwd=sandbox.upstream)
        self.assertNotIn("origin/old", sandbox.clone().git("branch", "-r").stdout)

    def test_history_that_the_upstream_has_is_not_scanned(self):
        sandbox = Sandbox(self)
        sandbox.seed({"old": AWS_KEY})
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        clone.push("trunk", check=True)
        self.assert_same(sandbox)

    def test_a_push_to_a_branch_that_has_moved_upstream_is_refused(self):
        sandbox = self.start()
        mine, theirs = sandbox.clone(), sandbox.clone(str(sandbox.upstream))
        theirs.commit({"theirs": "x"})
        theirs.git("push", "-q", "origin", "trunk")
        mine.commit({"mine": "x"})
        push = mine.push("trunk")
        self.assertIn("fetch first", push.stderr)
        self.assertEqual(theirs.head(), sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
        mine.git("pull", "-q", "--rebase", sandbox.url, "trunk")
        mine.push("trunk", check=True)
        self.assert_same(sandbox)

    def test_a_forced_push_replaces_the_branch_upstream(self):
        sandbox = self.start()
        clone = sandbox.clone()
        clone.commit({"x": "1"})
        clone.push("trunk", check=True)
        clone.git("commit", "-q", "--amend", "-m", "other")
        self.assertNotEqual(0, clone.push("trunk").returncode)
        clone.push("--force", "trunk", check=True)
        self.assertEqual(clone.head(), sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
        self.assert_same(sandbox)

    def test_any_branch_can_be_deleted(self):
        sandbox = self.start()
        sandbox.git("config", "receive.denyDeleteCurrent", "ignore", cwd=sandbox.upstream)
        clone = sandbox.clone()
        clone.push("trunk:side", check=True)
        clone.push(":side", check=True)
        self.assertNotIn("refs/heads/side", sandbox.refs(sandbox.upstream))
        clone.push(":trunk", check=True)
        self.assertEqual({}, sandbox.refs(sandbox.upstream))
        self.assert_same(sandbox)

    def test_a_push_that_the_upstream_refuses_is_refused_completely_with_its_message(self):
        sandbox = self.start()
        hook = sandbox.upstream / "hooks/update"
        hook.write_text('#!/bin/sh\necho "$1 is protected"\ncase $1 in */trunk) exit 1;; esac\n')
        hook.chmod(0o755)
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        before = sandbox.refs(sandbox.upstream)
        push = clone.push("trunk", "trunk:side")
        self.assertNotEqual(0, push.returncode)
        self.assertIn("git-gate: push refused: the upstream did not take it", push.stderr)
        self.assertIn("refs/heads/trunk is protected", push.stderr)
        self.assertEqual(before, sandbox.refs(sandbox.upstream))
        self.assert_same(sandbox)

    def test_while_the_upstream_is_unreachable_clones_are_served_and_pushes_refused(self):
        sandbox = self.start()
        clone = sandbox.clone()
        before = sandbox.refs(sandbox.repo)
        sandbox.upstream.rename(sandbox.directory / "away")
        clone.commit({"x": "y"})
        push = clone.push("trunk")
        self.assertNotEqual(0, push.returncode)
        self.assertIn("git-gate: push refused: the upstream did not take it", push.stderr)
        self.assertEqual(before, sandbox.refs(sandbox.repo))
        self.assertTrue(sandbox.clone().head())
        self.assertIn("git-gate: cannot fetch from the upstream, serving what is here: ", sandbox.log())

    def test_without_an_upstream_pushes_stay_in_the_gate(self):
        sandbox = Sandbox(self, upstream=False).start()
        self.assertIn("git-gate: no upstream, pushes stay here", sandbox.log())
        clone = sandbox.clone()
        clone.git("checkout", "-q", "-b", "main")
        commit = clone.commit({"x": "y"})
        clone.push("main", check=True)
        self.assertEqual(commit, sandbox.clone().head())
        clone.commit({"x": AWS_KEY})
        self.assertIn("push refused: 1 secret found", clone.push("main").stderr)

    def test_concurrent_pushes_and_clones_all_succeed(self):
        sandbox = self.start()
        clones = [sandbox.clone() for _ in range(4)]
        results = []

        def push(number, clone):
            for step in range(3):
                clone.commit({f"{number}-{step}": "x"})
                results.append(clone.push(f"HEAD:refs/heads/b{number}"))
                results.append(sandbox.git("ls-remote", sandbox.url))

        threads = [threading.Thread(target=push, args=args) for args in enumerate(clones)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], [result.stderr for result in results if result.returncode != 0])
        self.assertEqual(24, len(results))
        self.assertEqual(
            {f"refs/heads/b{number}": clone.head() for number, clone in enumerate(clones)},
            {ref: sha for ref, sha in sandbox.refs(sandbox.upstream).items() if "/b" in ref},
        )
        self.assert_same(sandbox)

    def test_no_fetch_happens_between_the_update_of_the_upstream_and_that_of_the_gate(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        app = sandbox.directory / "app"
        shutil.copytree(APP, app)
        arrived, go = sandbox.directory / "arrived", sandbox.directory / "go"
        update = app / "hooks/update"  # git runs it after pre-receive, before it updates the refs
        update.write_text(f"#!/bin/sh\n: >{arrived}\nwhile ! [ -e {go} ]; do sleep 0.02; done\n")
        update.chmod(0o755)
        sandbox.gate_environment["GIT_GATE_APP"] = str(app)
        sandbox.start()
        clone = sandbox.clone()
        commit = clone.commit({"x": "y"})
        push = clone.start_push("trunk")
        wait_until(arrived.exists, "the push has reached the upstream")
        self.assertEqual(commit, sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
        with (sandbox.repo / "git-gate.lock").open("w") as lock:
            with self.assertRaises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            go.touch()
            self.assertEqual(0, push.wait(LIMIT))
        wait_until(lambda: len(processes_of_session(sandbox.gate.pid)) == 1, "the lock is released")
        self.assert_same(sandbox)

    def test_of_two_pushes_of_one_branch_one_wins_and_gate_and_upstream_agree(self):
        sandbox = self.start()
        clones = [sandbox.clone(), sandbox.clone()]
        results = [None, None]

        def push(number):
            clones[number].commit({f"{number}": "x"})
            results[number] = clones[number].push("trunk").returncode == 0

        threads = [threading.Thread(target=push, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([False, True], sorted(results))
        self.assertEqual(clones[results.index(True)].head(), sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
        self.assert_same(sandbox)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class ScanErrorTest(unittest.TestCase):
    """A scan that did not complete refuses the push."""

    def test_a_failure_of_gitleaks_refuses_the_push(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        fake = sandbox.directory / "gitleaks"
        fake.write_text(f'#!/bin/sh\nexec {GITLEAKS} "$@"\n')
        fake.chmod(0o755)
        sandbox.gate_environment |= {"GITLEAKS_BIN": str(fake), "GIT_GATE_SCAN_SECONDS": "1"}
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({"x": "clean"})
        before = sandbox.refs(sandbox.upstream)
        failures = {
            "exits with 0 without a look": "cat >/dev/null; echo '[]'",
            "exits with 1": "exit 1",
            "exits with 126": "exit 126",
            "is killed": "kill -9 $$",
            "says leaks but reports none": "cat >/dev/null; echo '[]'; exit 3",
            "reports nonsense": "cat >/dev/null; echo no; exit 3",
            "complains": f'{GITLEAKS} "$@"; code=$?; echo trouble >&2; exit $code',
            "never ends": "exec sleep 1000",
            "has lost its rules": f'set -- $(echo " $*" | sed \'s# --config [^ ]*##\'); exec {GITLEAKS} "$@"',
        }
        for how, script in failures.items():
            with self.subTest(how):
                fake.write_text(f"#!/bin/sh\n{script}\n")
                push = clone.push("trunk")
                self.assertNotEqual(0, push.returncode)
                self.assertRegex(push.stderr, "git-gate: cannot scan the push: .+; nothing was accepted")
                self.assertNotIn("Traceback", push.stderr)
                self.assertEqual(before, sandbox.refs(sandbox.upstream))
                self.assertEqual(before, sandbox.refs(sandbox.repo))
        with self.subTest("is missing"):
            fake.unlink()
            self.assertRegex(
                clone.push("trunk").stderr, "git-gate: cannot scan the push: gitleaks: .+; nothing was accepted"
            )
            self.assertEqual(before, sandbox.refs(sandbox.upstream))


@unittest.skipIf(MISSING, f"needs {MISSING}")
class DaemonTest(unittest.TestCase):
    def test_only_the_two_repositories_are_reachable_and_health_takes_no_push(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        sandbox.git("clone", "-q", "--bare", str(sandbox.upstream), str(sandbox.home / "other.git"))
        sandbox.start()
        base = f"git://127.0.0.1:{sandbox.port}"
        for path in ("/other.git", "/", "/repo", "/repo.git/../other.git", str(sandbox.upstream), "/~root/x.git"):
            with self.subTest(path):
                self.assertNotEqual(0, sandbox.git("ls-remote", base + path, check=False).returncode)
        self.assertNotEqual(0, sandbox.clone().git("push", base + "/health.git", "trunk", check=False).returncode)
        self.assertEqual({}, sandbox.refs(sandbox.home / "health.git"))

    def test_the_health_probe_does_not_ask_the_upstream(self):
        sandbox = Sandbox(self)
        sandbox.start()
        wait_until(lambda: "first fetch from the upstream has ended" in sandbox.log(), "the gate itself has fetched")
        sandbox.upstream.rename(sandbox.directory / "away")
        self.assertTrue(sandbox.healthy())
        self.assertNotIn("cannot fetch", sandbox.log())

    def test_term_ends_it_at_once_and_leaves_no_process(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        clone.push("trunk", check=True)
        wait_until(lambda: len(processes_of_session(sandbox.gate.pid)) == 1, "only the daemon is left after a push")
        self.assertIn("git-daemon", processes_of_session(sandbox.gate.pid)[0][1])
        sandbox.gate.terminate()
        self.assertEqual(-signal.SIGTERM, sandbox.gate.wait(LIMIT))
        self.assertEqual([], processes_of_session(sandbox.gate.pid))

    def test_a_stop_in_the_middle_of_a_scan_ends_it_and_nothing_is_accepted(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        fake = sandbox.directory / "gitleaks"
        fake.write_text("#!/bin/sh\ncase $* in *report*) exec sleep 1000;; esac\n")
        fake.chmod(0o755)
        sandbox.gate_environment["GITLEAKS_BIN"] = str(fake)
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        before = sandbox.refs(sandbox.repo)
        push = clone.start_push("trunk", stderr=subprocess.DEVNULL)
        wait_until(
            lambda: any("sleep" in command for _, command in processes_of_session(sandbox.gate.pid)), "the scan runs"
        )
        os.killpg(sandbox.gate.pid, signal.SIGTERM)
        self.assertNotEqual(0, push.wait(LIMIT))
        sandbox.gate.wait(LIMIT)
        wait_until(
            lambda: not [state for state, _ in processes_of_session(sandbox.gate.pid) if state != "Z"], "all are gone"
        )
        self.assertEqual(before, sandbox.refs(sandbox.repo))

    def test_a_restart_keeps_the_repository_and_clears_what_a_killed_push_left(self):
        sandbox = Sandbox(self, upstream=False).start()
        clone = sandbox.clone()
        clone.git("checkout", "-q", "-b", "main")
        clone.commit({"x": "y"})
        clone.push("main", check=True)
        sandbox.kill()
        quarantine = sandbox.repo / "objects/tmp_objdir-incoming-x"
        quarantine.mkdir()
        sandbox.start()
        self.assertEqual(clone.head(), sandbox.clone().head())
        self.assertFalse(quarantine.exists())


@unittest.skipIf(MISSING, f"needs {MISSING}")
class ConfigurationTest(unittest.TestCase):
    def assert_cannot_start(self, words, **environment):
        sandbox = Sandbox(self, **environment)
        self.assert_refuses_to_start(sandbox, words)

    def assert_refuses_to_start(self, sandbox, words):
        done = sandbox.cannot_start()
        self.assertNotEqual(0, done.returncode)
        self.assertRegex(done.stderr, f"\\Acannot start git-gate: .*{words}.*\n\\Z")

    def test_a_missing_home_is_refused(self):
        self.assert_cannot_start("HOME .* is not a writable directory", HOME="/nonexistent")

    def test_a_missing_gitleaks_is_refused(self):
        self.assert_cannot_start("not found", GITLEAKS_BIN="/nonexistent")

    def test_a_missing_gitleaks_configuration_is_refused(self):
        self.assert_cannot_start("cannot read /nonexistent", GIT_GATE_GITLEAKS_CONFIG="/nonexistent")

    def test_a_configuration_that_gitleaks_rejects_is_refused(self):
        self.assert_cannot_start("gitleaks refuses", GIT_GATE_GITLEAKS_CONFIG=__file__)

    def test_a_missing_key_is_refused(self):
        self.assert_cannot_start(
            "cannot read /nonexistent",
            CLAUDE_BOTTLE_GIT_UPSTREAM="git@example.com:a.git",
            CLAUDE_BOTTLE_GIT_SSH_KEY="/nonexistent",
        )

    def test_ssh_without_key_or_known_hosts_is_refused(self):
        self.assert_cannot_start(
            "needs CLAUDE_BOTTLE_GIT_SSH_KEY", CLAUDE_BOTTLE_GIT_UPSTREAM="ssh://git@example.com/a.git"
        )

    def test_a_url_of_an_unknown_kind_is_refused(self):
        for url in (
            "ftp://example.com/a",
            "http://example.com/a",
            "ext::sh -c x",
            "-oProxyCommand=x@y:z",
            "relative/path",
        ):
            with self.subTest(url):
                self.assert_cannot_start("CLAUDE_BOTTLE_GIT_UPSTREAM is not one of", CLAUDE_BOTTLE_GIT_UPSTREAM=url)

    def test_credentials_in_the_url_are_refused_and_not_repeated(self):
        sandbox = Sandbox(self, CLAUDE_BOTTLE_GIT_UPSTREAM="https://me:hunter2@example.com/a.git")
        self.assert_refuses_to_start(sandbox, "contains credentials")
        self.assertNotIn("hunter2", sandbox.cannot_start().stderr)

    def test_the_repository_of_another_upstream_is_refused(self):
        sandbox = Sandbox(self, upstream=False).start()
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        clone.push("HEAD:refs/heads/main", check=True)
        sandbox.kill()
        sandbox.gate_environment["CLAUDE_BOTTLE_GIT_UPSTREAM"] = str(sandbox.upstream)
        self.assert_refuses_to_start(sandbox, "is the mirror of another upstream")
        self.assertIn("refs/heads/main", sandbox.refs(sandbox.repo))

    def test_git_variables_in_the_environment_are_ignored(self):
        sandbox = Sandbox(self, GIT_DIR="/nonexistent", GIT_OBJECT_DIRECTORY="/nonexistent", GIT_CONFIG_COUNT="x")
        sandbox.seed()
        sandbox.start()
        self.assertTrue(sandbox.clone().head())


if __name__ == "__main__":
    unittest.main()
