"""Runs guards as a user that /etc/passwd does not know, on volumes as Kubernetes gives them to such a pod."""

import os
import pathlib
import subprocess
import unittest

# as OpenShift's, with the volume's group
UID, FS_GROUP = 1_000_650_000, 64_998
PREFIX = ("setpriv", f"--reuid={UID}", "--regid=0", f"--groups={FS_GROUP}", "--no-new-privs", "--bounding-set=-all")
# programs that this user can run
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def require():
    if os.getuid() != 0:
        raise unittest.SkipTest("needs root, to become another user")
    if subprocess.run([*PREFIX, "true"], capture_output=True).returncode != 0:
        raise unittest.SkipTest("cannot become a user without an entry in /etc/passwd")
    here = pathlib.Path(__file__)
    if subprocess.run([*PREFIX, "cat", here], capture_output=True).returncode != 0:
        raise unittest.SkipTest(f"other users cannot read {here}")


def make_volume(path):
    """A directory as the kubelet makes it for a subPath."""
    path.mkdir()
    os.chown(path, 0, FS_GROUP)
    path.chmod(0o2775)


def mount_again(path):
    """What the kubelet does to a volume with an fsGroup whenever a pod starts: the group may read and write all."""
    for found in [path, *path.rglob("*")]:
        if not found.is_symlink():
            os.chown(found, -1, FS_GROUP)
            found.chmod(found.stat().st_mode | (0o2770 if found.is_dir() else 0o660))
