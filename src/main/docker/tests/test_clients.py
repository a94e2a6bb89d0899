"""Real clients (pip, npm, git, curl, apt) behind egress and pipelock, in a network that has no other way out."""

import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import namespaces
import support
from mirror import LARGE, Mirror
from support import Testbed, WebServer, egress_ca, require

PORT = 9099
# Each host has one kind of mark. denied.test exists, and is not on the list.
HOSTS = {
    "pypi.test": "",
    "files.test": "passthrough",
    "npm.test": "",
    "git.test": "passthrough",
    "apt.test": "http passthrough",
    "api.test": "passthrough",
    "scanned.test": "",
    "denied.test": None,
}


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not on the PATH")


def setUpModule():
    directory = unittest.enterModuleContext(tempfile.TemporaryDirectory())
    namespaces.enter(HOSTS, directory)


class ClientsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("git")
        cls.testbed = Testbed(tuple(HOSTS))
        cls.addClassCleanup(cls.testbed.close)
        cls.directory = cls.testbed.directory
        cls.mirror = Mirror(cls.directory)
        for port, context in ((80, None), (443, cls.testbed.context)):
            cls.testbed.keep(WebServer(cls.mirror.handler(), port, context))
        cls.testbed.hosts = ",".join(f"{host} {marks}" for host, marks in HOSTS.items() if marks is not None)
        cls.testbed.pipelock_yaml()
        cls.testbed.ready_pipelock()
        cls.egress = cls.testbed.healthy_egress(PORT)
        cls.network = cls.testbed.keep(namespaces.AgentNetwork())
        cls.ca = cls.directory / "agent-ca.pem"
        cls.ca.write_text(egress_ca(PORT))

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        proxy = f"http://{namespaces.GUARDS}:{PORT}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "http_proxy": proxy,
            "https_proxy": proxy,
            "HTTPS_PROXY": proxy,
            "SSL_CERT_FILE": str(self.ca),
            "CURL_CA_BUNDLE": str(self.ca),
            "GIT_SSL_CAINFO": str(self.ca),
            "PIP_CERT": str(self.ca),
            "NODE_EXTRA_CA_CERTS": str(self.ca),
        }

    def agent(self, *arguments):
        """Runs a command as the agent."""
        return subprocess.run(
            self.network.command(*arguments),
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=4 * support.LIMIT,
            check=False,
        )

    def succeeds(self, *arguments):
        done = self.agent(*arguments)
        self.assertEqual(done.returncode, 0, f"{done.stdout}{done.stderr}{self.egress.text()[-2000:]}")
        return done.stdout

    def refused(self, *arguments):
        """The command fails, and its output says why."""
        done = self.agent(*arguments)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("denied.test", [host for host, _, _ in self.mirror.requests])
        return done.stdout + done.stderr

    def test_the_agent_has_no_other_way_out(self):
        done = self.agent("curl", "-sS", "--noproxy", "*", "--max-time", "5", "https://api.test/echo")
        self.assertNotEqual(done.returncode, 0, done.stdout)

    def test_curl_sends_and_gets_a_large_body_by_https(self):
        body = self.home / "body"
        for host, size in (("api.test", LARGE), ("scanned.test", 100_000)):
            body.write_bytes(random.Random(1).randbytes(size))
            upload = ("-H", "Content-Type: application/octet-stream", "--data-binary", f"@{body}")
            self.succeeds("curl", "-fsS", *upload, "-o", "answer", f"https://{host}/echo")
            self.assertEqual((self.home / "answer").read_bytes(), body.read_bytes(), host)

    def test_the_first_event_of_a_stream_arrives_before_the_second_is_sent(self):
        self.mirror.next_event.clear()
        curl = subprocess.Popen(
            self.network.command("curl", "-fsSN", "https://api.test/stream"),
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        with curl:
            self.assertEqual(curl.stdout.readline(), "data: first\n")
            self.mirror.next_event.set()
            self.assertIn("data: second\n", curl.stdout.read())
        self.assertEqual(curl.returncode, 0)

    def test_curl_says_why_a_host_is_refused(self):
        self.assertIn("Blocked by the egress allow-list", self.refused("curl", "-vsS", "https://denied.test/"))

    def pip(self, *arguments):
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
        options = ("--isolated", "--disable-pip-version-check", "--no-cache-dir", "--cert", self.ca, "--retries", "1")
        proxy = ("--proxy", self.environment["https_proxy"])
        target = ("--target", self.home / "lib")
        return self.agent(python, "-m", "pip", "install", *options, *proxy, *target, *arguments)

    def test_pip_installs_a_small_and_a_large_package(self):
        for name, size in (("small", 1000), ("large", LARGE)):
            self.mirror.add_wheel("pypi.test", "files.test", name, size)
        done = self.pip("--index-url", "https://pypi.test/simple", "small", "large")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.egress.text()[-2000:])
        self.assertEqual((self.home / "lib/large.bin").stat().st_size, LARGE)

    def test_pip_says_why_a_host_is_refused(self):
        done = self.pip("--index-url", "https://denied.test/simple", "small")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Blocked by the egress allow-list", done.stdout + done.stderr)

    def npm(self, registry):
        """The command that installs from it, without this machine's configuration."""
        options = ("--no-audit", "--no-fund", "--fetch-retries=0", "--globalconfig=/dev/null", f"--registry={registry}")
        return ("npm", "install", *options, "demo")

    @needs("npm")
    def test_npm_installs_a_package(self):
        self.mirror.add_npm_package("npm.test", "demo")
        self.succeeds(*self.npm("https://npm.test/"))
        self.assertIn("works", (self.home / "node_modules/demo/index.js").read_text())

    @needs("npm")
    def test_npm_says_that_a_host_is_refused(self):
        self.assertIn("403", self.refused(*self.npm("https://denied.test/")))

    def test_git_clones_a_large_repository_by_https(self):
        self.mirror.add_repository({"README.md": b"hello\n", "large": random.Random(2).randbytes(LARGE)})
        self.succeeds("git", "clone", "--quiet", "https://git.test/repo.git")
        self.assertEqual((self.home / "repo/large").stat().st_size, LARGE)

    def test_git_says_why_a_host_is_refused(self):
        self.assertIn("403", self.refused("git", "clone", "https://denied.test/repo.git"))

    @needs("apt-get")
    def test_apt_installs_by_https_and_by_http_where_the_host_is_marked(self):
        for scheme, size in (("https", LARGE), ("http", 1000)):
            self.mirror.add_debian_package("apt.test", scheme, size)
            self.succeeds(*self.apt(scheme), "update")
            self.succeeds(*self.apt(scheme), "download", scheme)
            self.assertGreater((self.home / f"{scheme}_1.0_all.deb").stat().st_size, size)

    def apt(self, scheme):
        """apt-get with directories of its own, whose only source is apt.test."""
        directory = self.home / scheme
        for part in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "log"):
            (directory / part).mkdir(parents=True, exist_ok=True)
        (directory / "status").touch()
        (directory / "sources.list").write_text(f"deb [trusted=yes] {scheme}://apt.test/ ./\n")
        options = {
            "Dir::State": directory / "state",
            "Dir::State::status": directory / "status",
            "Dir::Cache": directory / "cache",
            "Dir::Etc": directory / "etc",
            "Dir::Etc::sourcelist": directory / "sources.list",
            "Dir::Log": directory / "log",
            "APT::Sandbox::User": "root",
            "Acquire::https::CAInfo": self.ca,
            "Acquire::Languages": "none",
            "APT::Update::Error-Mode": "any",
        }
        return ["apt-get", *(f"-o{name}={value}" for name, value in options.items())]


if __name__ == "__main__":
    unittest.main()
