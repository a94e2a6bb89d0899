"""A daemon has the limits of open files that PID 1 was started with."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "Some runtimes raise their soft limit; with a million, daemons that close all descriptors take seconds to start."
BITTEN = ("hashicorp/terraform-aws-nomad#55", "cloudviz/agentless-system-crawler#281")
NEEDS = ()

SOFT, HARD = 256, 4096


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup=f"ulimit -Sn {SOFT}\nulimit -Hn {HARD}") as container:
        container.await_starts()
        limits = processes.limits(container.live_pid("web"), "Max open files")
        expect(limits == (str(SOFT), str(HARD)), f"soft and hard limit {' and '.join(limits)}")
