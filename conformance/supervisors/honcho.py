"""honcho: a Procfile."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found

# whatever the policy
ENDS = "when one process ends, it ends all"
OTHERS_RUN_ON = (
    "output/no_newline_labelled",
    *("restart/left_dead", "restart/left_dead_code_0", "restart/missing_program", "signals/kill_own_group"),
)


def command(job: Job) -> Command:
    procfile = job.directory / "Procfile"
    procfile.write_text("".join(f"{daemon.name}: exec {daemon.program}\n" for daemon in job.daemons))
    return Command([found("honcho"), "--app-root", str(job.directory), "start", "--no-colour"])


SUPERVISOR = Supervisor(
    name="honcho",
    documentation="https://honcho.readthedocs.io/en/latest/using_procfiles.html",
    # it sends KILL, too, but after five seconds, always
    claims=frozenset({Claim.SEVERAL, Claim.TEARDOWN, Claim.GROUPS, Claim.OUTPUT, Claim.LABELS, Claim.DEATHS}),
    command=command,
    programs=("honcho",),
    version=("honcho", "--version"),
    not_claimed=dict.fromkeys(OTHERS_RUN_ON, ENDS)
    | dict.fromkeys(
        ("output/long_line_memory", "output/long_lines_memory"),
        "its documentation does not speak of the length of lines",
    ),
    label="NAME | ",
    # the time, the number of the process, and spaces that align the names
    stamp=(r"\d\d:\d\d:\d\d (\w+)\.1 +\| ", r"\1 | "),
    death=r"system +\| NAME\.1 stopped \(rc=",
)
