"""The exit code of a stop that the daemon obeyed is 0, whether it exits with 0, with 143, or dies of TERM."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "Most programs leave TERM to the kernel, or exit with 143; schedulers count anything but 0 as a failure."
BITTEN = (
    "just-containers/s6-overlay#387",
    "F1bonacc1/process-compose#506",
    "neo4j/docker-neo4j#30",
    "maxmind/geoipupdate#135",
)
NEEDS = (Claim.STOP_ZERO,)


def check(test):
    for how, commands in {
        "exits with 0": until_term("exit 0"),
        "exits with 143": until_term("exit 143"),
        "dies of TERM": f"event waits\n{IDLE}",
    }.items():
        job = test.job()
        job.daemon("web", commands)
        with test.start(job) as container:
            container.await_event("web waits")
            container.terminate()
            code = container.await_exit()
            expect(code == 0, f"exit code {code} when the daemon {how}")
