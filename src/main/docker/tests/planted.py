"""Runs an entry point as root while another program answers to every name on its PATH."""

import os
import pathlib
import subprocess
import tempfile

import support

PLANTED = """#!/bin/sh
[ "$(/usr/bin/id -u)" != 0 ] || echo "${0##*/}" >>"$(/usr/bin/dirname "$0")/../as-root"
exec "/usr/bin/${0##*/}" "$@"
"""


def start_as_root(script, user, **environ):
    """Starts the script where `user` exists. Returns what it wrote, and which planted programs root ran."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        bin = directory / "bin"
        bin.mkdir()
        (directory / "planted").write_text(PLANTED)
        (directory / "planted").chmod(0o755)
        for program in os.listdir("/usr/bin"):
            (bin / program).symlink_to("../planted")
        passwd = pathlib.Path("/etc/passwd").read_text() + f"{user}:x:64999:64999::{directory}:/usr/sbin/nologin\n"
        (directory / "passwd").write_text(passwd)
        (directory / "group").write_text(pathlib.Path("/etc/group").read_text() + f"{user}:x:64999:\n")
        mounts = (
            'for file in passwd group; do mount --bind "$1/$file" "/etc/$file"; done; shift; exec /usr/bin/env "$@"'
        )
        command = [*("unshare", "--mount", "--propagation", "private", "sh", "-euc", mounts, "-", name, f"PATH={bin}")]
        done = subprocess.run(
            [*command, "/bin/sh", script],
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"} | environ,
            capture_output=True,
            text=True,
            timeout=support.LIMIT,
        )
        ran = directory / "as-root"
        return done.stdout + done.stderr, ran.read_text().split() if ran.exists() else []


def can_mount():
    return os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
