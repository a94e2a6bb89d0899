"""Below an init of the engine, the orphans of daemons are reaped."""

from conformance.job import IDLE

WHY = "Who takes over the orphans of its daemons must wait for them, too."
BITTEN = ("Yelp/dumb-init#212",)
NEEDS = ()

ORPHANS = 200


def check(test):
    job = test.job()
    job.daemon("parent", f"(i=0; while [ $i -lt {ORPHANS} ]; do sleep 0.5 & i=$((i + 1)); done)\nevent forked\n{IDLE}")
    with test.start(job, as_pid_1=False) as container:
        container.await_event("parent forked", within=60)
        container.await_that(lambda: len(container.processes()) < ORPHANS // 2, "end of the orphans")
        container.await_that(lambda: container.zombies() == 0, "end of all zombies")
