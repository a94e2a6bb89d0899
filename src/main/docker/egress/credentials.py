"""What the file of credentials says: CLAUDE_BOTTLE_CREDENTIALS, else /etc/credentials.yaml, which need not exist.

As a program it says what is wrong with the file, if anything is. No message quotes what might be a credential.
"""

import json
import os
import re
import sys
import typing
import urllib.parse

import allowed_hosts
from authentication import normal_header
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

VARIABLE = "CLAUDE_BOTTLE_CREDENTIALS"
FILE = "/etc/credentials.yaml"
MOST_PER_MINUTE = 100_000

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRINTABLE = re.compile(r"[ -~]*")
# by which HTTP itself works, and what egress sets in requests with credentials
_NO_CREDENTIAL = frozenset(
    "accept-encoding connection content-length expect host if-range keep-alive range te trailer transfer-encoding"
    " upgrade".split()
)
# A server may decode or simplify a path that has one of these, and then sees another one than we. %c0%ae, %e0%80%ae and
# %u002e are dots to some.
_AMBIGUOUS_PATH = re.compile(
    r"//|\\|/\.{1,2}(?=[/;]|$)|%(2e|2f|5c|25|00|c[01]|e0%[89]|f0%8|(?![0-9a-f]{2}))|[^!-~]", re.IGNORECASE
)


class InvalidCredentials(Exception):
    """The message says on one line everything that is wrong with the file."""


class Credential(typing.NamedTuple):
    """An entry of the file: the requests that it is for, and the header that they get."""

    host: str
    port: int
    header: str
    format: str
    value_file: str | None  # this or value_env
    value_env: str | None
    methods: tuple[str, ...]  # none: all
    paths: tuple[str, ...]  # none: all
    requests_per_minute: int | None
    remove_headers: tuple[str, ...]
    remove_query: tuple[str, ...]

    @property
    def source(self):
        """Where its value comes from."""
        return self.value_file or f"the variable {self.value_env}"

    def is_for(self, method, path):
        """Whether a request with this target of the form /path?query gets the credential."""
        path = path.partition("?")[0]
        if self.paths and (_AMBIGUOUS_PATH.search(path) or not any(_is_below(path, prefix) for prefix in self.paths)):
            return False
        return not self.methods or method in self.methods

    @property
    def target(self):
        """What gets the value: the host, its port, and the header as servers know it."""
        return self.host, self.port, normal_header(self.header)

    def overlaps(self, other):
        """Whether a request can be for both, which have the same target."""
        return (not self.methods or not other.methods or bool({*self.methods} & {*other.methods})) and (
            not self.paths
            or not other.paths
            or any(_is_below(a, b) or _is_below(b, a) for a in self.paths for b in other.paths)
        )


def _is_below(path, prefix):
    """By whole segments: /v1 covers /v1 and /v1/models, not /v10."""
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")


def file(environ):
    return environ.get(VARIABLE) or FILE


def read(environ=os.environ, required=True):
    """The credentials, in the order of the file. required: it is a mistake if there is no file at the default place.
    Raises InvalidCredentials."""
    path = file(environ)
    try:
        with open(path, encoding="utf-8-sig") as opened:
            entries = YAML(typ="safe", pure=True).load(opened)
    except FileNotFoundError:
        if not required and not environ.get(VARIABLE):
            return ()
        raise InvalidCredentials(f"{path}: No such file or directory") from None
    except OSError as error:
        raise InvalidCredentials(f"{path}: {error.strerror}") from None
    except UnicodeError:
        raise InvalidCredentials(f"{path}: not UTF-8 text") from None
    except Exception as error:  # the parser's own ones, or those of Python: a date 2001-99-99 is a ValueError
        raise InvalidCredentials(f"{path}: {_yaml_fault(error)}") from None
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise InvalidCredentials(f"{path}: expected a list of entries such as {{host: …, header: …, value_file: …}}")
    found, mistakes = [], []
    same_target = {}  # entries with their numbers
    for number, entry in enumerate(entries, 1):
        parser = _Entry(entry)
        mistakes += [f"{path}: entry {number}: {mistake}" for mistake in parser.mistakes]
        if not parser.mistakes:
            others = same_target.setdefault(parser.credential.target, [])
            for other_number, other in others:
                if parser.credential.overlaps(other):
                    mistakes.append(
                        f"{path}: entry {number}: entry {other_number} sets the same header of the same requests"
                    )
            others.append((number, parser.credential))
            found.append(parser.credential)
    if mistakes:
        raise InvalidCredentials("; ".join(mistakes))
    return tuple(found)


