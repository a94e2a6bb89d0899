"""A daemon of another user is in all groups that the group file puts the user into."""

from pathlib import Path

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A daemon that lacks them can't read a key or use a socket that was given to it by such a group."
BITTEN = ("davmac314/dinit#151", "habitat-sh/habitat#7731", "Supervisor/supervisor#1286")
NEEDS = (Claim.USER,)

GROUPS = {"conformance-a": 64242, "conformance-b": 64243}


def check(test):
    job = test.job()
    job.daemon("web", IDLE, user="nobody")
    group_file = job.directory / "group"
    lines = [f"{name}:x:{number}:nobody" for name, number in GROUPS.items()]
    group_file.write_text("\n".join([Path("/etc/group").read_text().rstrip(), *lines, ""]))
    with test.start(job, setup=f"mount --bind {group_file} /etc/group") as container:
        container.await_starts()
        groups = set(map(int, processes.status(container.live_pid("web"), "Groups").split()))
        expect(groups >= set(GROUPS.values()), f"groups {sorted(groups)}, without all of {sorted(GROUPS.values())}")
