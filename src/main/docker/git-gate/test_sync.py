"""Tests git-gate's fetches from the upstream and pushes to it: their limits, and what they leave when they fail."""

import http.server
import os
import subprocess
import threading
import unittest

from gate import MISSING, Sandbox, processes_of_session
from support import LIMIT, make_origin_ca, require, wait_until


class Upstream:
    """Makes the upstream of a sandbox stop in the middle of sending a pack, until `go` exists."""

    def __init__(self, sandbox, before="", after='exec "$@"'):
        self.sandbox = sandbox
        self.go = sandbox.directory / "go"
        self.arrived = sandbox.directory / "arrived"
        hook = sandbox.directory / "pack-objects"
        hook.write_text(
            # not often: computing counts as progress
            f"#!/bin/sh\necho >>{self.arrived}\n{before}\nwhile ! [ -e {self.go} ]; do sleep 0.5; done\n{after}\n"
        )
        hook.chmod(0o755)
        # git's own hook for tests like these; it is only read from the user's configuration
        (sandbox.home / ".gitconfig").write_text(f"[uploadpack]\n\tpackObjectsHook = {hook}\n")

    def fetches(self):
        return self.arrived.read_text().count("\n") if self.arrived.exists() else 0


def leftovers(repository):
    return sorted(
        str(path.relative_to(repository))
        for path in repository.rglob("*")
        if path.name.startswith(("tmp_", ".tmp-"))
        or (path.suffix in (".lock", ".keep") and not path.name.startswith("git-gate."))
    )


