"""The variables of PID 1 arrive at a daemon byte for byte."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "A value is bytes, not text: a password in another encoding that was decoded and encoded again is another one."
BITTEN = ()
NEEDS = ()

# invalid UTF-8, a tab, an equals sign, a quote, a line break, spaces at both ends
OCTAL = r" \377\200\303\050\t=\047\042$%%\n\\x \303\251 "
BYTES = b" \xff\x80\xc3(\t='\"$%\n\\x \xc3\xa9 "


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup=f"BYTES=\"$(printf '{OCTAL}')\"\nexport BYTES EMPTY=") as container:
        container.await_starts()
        found = processes.environment(container.live_pid("web"))
        expect(found.get(b"BYTES") == BYTES, f"{found.get(b'BYTES')!r} instead of {BYTES!r}")
        expect(found.get(b"EMPTY") == b"", f"{found.get(b'EMPTY')!r} instead of an empty value")
