"""await-guard in a network of its own, in which the test decides what answers. Its egress is the real one."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import namespaces
import support

PROGRAM = support.DOCKER / "kubernetes/await-guard"
GUARD, API_SERVER, CLUSTER_DNS, NAME_SERVER = "10.96.3.4", "10.96.0.1", "10.96.0.10", "10.96.0.53"
PUBLIC, OTHER_PUBLIC, METADATA, NODE = "1.1.1.1", "8.8.8.8", "169.254.169.254", "10.0.0.7"
# runs it with other constants: python3 -c … FILE NAME=SECONDS… -- ARGUMENT…
CHANGED = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("await_guard", sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("await_guard", loader))
loader.exec_module(module)
end = sys.argv.index("--")
for constant in sys.argv[2:end]:
    name, _, value = constant.partition("=")
    assert hasattr(module, name)
    setattr(module, name, int(value))
sys.argv[1:] = sys.argv[end + 1:]
module.main()
"""
PYTHON = [sys.executable, "-I", "-S", "-B"]


def setUpModule():
    support.require("git", "mitmdump", "ip", "unshare")
    directory = tempfile.mkdtemp()
    unittest.addModuleCleanup(shutil.rmtree, directory)
    namespaces.enter([], directory)
    for address in (GUARD, API_SERVER, CLUSTER_DNS, NAME_SERVER, PUBLIC, OTHER_PUBLIC, METADATA, NODE):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    names = pathlib.Path(directory) / "resolv.conf"
    names.write_text(f"# by the kubelet\nsearch svc\nnameserver {NAME_SERVER}\nnameserver {NAME_SERVER}\nnameserver\n")
    subprocess.run(["mount", "--bind", names, "/etc/resolv.conf"], check=True)


class NameServer:
    """Answers each question by UDP."""

    def __init__(self, host):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                question, client = self._socket.recvfrom(512)
                if not question:
                    return
                self._socket.sendto(question, client)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._socket.close()