def litter(repository):
    """Makes what killed git processes leave."""
    for name in (
        "objects/pack/tmp_pack_x1",
        "objects/pack/tmp_idx_x2",
        "objects/pack/.tmp-77-pack-ab.pack",
        "objects/pack/pack-ab.keep",
        "objects/ab/tmp_obj_x3",
        "packed-refs.lock",
        "shallow.lock",
        "HEAD.lock",
        "refs/heads/a/b.lock",
    ):
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class FirstFetchTest(unittest.TestCase):
    def sandbox(self, **environment):
        sandbox = Sandbox(self, **environment)
        sandbox.seed()
        return sandbox

    def assert_not_served(self, sandbox, *words):
        for client in (sandbox.git("ls-remote", sandbox.url, check=False), self.push_something(sandbox)):
            self.assertNotEqual(0, client.returncode)
            self.assertIn("remote error: git-gate: the upstream has never been fetched completely, ", client.stderr)
            for word in words:
                self.assertIn(word, client.stderr)

    def push_something(self, sandbox):
        return sandbox.clone(str(sandbox.upstream)).push("trunk:other")

    def test_it_begins_with_the_gate_and_needs_no_client(self):
        sandbox = self.sandbox().start()
        wait_until(lambda: "first fetch from the upstream has ended" in sandbox.log(), "the first fetch has ended")
        self.assertEqual(sandbox.refs(sandbox.upstream), sandbox.refs(sandbox.repo))

    def test_while_it_runs_the_gate_is_healthy_and_clients_get_its_progress_and_start_no_other(self):
        sandbox = self.sandbox(GIT_GATE_WAIT_SECONDS="1")
        upstream = Upstream(sandbox, before='printf "Counting objects:  45%% (9/20)\\r" >&2')
        sandbox.start()
        wait_until(upstream.fetches, "the first fetch runs")  # so its lock exists
        wait_until(lambda: "45%" in (sandbox.repo / "git-gate.lock").read_text(), "the fetch says how far it is")
        self.assertTrue(sandbox.healthy())
        self.assert_not_served(
            sandbox, "a fetch from the upstream is in progress: remote: Counting objects:  45% (9/20)"
        )
        self.assertEqual(1, upstream.fetches())
        upstream.go.touch()
        wait_until(lambda: "first fetch from the upstream has ended" in sandbox.log(), "the first fetch has ended")
        self.assertTrue(sandbox.clone().head())

    def test_a_client_that_waits_long_enough_is_served_all_of_it(self):
        sandbox = self.sandbox()
        upstream = Upstream(sandbox)
        sandbox.start()
        wait_until(upstream.fetches, "the first fetch runs")
        listed = []
        client = threading.Thread(target=lambda: listed.append(sandbox.git("ls-remote", sandbox.url).stdout))
        client.start()
        wait_until(
            lambda: any("access-hook" in command for _, command in processes_of_session(sandbox.gate.pid)), "it waits"
        )
        upstream.go.touch()
        client.join(LIMIT)
        self.assertIn("refs/heads/trunk", listed[0])
        self.assertEqual(1, upstream.fetches())

    def test_after_a_failure_nothing_is_served_until_the_next_client_has_fetched_it(self):
        sandbox = self.sandbox()
        away = sandbox.directory / "away"
        sandbox.upstream.rename(away)
        sandbox.start()
        wait_until(lambda: "git-gate: cannot fetch from the upstream: " in sandbox.log(), "the first fetch has failed")
        clone = sandbox.git("clone", "-q", sandbox.url, str(sandbox.directory / "clone"), check=False)
        self.assertNotEqual(0, clone.returncode)
        self.assertIn("never been fetched completely", clone.stderr)
        self.assertIn("does not appear to be a git repository", clone.stderr)
        away.rename(sandbox.upstream)
        self.assertTrue(sandbox.clone().head())

    def test_an_upstream_that_stops_sending_is_given_up_and_leaves_nothing(self):
        sandbox = self.sandbox(GIT_GATE_STALL_SECONDS="2", GIT_GATE_WAIT_SECONDS="1")
        theirs = sandbox.clone(str(sandbox.upstream))
        theirs.commit({f"file{number}": os.urandom(2000) for number in range(200)})
        theirs.git("push", "-q", "origin", "trunk")
        upstream = Upstream(sandbox, before='"$@" >"$0.pack"; head -c 200000 "$0.pack"; sleep 0.2', after="")
        sandbox.start()
        wait_until(
            lambda: "git-gate: cannot fetch from the upstream: git fetch: no progress for 2 s" in sandbox.log(),
            "it is given up",
        )
        self.assertEqual([], leftovers(sandbox.repo))
        self.assertEqual(1, upstream.fetches())

    def assert_fetched_after(self, work):
        """A first fetch from an upstream that works for longer than a stall would last, in these shell commands."""
        sandbox = self.sandbox(GIT_GATE_STALL_SECONDS="2")
        Upstream(sandbox, before=work).go.touch()
        sandbox.start()
        wait_until(
            lambda: "first fetch from the upstream has ended after " in sandbox.log(), "the first fetch has ended"
        )
        self.assertNotIn("cannot fetch", sandbox.log())

    def test_a_slow_one_takes_as_long_as_it_makes_progress(self):
        self.assert_fetched_after("for n in 1 2 3 4 5 6 7; do printf 'Counting objects: %d\\r' $n >&2; sleep 0.5; done")

    def test_computing_without_a_word_is_progress_too(self):
        self.assert_fetched_after(
            "i=0; end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do i=$((i + 1)); done"
        )

    def test_it_ends_with_the_gate(self):
        sandbox = self.sandbox()
        upstream = Upstream(sandbox)
        sandbox.start()
        wait_until(upstream.fetches, "the first fetch runs")
        sandbox.gate.terminate()
        sandbox.gate.wait(LIMIT)
        wait_until(
            lambda: not [c for s, c in processes_of_session(sandbox.gate.pid) if s != "Z" and "fetch" in c],
            "no fetch is left",
        )

    def test_an_empty_upstream_is_fetched_completely_too_and_takes_a_push(self):
        sandbox = Sandbox(self).start()
        clone = sandbox.clone()
        clone.git("checkout", "-q", "-b", "trunk")
        clone.commit({"x": "y"})
        clone.push("trunk", check=True)
        self.assertEqual(clone.head(), sandbox.refs(sandbox.upstream)["refs/heads/trunk"])


