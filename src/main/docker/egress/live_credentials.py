"""The credentials as they are now, put into the agent's requests; files may change while egress runs."""

import collections
import math
import time

import credential_answers
import credential_requests
import credentials
import redaction
from credential_value import Value
from denied import Denied
from live_file import LiveFile

POLICY = "credentials"
MINUTE = 60  # seconds
REJECTED = (401, 403)


class Budget:
    """At most this many requests in any minute."""

    def __init__(self, per_minute):
        self._times = collections.deque(maxlen=per_minute)

    def wait(self, now):
        """Seconds until the next request may pass; 0 if one may now."""
        if len(self._times) < self._times.maxlen:
            return 0
        return max(0, self._times[0] + MINUTE - now)

    def spend(self, now):
        self._times.append(now)


class Use:
    """A credential with its value, its budget, and how its host took it."""

    def __init__(self, credential, environ):
        self.credential = credential
        self.value = Value(credential, environ)
        self.budget = Budget(credential.requests_per_minute) if credential.requests_per_minute else None
        self.rejections = dict.fromkeys(REJECTED, 0)
        self.said_rejected = False
        self.said_available = None  # whether the value was there at the last look


class Given:
    """What one request got: for the answer to it."""

    def __init__(self, uses, of_host):
        """of_host: all uses of the host, which may have stored what other requests got."""
        self.uses = uses
        self.status = None  # of the answer
        self.beginning = b""  # the first bytes of the answer's body
        self.redactor = redaction.Redactor([use.value.text for use in of_host if use.value.text])


class LiveCredentials:
    def __init__(self, environ, say):
        """say: prints a line."""
        self._environ = environ
        self._say = say
        self._file = LiveFile(credentials.file(environ), self._read, credentials.InvalidCredentials)
        self._uses = {}  # of each credential in force
        self._look()

    def _read(self):
        # For credentials that are missing, the agent's own would pass. So those in force stay when the file vanishes,
        # and while somebody writes it: a part of it is valid, too. No file at the start means none.
        if self._file.content and not self._file.settled:
            raise credentials.InvalidCredentials("somebody may be writing the file")
        return credentials.read(self._environ, required=bool(self._file.content))

    def _look(self):
        """Brings everything up to date, and says what has changed."""
        if self._file.look():
            if self._file.mistake:
                outcome = "no request leaves" if self._file.content is None else "the old ones stay in force"
                self._say(f"cannot read the credentials, so {outcome}: {self._file.mistake}")
            elif self._file.content != tuple(self._uses):
                old, self._uses = self._uses, {}
                for credential in self._file.content:
                    self._uses[credential] = old.get(credential) or Use(credential, self._environ)
                if old or self._uses:
                    self._say(f"{credentials.file(self._environ)}: {len(self._uses)} credentials are in force")
        for use in self._uses.values():
            if use.value.look():
                self._say_value(use)

    def _say_value(self, use):
        host, source = use.credential.host, use.credential.source
        if use.value.mistake:
            self._say(f"cannot put in the credential of {host}, so its requests are refused: {use.value.mistake}")
        elif use.said_available is not None:
            self._say(f"{source} has changed: the new credential of {host} counts")
        if not use.value.mistake and use.value.others_may_read():
            self._say(f"other users can read {source}; it should have the mode 0400, and our user as its owner")
        use.said_available = not use.value.mistake
        use.said_rejected = False

    def counts(self):
        """For metrics: (host, port, whether all its values are there, rejections by status) of each host."""
        self._look()
        found = {}
        for credential, use in self._uses.items():
            available, rejections = found.get((credential.host, credential.port), (True, collections.Counter()))
            rejections.update(use.rejections)
            found[credential.host, credential.port] = (available and not use.value.mistake, rejections)
        return [(host, port, *rest) for (host, port), rest in found.items()]

    def put_into(self, request, hosts, tunnel):
        """Puts the credentials for this request into it, and removes what else says who sends it. Raises Denied if it
        must not leave. request: to an allowed host, whose name is canonical. hosts: the allow-list. tunnel: it came
        inside of TLS. Returns what was Given; None if the host has no credentials."""
        self._look()
        if self._file.content is None:
            raise Denied("the file of credentials is wrong; the log of egress says why", 503, POLICY)
        name = request.host
        if not tunnel:
            if any(credential.host == name for credential in self._uses):
                raise Denied(f"{name} has credentials, so it is reached by https only", policy=POLICY)
            return None
        uses = [
            use for use in self._uses.values() if (use.credential.host, use.credential.port) == (name, request.port)
        ]
        if not uses:
            return None
        if not hosts.allows_by_name(name, request.port):
            raise Denied(
                f"only a wildcard allows {name}, and its credentials need an entry of its own in {hosts.source}",
                503,
                POLICY,
            )
        given = [use for use in uses if use.credential.is_for(request.method, request.path)]
        if not given:
            raise Denied(f"the credentials of {name} are not for this method and path", policy=POLICY)
        self._check_values(name, given)
        self._spend(name, given)
        values = {use.credential: use.value.text for use in given}
        credential_requests.rewrite(request, [use.credential for use in uses], values)
        return Given(given, uses)

    def _check_values(self, name, given):
        if any(use.value.mistake for use in given):
            raise Denied(f"the credential of {name} is not available; the log of egress says why", 503, POLICY)

    def _spend(self, name, given):
        now = time.monotonic()
        budgets = [use.budget for use in given if use.budget]
        wait = math.ceil(max((budget.wait(now) for budget in budgets), default=0))
        if wait:
            raise Denied(
                f"the requests per minute of {name} are used up; the next one can leave in {wait} s",
                429,
                POLICY,
                {"Retry-After": str(wait)},
            )
        for budget in budgets:
            budget.spend(now)

    def answered(self, given):
        """Counts a complete answer, and says the first by which the host, or pipelock, rejects a credential."""
        status = given.status
        by_pipelock = status == 403 and given.beginning.startswith(credential_answers.PIPELOCK)
        for use in given.uses:
            name = use.credential.host
            if by_pipelock:
                if given.beginning.startswith(credential_answers.OF_A_HEADER):
                    self._say_first(
                        use,
                        f"pipelock blocks a header of a request to {name}: if it takes the credential for a leak, mark "
                        "the host passthrough in the allow-list",
                    )
            elif status in REJECTED:
                use.rejections[status] += 1
                self._say_first(
                    use,
                    f"{name} answers {status} to the credential of {use.credential.source}; "
                    "the next ones are only counted",
                )
            elif status < 300:
                use.said_rejected = False

    def _say_first(self, use, line):
        if not use.said_rejected:
            self._say(line)
        use.said_rejected = True
