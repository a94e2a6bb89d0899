"""2,000 orphans that end at once are reaped."""

from conformance.job import IDLE

WHY = "An exited process that nobody waits for keeps its number; when the numbers run out, nothing can be started."
BITTEN = ("NousResearch/hermes-agent#111577", "minio/minio#6974", "filebrowser/filebrowser#3844")
NEEDS = ()

ORPHANS = 2000


def check(test):
    job = test.job()
    # the shell in parentheses ends at once, so its children become orphans; reading the FIFO, they wait for one end
    gate = job.directory / "gate"
    job.daemon(
        "parent",
        f"mkfifo {gate}\n(i=0; while [ $i -lt {ORPHANS} ]; do read line <{gate} & i=$((i + 1)); done)\nevent forked\n"
        f"sleep 1; : >{gate}; event released\n{IDLE}",
    )
    with test.start(job) as container:
        container.await_event("parent released", within=60)
        container.await_that(lambda: container.zombies() == 0, "end of all zombies")
        container.await_that(lambda: len(container.processes()) < 100, "end of the orphans")