@unittest.skipIf(MISSING, f"needs {MISSING}")
class LaterFetchTest(unittest.TestCase):
    def start(self, **environment):
        sandbox = Sandbox(self, **environment)
        sandbox.seed()
        sandbox.start().clone()
        return sandbox

    def test_a_client_that_waits_too_long_is_served_what_is_here_and_the_fetch_goes_on(self):
        sandbox = self.start(GIT_GATE_WAIT_SECONDS="1")
        theirs = sandbox.clone(str(sandbox.upstream))
        newest = theirs.commit({"new": "x"})
        theirs.git("push", "-q", "origin", "trunk")
        upstream = Upstream(sandbox)
        listed = sandbox.git("ls-remote", sandbox.url, "refs/heads/trunk").stdout
        self.assertNotIn(newest, listed)
        self.assertIn("refs/heads/trunk", listed)
        self.assertIn(
            "git-gate: a client no longer waits for a fetch: a fetch from the upstream is in progress", sandbox.log()
        )
        upstream.go.touch()
        wait_until(lambda: sandbox.refs(sandbox.repo)["refs/heads/trunk"] == newest, "the fetch has ended")

    def test_a_failed_fetch_leaves_nothing_and_what_is_here_is_served(self):
        sandbox = self.start()
        litter(sandbox.repo)
        sandbox.upstream.rename(sandbox.directory / "away")
        self.assertTrue(sandbox.git("ls-remote", sandbox.url).stdout)
        self.assertIn("git-gate: cannot fetch from the upstream, serving what is here: ", sandbox.log())
        self.assertEqual([], leftovers(sandbox.repo))

    def test_a_start_removes_what_killed_processes_left_and_keeps_branches_with_such_names(self):
        sandbox = self.start()
        sandbox.git("branch", "tmp_obj_x", "trunk", cwd=sandbox.upstream)
        sandbox.clone()
        sandbox.kill()
        litter(sandbox.repo)
        (sandbox.repo / "objects/tmp_objdir-incoming-x/pack").mkdir(parents=True)
        sandbox.start()
        self.assertEqual(["refs/heads/tmp_obj_x"], leftovers(sandbox.repo))
        self.assertTrue(sandbox.clone().head())


