"""Shared by the tests of git-gate: a gate with an upstream and clones, and secrets."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import DOCKER, LIMIT, free_port, wait_until

APP = DOCKER / "git-gate"
ENTRY_POINT = ("/bin/sh", str(APP / "git-gate-entrypoint.sh"))
GITLEAKS = os.environ.get("GITLEAKS_BIN") or shutil.which("gitleaks")
MISSING = next(
    (name for name, there in (("gitleaks (GITLEAKS_BIN)", GITLEAKS), ("git", shutil.which("git"))) if not there), None
)

# Joined here, so that no secret scanner reports this file.
AWS_KEY = "AKIA" + "Z7QW3ERT5YHN2MKP"
GITHUB_TOKEN = "ghp_" + "w4Qz81LsXcV7bN2mKdJfH5gT9rYpA3eUiO6x"
KEY_LINE = "MIIEpAIBAAKCAQEAx7Qz81LsXcV7bN2mKdJfH5gT9rYpA3eUiO6xw4QzLsXcV7bN\n"
PRIVATE_KEY = "-----BEGIN RSA PRIVATE " + "KEY-----\n" + KEY_LINE * 8 + "-----END RSA PRIVATE " + "KEY-----\n"
RULES = {AWS_KEY: "aws-access-token", GITHUB_TOKEN: "github-pat", PRIVATE_KEY: "private-key"}


def processes_of_session(session):
    """The processes of a session: state and command line."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found.append((fields[0], (stat.parent / "cmdline").read_text().replace("\0", " ")))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


class Sandbox:
    """A directory with an upstream, clones and a gate."""

    def __init__(self, case, upstream=True, **environment):
        self.directory = Path(tempfile.mkdtemp(prefix="git-gate-"))
        case.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.case = case
        self.home = self.directory / "home"
        self.home.mkdir()
        self.upstream = self.directory / "upstream.git"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        self.git("init", "-q", "--bare", "-b", "trunk", str(self.upstream))
        self.port = free_port()
        self.gate_environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "GIT_GATE_APP": str(APP),
            "GIT_GATE_PORT": str(self.port),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_GATE_GITLEAKS_CONFIG": str(APP / "gitleaks.toml"),
            "GITLEAKS_BIN": GITLEAKS,
            **({"CLAUDE_BOTTLE_GIT_UPSTREAM": str(self.upstream)} if upstream else {}),
            **environment,
        }
        self.url = f"git://127.0.0.1:{self.port}/repo.git"
        self.log_file = self.directory / "log"
        self.gate = None

    def git(self, *args, check=True, cwd=None, **environment):
        done = subprocess.run(
            ["git", *args],
            cwd=cwd or self.directory,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=LIMIT,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"git {args}: {done.stderr}")
        return done

    def start(self, command=ENTRY_POINT):
        with self.log_file.open("ab") as log:
            self.gate = subprocess.Popen(
                command,
                env=self.gate_environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.case.addCleanup(self.kill)
        wait_until(lambda: self.gate.poll() is not None or self.healthy(), "gate is ready")
        if self.gate.poll() is not None:
            raise AssertionError(f"the gate has exited: {self.log()}")
        return self

    def healthy(self):
        return self.git("ls-remote", f"git://127.0.0.1:{self.port}/health.git", check=False).returncode == 0

    def kill(self):
        # git daemon's children may outlive it, so the signal goes to the group
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.gate.pid, signal.SIGKILL)
        self.gate.wait()

    def cannot_start(self, command=ENTRY_POINT):
        return subprocess.run(
            command,
            env=self.gate_environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def log(self):
        return self.log_file.read_text(errors="surrogateescape")

    def clone(self, url=None):
        clone = Clone(self, Path(tempfile.mkdtemp(dir=self.directory)))
        self.git("clone", "-q", url or self.url, str(clone.path))
        return clone

    def seed(self, files=None):
        """Pushes the first commit to the upstream, not through the gate."""
        clone = Clone(self, Path(tempfile.mkdtemp(dir=self.directory)))
        clone.git("init", "-q", "-b", "trunk")
        clone.commit(files or {"README.md": "hello\n"})
        clone.git("push", "-q", str(self.upstream), "trunk")
        return clone

    def refs(self, repository):
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", cwd=repository).stdout.splitlines()
        return dict(line.split() for line in lines)

    @property
    def repo(self):
        return self.home / "repo.git"


class Clone:
    def __init__(self, sandbox, path):
        self.sandbox = sandbox
        self.path = path

    def git(self, *args, **kwargs):
        return self.sandbox.git(*args, cwd=self.path, **kwargs)

    def commit(self, files, message="change", **environment):
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "-Af")
        self.git("commit", "-q", "--allow-empty", "-m", message, **environment)
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, *refs, check=False):
        return self.git("push", self.sandbox.url, *refs, check=check)

    def start_push(self, *refs, **kwargs):
        """Does not wait for its end. Returns the process."""
        command = ["git", "push", "-q", self.sandbox.url, *refs]
        return subprocess.Popen(command, cwd=self.path, env=self.sandbox.environment, **kwargs)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class SharedGateTest(unittest.TestCase):
    """All tests of a class share one gate; each has its own clone and branch."""

    FILES = None  # of the first commit

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(cls, **cls.settings())
        cls.sandbox.seed(cls.FILES)
        cls.sandbox.start()

    @classmethod
    def settings(cls):
        """The gate's variables."""
        return {}

    @classmethod
    def addCleanup(cls, *args, **kwargs):
        cls.addClassCleanup(*args, **kwargs)

    def setUp(self):
        self.clone = self.sandbox.clone()
        self.branch = "refs/heads/" + self.id().rpartition(".")[2]