class Answerer:
    """Gives each connection the same answer, and closes it."""

    def __init__(self, port, answer):
        self._listener = socket.create_server((GUARD, port))
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self._listener.accept()[0]
                with contextlib.suppress(OSError), connection:
                    connection.recv(4096)
                    connection.sendall(self._answer)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class TestCase(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.ca = self.directory / "ca.pem"

    def run_it(self, *arguments, umask=0o022, **settings):
        process = self.start(*arguments, umask=umask, **settings)
        stdout, stderr = process.communicate(timeout=support.LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def start(self, *arguments, command=None, environ=None, umask=0o022, **constants):
        if not command:
            command = [*PYTHON, "-c", CHANGED, PROGRAM, *(f"{name}={value}" for name, value in constants.items()), "--"]
        process = subprocess.Popen(
            [*command, "--ca", self.ca, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "GUARD_HOST": GUARD,
                "KUBERNETES_SERVICE_HOST": API_SERVER,
                "KUBERNETES_SERVICE_PORT": "443",
                "NODE_HOST": NODE,
                **(environ or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=umask,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def lines_until(self, process, part):
        lines = ""
        timer = threading.Timer(support.LIMIT, process.kill)
        self.addCleanup(timer.cancel)
        timer.start()
        for line in process.stdout:
            lines += line
            if part in line:
                return lines
        raise AssertionError(f"{part!r} is missing in {lines!r}; {process.stderr.read()}")

    def keep(self, resource):
        self.addCleanup(resource.close)
        return resource

    def listen(self, host, port, backlog=8):
        """The kernel accepts the connections."""
        return self.keep(socket.create_server((host, port), backlog=backlog))

    def git_gate(self):
        """git daemon itself, with an empty repository as git-gate's."""
        subprocess.run(["git", "init", "-q", "--bare", self.directory / "health.git"], check=True)
        daemon = [subprocess.check_output(["git", "--exec-path"], text=True).strip() + "/git-daemon"]
        daemon += ["--reuseaddr", f"--listen={GUARD}", "--port=9418", "--strict-paths", "--export-all"]
        daemon += ["--informative-errors", f"--base-path={self.directory}", str(self.directory / "health.git")]
        return self.keep(support.Daemon(daemon, {}))


class AwaitGuardTest(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.testbed = support.Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.healthy_egress(9099)
        cls.certificate = (cls.testbed.directory / "confdir/mitmproxy-ca-cert.pem").read_text()

    def test_writes_the_ca_once_the_guards_answer_and_nothing_else_does(self):
        # Given
        self.git_gate()
        self.listen(GUARD, 9101)

        # When
        done = self.run_it()

        # Then
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(
            done.stdout,
            f"waiting for egress, git-gate and supervise at {GUARD}\n"
            "egress, git-gate and supervise can be reached, and nothing else\n",
        )
        self.assertEqual(self.ca.read_text(), self.certificate)
        self.assertEqual(self.ca.stat().st_mode & 0o777, 0o644)
        self.assertEqual(list(self.directory.glob("ca.pem*")), [self.ca])

    def test_replaces_a_ca_of_an_earlier_start_whatever_the_umask(self):
        self.ca.write_text("old")
        self.ca.chmod(0o600)

        done = self.run_it("--guards", "egress", umask=0o077)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.ca.read_text(), self.certificate)
        self.assertEqual(self.ca.stat().st_mode & 0o777, 0o644)

    def test_a_ca_that_cannot_be_written_is_an_error(self):
        done = self.run_it("--guards", "egress", "--ca", "/no/such/ca.pem")
        self.assertEqual(
            (done.returncode, done.stderr), (1, "cannot write /no/such/ca.pem: No such file or directory\n")
        )

    def test_waits_for_each_guard_and_says_for_which(self):
        # Given
        process = self.start(FIRST_NOTICE=1)
        seen = self.lines_until(process, "supervise is not ready yet after 2 s")

        # Then
        self.assertIn(f"git-gate is not ready yet after 1 s: {GUARD}:9418: Connection refused\n", seen)
        self.assertIn(f"supervise is not ready yet after 1 s: {GUARD}:9101: Connection refused\n", seen)
        self.assertNotIn("egress is not ready", seen)
        self.assertFalse(self.ca.exists())

        # When
        self.git_gate()
        self.listen(GUARD, 9101)

        # Then
        self.assertEqual(process.wait(support.LIMIT), 0)

    def test_a_listener_that_is_no_git_gate_is_not_ready(self):
        for answer, cause in (
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not answer git's protocol"),
            (b"", "it does not answer git's protocol"),
            (b"002eERR access denied or repository not exported", "it refuses git's request"),
        ):
            with self.subTest(answer=answer), contextlib.closing(Answerer(9418, answer)):
                process = self.start("--guards", "git-gate", FIRST_NOTICE=0)
                self.lines_until(process, f"git-gate is not ready yet after 0 s: {cause}\n")

    def test_refuses_to_go_on_where_anything_else_answers(self):
        # Given
        self.listen(PUBLIC, 443)
        self.keep(NameServer(PUBLIC))
        self.listen(OTHER_PUBLIC, 443)
        self.listen(METADATA, 80)
        for port in (9180, 9181, 9100, 8888):
            self.listen(GUARD, port)
        self.listen(API_SERVER, 443)
        self.listen(NODE, 10250)
        self.listen(NAME_SERVER, 53)
        self.keep(NameServer(NAME_SERVER))

        # When
        done = self.run_it("--guards", "egress", ENFORCED=0)

        # Then
        self.assertEqual(done.returncode, 1)
        for address in (
            f"{PUBLIC}:443",
            f"{PUBLIC}:53/udp",
            f"{OTHER_PUBLIC}:443",
            f"{METADATA}:80",
            f"{GUARD}:9180",
            f"{GUARD}:9181",
            f"{GUARD}:9100",
            f"{GUARD}:8888",
            f"{API_SERVER}:443",
            f"{NODE}:10250",
            f"{NAME_SERVER}:53",
            f"{NAME_SERVER}:53/udp",
        ):
            self.assertRegex(done.stderr, rf"[ ]{address}(,| and| answer)")
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertFalse(self.ca.exists())

    def test_says_what_answers_and_what_that_means(self):
        self.listen(PUBLIC, 443)
        self.listen(API_SERVER, 443)

        done = self.run_it("--guards", "egress", ENFORCED=0)

        self.assertEqual(
            done.stderr,
            f"cannot go on: {PUBLIC}:443 and {API_SERVER}:443 answer, which NetworkPolicies should prevent; the agent"
            " would bypass its guards\n",
        )

    def test_a_name_server_alone_is_a_way_out(self):
        for host in (NAME_SERVER, CLUSTER_DNS):
            with self.subTest(host=host), contextlib.closing(NameServer(host)):
                done = self.run_it("--guards", "egress", ENFORCED=0)
                self.assertIn(f"cannot go on: {host}:53/udp answers, which", done.stderr)

    def test_waits_for_a_policy_that_comes_late(self):
        # Given
        listener = self.listen(PUBLIC, 443)
        process = self.start("--guards", "egress")

        # When
        self.lines_until(
            process, f"{PUBLIC}:443 answers; waiting up to 30 s until the cluster enforces the NetworkPolicy"
        )
        listener.close()

        # Then
        self.assertEqual(process.wait(support.LIMIT), 0)
        self.assertTrue(self.ca.exists())

    def test_what_does_not_answer_in_time_is_closed(self):
        # Given: a full queue of connections, for which Linux drops what comes
        listener = self.listen(PUBLIC, 443, backlog=0)
        refused = None
        while not refused:
            client = self.keep(socket.socket())
            client.settimeout(0.3)
            refused = client.connect_ex(listener.getsockname())

        # When
        done = self.run_it("--guards", "egress", ENFORCED=0)

        # Then
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_without_an_address_of_the_guard_it_cannot_wait(self):
        for host, cause in (
            ("", "GUARD_HOST is not set; it is the address of the guard's Service"),
            (
                "$(BOTTLE_GUARD_SERVICE_HOST)",
                "GUARD_HOST is $(BOTTLE_GUARD_SERVICE_HOST), because the pod's namespace had no such Service when this"
                " container started",
            ),
            ("guard.example", 'GUARD_HOST "guard.example" is no IP address; an agent can look up no names'),
        ):
            with self.subTest(host=host):
                done = self.run_it(environ={"GUARD_HOST": host})
                self.assertEqual((done.returncode, done.stderr), (1, f"cannot wait for the guard: {cause}\n"))

    def test_an_unknown_guard_is_a_usage_error(self):
        done = self.run_it("--guards", "egress,gitgate,")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--guards: gitgate and : expected egress, git-gate and supervise\n", done.stderr)

    def test_sigterm_ends_it_at_once_also_as_pid_1(self):
        # Given
        command = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child", *PYTHON, PROGRAM]
        process = self.start(command=command)
        process.stdout.readline()  # it waits

        # When
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        os.kill(int(children), signal.SIGTERM)

        # Then
        self.assertEqual(process.wait(support.LIMIT), 143)


class NoEgressTest(TestCase):
    def test_the_ca_is_that_of_the_moment_in_which_all_guards_answer(self):
        # Given
        certificate = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"

        def answer(ca):
            return f"HTTP/1.1 200 OK\r\nContent-Length: {len(ca)}\r\n\r\n{ca}".encode()

        old, new = certificate.format("old"), certificate.format("new")
        with contextlib.closing(Answerer(9099, answer(old))):
            process = self.start("--guards", "egress,supervise", FIRST_NOTICE=0)
            seen = self.lines_until(process, "supervise is not ready yet after 0 s")
            self.assertNotIn("egress is not ready", seen)

        # When: the guards' pod gets a new volume, and what was wrong is repaired
        self.keep(Answerer(9099, answer(new)))
        self.listen(GUARD, 9101)

        # Then
        self.assertEqual(process.wait(support.LIMIT), 0)
        self.assertEqual(self.ca.read_text(), new)

    def test_a_proxy_that_is_no_egress_is_not_ready(self):
        for answer in (
            b"HTTP/1.1 403 Forbidden\r\nContent-Length: 27\r\n\r\n-----BEGIN CERTIFICATE-----",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n-----BEGIN CERTIFICATE-----\ncut off",
            b"HTTP/1.1 200 OK\r\n\r\n-----BEGIN CERTIFICATE-----",
            b"",
        ):
            with self.subTest(answer=answer), contextlib.closing(Answerer(9099, answer)):
                process = self.start("--guards", "egress", FIRST_NOTICE=0)
                self.lines_until(process, "egress is not ready yet after 0 s: it does not give its CA\n")


if __name__ == "__main__":
    unittest.main()
