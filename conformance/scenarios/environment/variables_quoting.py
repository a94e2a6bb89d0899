"""The value of a variable for one daemon may contain quotes, spaces, and what a shell or a template would replace."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Passwords are made of all characters; one that arrives changed is found late, or when it opens nothing."
BITTEN = ()
NEEDS = (Claim.ENVIRONMENT,)

# names of characters for the message
VALUES = {
    "SPACES": " a  b ",
    "QUOTES": "a'b\"c`d",
    "DOLLAR": "a$HOME ${HOME} $$ $(id)",
    "PERCENT": "100%d %(here)s %%",
    "BACKSLASH": "a\\b\\n",
    "COMMENT": "a #b ;c",
    "COMMA": "a,b=c:d",
    "BRACES": "{{HOME}} {a}",
}


def check(test):
    job = test.job()
    job.daemon("web", IDLE, environment=VALUES)
    with test.start(job) as container:
        container.await_starts()
        found = processes.environment(container.live_pid("web"))
        for name, value in VALUES.items():
            actual = found.get(name.encode())
            expect(actual == value.encode(), f"{name}: {actual!r} instead of {value.encode()!r}")
