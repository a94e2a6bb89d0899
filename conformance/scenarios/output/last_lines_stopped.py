"""1,000 lines that a daemon writes when it is told to stop all come out."""

from conformance import lines
from conformance.supervisor import Claim

WHY = "A daemon says at its end what it could not finish; who reads that decides whether data are lost."
BITTEN = ("SeleniumHQ/selenium#14569", "scalacenter/bloop#720")
NEEDS = (Claim.OUTPUT,)

LINES = 1000


def check(test):
    job = test.job(grace=10)
    commands = f"last_words() {{ {lines.writing('web', LINES)}; exit 0; }}\ntrap last_words TERM\nevent armed"
    job.daemon("web", f"{commands}\nwhile :; do sleep 0.1; done")
    with test.start(job) as container:
        container.await_event("web armed")
        container.terminate()
        container.await_exit(within=30)
        lines.await_all(container.output, "web", LINES)
