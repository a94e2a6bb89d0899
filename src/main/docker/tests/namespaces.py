"""Network namespaces for tests: one for this process and the guards, one for the agent, joined by a single link."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import unittest

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
GUARDS, AGENT = "10.99.0.1", "10.99.0.2"


def enter(hosts, directory):
    """Moves this process into a network of its own, in which these hosts are on loopback. There is no way back."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root, to make network namespaces")
    if not shutil.which("ip"):
        raise unittest.SkipTest("ip is not on the PATH")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        raise unittest.SkipTest(f"cannot make namespaces: {os.strerror(ctypes.get_errno())}")
    names = pathlib.Path(directory) / "hosts"
    names.write_text("".join(f"127.0.0.1 {host}\n" for host in ("localhost", *hosts)))
    _run("mount", "--make-rprivate", "/")
    _run("mount", "--bind", names, "/etc/hosts")
    _run("ip", "link", "set", "lo", "up")


class AgentNetwork:
    """The agent's namespace: no loopback, no route but to the guards' address."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"], stdin=-1, stdout=-1)
        self.process.stdout.readline()  # it is in its namespace
        pid = self.process.pid
        _run("ip", "link", "add", "guards", "type", "veth", "peer", "name", "agent", "netns", pid)
        _run("ip", "address", "add", f"{GUARDS}/30", "dev", "guards")
        _run("ip", "link", "set", "guards", "up")
        self.run("ip", "address", "add", f"{AGENT}/30", "dev", "agent")
        self.run("ip", "link", "set", "agent", "up")

    def command(self, *arguments):
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *map(str, arguments)]

    def run(self, *arguments):
        return _run(*self.command(*arguments))

    def close(self):
        self.process.kill()
        self.process.communicate()


def _run(*arguments):
    subprocess.run(list(map(str, arguments)), check=True, capture_output=True)