def _yaml_fault(error):
    """Without the text that the parser quotes."""
    if isinstance(error, DuplicateKeyError):
        problem = "a key occurs twice"
    elif isinstance(error, MarkedYAMLError) and error.problem:
        problem = re.sub(r"'.*'|\".*\"", "…", error.problem)
    else:
        return "not YAML"
    return f"line {error.problem_mark.line + 1}: {problem}" if error.problem_mark else problem


class _Entry:
    """Reads one entry: its credential, or the mistakes in it."""

    def __init__(self, entry):
        self.mistakes = []
        self._entry = entry
        if not isinstance(entry, dict):
            self.mistakes.append("expected keys and values, such as {host: …, header: …, value_file: …}")
            return
        for key in entry:
            if key not in Credential._fields or key == "port":
                known = ", ".join(field for field in Credential._fields if field != "port")
                self.mistakes.append(f"{_quoted(key)} is not a key; expected {known}")
        host, port = self._host()
        self.credential = Credential(
            host,
            port,
            self._text("header", self._is_header, "the name of a header that carries credentials", required=True),
            self._text("format", self._is_format, 'text with one {} for the value, such as "Bearer {}"') or "{}",
            self._text("value_file", self._is_file, "the absolute path of a file with the value"),
            self._text("value_env", _VARIABLE_NAME.fullmatch, "the name of a variable with the value"),
            self._texts("methods", self._is_method, "methods in capitals, such as POST"),
            self._texts("paths", self._is_path, "the beginnings of paths, such as /v1/messages"),
            self._requests_per_minute(),
            self._texts("remove_headers", _TOKEN.fullmatch, "names of headers"),
            self._texts("remove_query", lambda text: _PRINTABLE.fullmatch(text) and text, "names of query parameters"),
        )
        if ("value_file" in entry) == ("value_env" in entry):
            self.mistakes.append("expected either value_file or value_env")

    @staticmethod
    def _is_header(text):
        return _TOKEN.fullmatch(text) and normal_header(text) not in _NO_CREDENTIAL

    @staticmethod
    def _is_format(text):
        return _PRINTABLE.fullmatch(text) and text.count("{}") == 1 and text.strip() == text

    @staticmethod
    def _is_file(text):
        return os.path.isabs(text) and text.isprintable()

    @staticmethod
    def _is_method(text):
        return _TOKEN.fullmatch(text) and text == text.upper() and text != "CONNECT"

    @staticmethod
    def _is_path(text):
        return (
            text.startswith("/")
            and urllib.parse.quote(text, safe="/:@!$&'()*+,;=~%-._") == text
            and not _AMBIGUOUS_PATH.search(text)
        )

    def _host(self):
        text = self._entry.get("host")
        host_and_port = allowed_hosts.split_port(text) if isinstance(text, str) else None
        name = allowed_hosts.canonical(host_and_port[0]) if host_and_port and host_and_port[0] else None
        if name is None:
            self.mistakes.append("host: expected one host such as api.example.com, maybe with :port")
            return "", 0
        return name, host_and_port[1] or allowed_hosts.DEFAULT_PORTS["https"]

    def _text(self, key, is_valid, expected, required=False):
        if key not in self._entry and not required:
            return None
        text = self._entry.get(key)
        if not isinstance(text, str) or not is_valid(text):
            self.mistakes.append(f"{key}: expected {expected}")
            return ""
        return text

    def _texts(self, key, is_valid, expected):
        if key not in self._entry:
            return ()
        texts = self._entry[key]
        valid = isinstance(texts, list) and all(isinstance(text, str) and is_valid(text) for text in texts)
        if not valid or not texts:
            self.mistakes.append(f"{key}: expected a list of {expected}")
            return ()
        return tuple(texts)

    def _requests_per_minute(self):
        if "requests_per_minute" not in self._entry:
            return None
        number = self._entry["requests_per_minute"]
        if type(number) is not int or not 1 <= number <= MOST_PER_MINUTE:  # True is an int, too
            self.mistakes.append(f"requests_per_minute: expected a number from 1 to {MOST_PER_MINUTE}")
            return None
        return number


def _quoted(key):
    """Any other text may be a pasted credential."""
    return json.dumps(key) if re.fullmatch(r"[a-z_]{1,20}", str(key)) else "…"


if __name__ == "__main__":
    try:
        read(required=False)
    except InvalidCredentials as error:
        sys.exit(str(error))