@unittest.skipIf(MISSING, f"needs {MISSING}")
class PushTest(unittest.TestCase):
    def start(self, hook, **environment):
        sandbox = Sandbox(self, **environment)
        sandbox.seed()
        update = sandbox.upstream / "hooks/update"
        update.write_text(f"#!/bin/sh\n{hook}\n")
        update.chmod(0o755)
        return sandbox.start()

    def test_a_push_takes_as_long_as_the_upstream_makes_progress(self):
        sandbox = self.start("for n in 1 2 3 4 5 6 7; do echo step $n; sleep 0.5; done", GIT_GATE_STALL_SECONDS="2")
        clone = sandbox.clone()
        commit = clone.commit({"x": "y"})
        clone.push("trunk", check=True)
        self.assertEqual(commit, sandbox.refs(sandbox.upstream)["refs/heads/trunk"])

    def test_a_push_without_progress_is_refused(self):
        sandbox = self.start("exec sleep 1000", GIT_GATE_STALL_SECONDS="2")
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        push = clone.push("trunk")
        self.assertNotEqual(0, push.returncode)
        self.assertIn("git-gate: push refused: the upstream did not take it", push.stderr)
        self.assertIn("git push: no progress for 2 s", push.stderr)

    def test_the_progress_of_git_is_not_part_of_the_reason_of_a_refusal(self):
        sandbox = self.start('echo "no: 5"; exit 1')
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        ours = [line for line in clone.push("trunk").stderr.splitlines() if "git-gate: " in line]
        self.assertIn("remote: git-gate:   remote: no: 5", "\n".join(ours))
        self.assertNotRegex("\n".join(ours), "objects: |Total |Delta ")

    def test_a_push_waits_for_the_one_before_it_and_says_so(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        go, arrived = sandbox.directory / "go", sandbox.directory / "arrived"
        update = sandbox.upstream / "hooks/update"
        update.write_text(
            f"#!/bin/sh\ncase $1 in *one) : >{arrived}; echo busy; while ! [ -e {go} ]; do sleep 0.02; done;; esac\n"
        )
        update.chmod(0o755)
        sandbox.gate_environment["GIT_GATE_WAIT_SECONDS"] = "1"
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({"x": "y"})
        pushes = []

        def push(branch):
            with (sandbox.directory / branch).open("w") as log:
                pushes.append(clone.start_push(f"trunk:{branch}", stderr=log))

        push("one")
        wait_until(arrived.exists, "the first push has reached the upstream")
        push("two")
        wait_until(
            lambda: (
                "git-gate: waiting: a push to the upstream is in progress" in (sandbox.directory / "two").read_text()
            ),
            "the second waits",
        )
        go.touch()
        self.assertEqual([0, 0], [push.wait(LIMIT) for push in pushes])


@unittest.skipIf(MISSING, f"needs {MISSING}")
class HttpsTest(unittest.TestCase):
    def upstream(self, sandbox):
        """git's own server for http, behind TLS with a CA of its own."""
        require("openssl")
        ca, context = make_origin_ca(sandbox.directory)
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(sandbox.directory),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "me",
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=self.body(),
                    capture_output=True,
                    env=environment
                    | {
                        "REQUEST_METHOD": self.command,
                        "PATH_INFO": path,
                        "QUERY_STRING": query,
                        "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                        "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                        "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    },
                )
                headers, _, body = done.stdout.partition(b"\r\n\r\n")
                length = f"Content-Length: {len(body)}".encode()
                self.wfile.write(b"\r\n".join((b"HTTP/1.0 200 OK", headers, length, b"", body)))

            do_POST = do_GET

            def body(self):
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                chunks = []
                while size := int(self.rfile.readline(), 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                return b"".join(chunks)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        sandbox.git("config", "http.receivepack", "true", cwd=sandbox.upstream)
        sandbox.gate_environment["CLAUDE_BOTTLE_GIT_UPSTREAM"] = (
            f"https://localhost:{server.server_address[1]}/upstream.git"
        )
        return ca

    def test_the_certificates_of_ssl_cert_file_are_trusted_and_no_others(self):
        for variable, trusted in (("SSL_CERT_FILE", True), ("UNUSED", False)):
            with self.subTest(trusted=trusted):
                sandbox = Sandbox(self)
                sandbox.seed()
                sandbox.gate_environment[variable] = str(self.upstream(sandbox))
                sandbox.start()
                listed = sandbox.git("ls-remote", sandbox.url, check=False)
                self.assertEqual(trusted, listed.returncode == 0, listed.stderr)
                if trusted:
                    clone = sandbox.clone()
                    clone.commit({"x": "y"})
                    clone.push("trunk", check=True)
                    self.assertEqual(clone.head(), sandbox.refs(sandbox.upstream)["refs/heads/trunk"])
                else:
                    self.assertIn("certificate", listed.stderr)

    def test_a_file_that_cannot_be_read_is_refused(self):
        done = Sandbox(self, SSL_CERT_FILE="/nonexistent").cannot_start()
        self.assertEqual("cannot start git-gate: cannot read /nonexistent\n", done.stderr)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class LimitsTest(unittest.TestCase):
    def test_a_limit_that_is_no_number_is_refused(self):
        for name in ("GIT_GATE_SCAN_SECONDS", "GIT_GATE_STALL_SECONDS", "GIT_GATE_WAIT_SECONDS", "GIT_GATE_PUSH_MIB"):
            for value in ("0", "-1", "1.5", "5m", "1e3", "100000", " 5"):
                with self.subTest(name, value=value):
                    done = Sandbox(self, **{name: value}).cannot_start()
                    self.assertNotEqual(0, done.returncode)
                    self.assertEqual(
                        f"cannot start git-gate: {name} ({value}) is not a number from 1 to 9999\n", done.stderr
                    )


if __name__ == "__main__":
    unittest.main()
