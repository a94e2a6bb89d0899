"""The credentials as they are now, put into the agent's requests; files may change while egress runs."""

import collections
import math
import os
import time

import credential_requests
import credentials
from credential_answers import Answer
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


class LiveCredential:
    """A credential with its value, its budget, and how its host took it."""

    def __init__(self, credential, environ):
        self.credential = credential
        self.value = Value(credential, environ)
        self.budget = Budget(credential.requests_per_minute) if credential.requests_per_minute else None
        self.rejections = dict.fromkeys(REJECTED, 0)
        self.said_rejected = False
        self.is_new = True  # its value has not been looked at


class LiveCredentials:
    def __init__(self, environ, say):
        """say: prints a line."""
        self._environ = environ
        self._say = say
        self._file = LiveFile(credentials.file(environ), self._read, credentials.InvalidCredentials)
        self._in_force = {}  # a LiveCredential by its Credential
        self._look()

    def _read(self):
        # For credentials that are missing, the agent's own would pass. So those in force stay when the file vanishes,
        # and while somebody writes it: a part of it is valid, too. No file at the start means none.
        if self._file.content and not self._file.settled:
            raise credentials.InvalidCredentials("somebody may be writing the file")
        return credentials.read(self._environ, required=bool(self._file.content))

    def _look(self):
        """Brings everything up to date, and says what has changed."""
        was_wrong = self._file.mistake
        if self._file.look():
            if self._file.mistake:
                outcome = "no request leaves" if self._file.content is None else "the old ones stay in force"
                self._say(f"cannot read the credentials, so {outcome}: {self._file.mistake}")
            elif was_wrong or self._file.content != tuple(self._in_force):
                old, self._in_force = self._in_force, {}
                for credential in self._file.content:
                    self._in_force[credential] = old.get(credential) or LiveCredential(credential, self._environ)
                self._say(f"{credentials.file(self._environ)}: credentials in force: {len(self._in_force)}")
        for live in self._in_force.values():
            if live.value.look():
                self._say_value(live)

    def _say_value(self, live):
        host, source = live.credential.host, live.credential.source
        if live.value.mistake:
            self._say(f"cannot put in the credential of {host}, so its requests are refused: {live.value.mistake}")
        elif not live.is_new:
            self._say(f"{source} has changed: the new credential of {host} counts")
        if not live.value.mistake and live.value.others_may_read():
            self._say(
                f"other users can read {source}; it should have the mode 0400, and the user {os.geteuid()} as its owner"
            )
        live.is_new = False
        live.said_rejected = False

    def counts(self):
        """For metrics: (host, port, whether all its values are there, rejections by status) of each host."""
        self._look()
        found = {}
        for credential, live in self._in_force.items():
            available, rejections = found.get((credential.host, credential.port), (True, collections.Counter()))
            rejections.update(live.rejections)
            found[credential.host, credential.port] = (available and not live.value.mistake, rejections)
        return [(host, port, *rest) for (host, port), rest in found.items()]

    def put_into(self, request, hosts, tunnel):
        """Puts the credentials for this request into it, and removes what else says who sends it. Raises Denied if it
        must not leave. request: to an allowed host, whose name is canonical. hosts: the allow-list. tunnel: it came
        inside of TLS. Returns the Answer to it; None if the host has no credentials."""
        self._look()
        if self._file.content is None:
            raise Denied("the file of credentials is wrong; the log of egress says why", 503, POLICY)
        name = request.host
        if not tunnel:
            if any(credential.host == name for credential in self._in_force):
                raise Denied(f"{name} has credentials, so it is reached by https only", policy=POLICY)
            return None
        of_host = [
            live
            for credential, live in self._in_force.items()
            if (credential.host, credential.port) == (name, request.port)
        ]
        if not of_host:
            return None
        if not hosts.allows_by_name(name, request.port):
            raise Denied(
                f"only a wildcard allows {name}, and its credentials need an entry of its own in {hosts.source}",
                503,
                POLICY,
            )
        sent = [live for live in of_host if live.credential.is_for(request.method, request.path)]
        if not sent:
            raise Denied(
                f"the credentials of {name} are not for this method and path; the operator can add them to "
                f"{credentials.file(self._environ)}",
                policy=POLICY,
            )
        if any(live.value.mistake for live in sent):
            raise Denied(f"the credential of {name} is not available; the log of egress says why", 503, POLICY)
        self._spend(name, sent)
        credential_requests.rewrite(
            request, [live.credential for live in of_host], {live.credential: live.value.text for live in sent}
        )
        return Answer(sent, [live.value.text for live in of_host if live.value.text])

    def _spend(self, name, sent):
        now = time.monotonic()
        budgets = [live.budget for live in sent if live.budget]
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

    def answered(self, answer):
        """Counts a complete answer, and says the first by which the host, or pipelock, rejects a credential."""
        for live in answer.sent:
            name, status = live.credential.host, answer.status
            if answer.is_of_pipelock():
                if answer.blames_a_header():
                    self._say_first(
                        live,
                        f"pipelock blocks a header of a request to {name}: if it takes the credential for a leak, mark "
                        "the host passthrough in the allow-list",
                    )
            elif status in REJECTED:
                live.rejections[status] += 1
                self._say_first(
                    live,
                    f"{name} answers {status} to the credential from {live.credential.source}; "
                    "the next ones are only counted",
                )
            elif status < 300:
                live.said_rejected = False

    def _say_first(self, live, line):
        if not live.said_rejected:
            self._say(line)
        live.said_rejected = True
