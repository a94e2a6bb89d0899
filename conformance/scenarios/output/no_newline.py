"""A last line without a newline comes out."""

from conformance.supervisor import Claim

WHY = "A crash ends in the middle of a line, and that is the line that says why."
BITTEN = ("containerd/nerdctl#5009", "docker/compose#12918")
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job()
    job.daemon("web", "echo whole line\nprintf 'last words'\nexit 3")
    with test.start(job) as container:
        container.await_line("last words")
