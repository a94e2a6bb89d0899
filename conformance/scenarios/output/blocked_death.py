"""What a daemon wrote before its death while nobody read the output comes out when somebody reads again."""

from conformance import lines
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A reader that pauses must not cost the lines that say why a daemon died."
BITTEN = ("F1bonacc1/process-compose#237",)
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.OUTPUT)


def check(test):
    job = test.job(policy=Policy.RESTART)
    gate = job.directory / "gate"
    job.daemon("noisy", f"{lines.writing('noisy', 50_000)}\n{IDLE}")
    commands = f"[ $(grep -c '^web started' {job.events}) -gt 1 ] && {IDLE}\nuntil [ -e {gate} ]; do sleep 0.05; done"
    job.daemon("web", f"{commands}\n{{ {lines.writing('web', 100)}; event written; }} &\nsleep 1\nexit 3")
    with test.start(job) as container:
        container.output.pause()
        container.await_starts()
        container.await_that(container.output.is_blocked, "full pipe")
        gate.touch()
        container.await_that(lambda: not container.is_alive("web") or len(container.events("web started")) > 1, "death")
        container.output.resume()
        container.await_event("web started", 2)
        if container.events("web written"):
            lines.await_all(container.output, "web", 100)
