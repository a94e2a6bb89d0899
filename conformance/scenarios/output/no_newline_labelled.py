"""A last line without a newline comes out under its daemon's name, and no other line runs into it."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Else the other daemon's line has no name, or a wrong one."
BITTEN = ("containerd/nerdctl#5009",)
NEEDS = (Claim.SEVERAL, Claim.LABELS)


def check(test):
    job = test.job(labels=True)
    gate = job.directory / "gate"
    job.daemon("a", "printf 'last words'\nexit 3")
    job.daemon("b", f"until [ -e {gate} ]; do sleep 0.05; done\necho next line\n{IDLE}")
    label = {name: test.supervisor.label.replace("NAME", name) for name in ("a", "b")}
    with test.start(job) as container:
        container.await_starts()
        container.await_line("last words")
        gate.touch()
        wanted = [f"{label['a']}last words".encode(), f"{label['b']}next line".encode()]
        container.await_that(
            lambda: all(any(line.startswith(text) for line in container.lines()) for text in wanted), f"lines {wanted}"
        )
