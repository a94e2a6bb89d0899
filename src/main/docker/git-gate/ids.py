"""Which findings are ids: of git's objects, pinned versions, checksums. They look like keys, but are no secrets.

gitleaks reports them when a word such as "auth" or "token" stands before them. Who wants to evade the scan can call a
token an id, but could also encode it.
"""

import os
import re
import subprocess

HEX = re.compile(r"[0-9a-fA-F]+")
DIGESTS = (40, 64, 96, 128)  # hex digits of SHA-1, SHA-256, SHA-384, SHA-512; many tokens have 32
INTEGRITY = re.compile(r"sha(?:384|512)-[\w+/-]{64,86}={0,2}")
NAMED = re.compile(  # AUTH_COMMIT, apiRev, oauth-sha256, SRCREV_api
    r"(?:^|[^a-z]|(?-i:(?<=[a-z])(?=[A-Z])))"
    r"(?:commit|revision|rev|ref|tag|version|sha|sha1|sha256|sha384|sha512|checksum|digest)(?:[_-]?(?:id|hash|sums?))?$"
    r"|^SRCREV_[\w-]+$",
    re.IGNORECASE,
)
LOCKED = {  # these lock files write a digest right after a name
    "Podfile.lock": re.compile(r": $"),
    "deno.lock": re.compile(r'": "$'),
}


def without_ids(findings):
    findings = [finding for finding in findings if not is_named_id(finding)]
    objects = known_objects({finding.secret.lower() for finding in findings if is_digest(finding.secret)})
    return [finding for finding in findings if finding.secret.lower() not in objects]


def is_named_id(finding):
    if INTEGRITY.fullmatch(finding.secret):
        return True
    if not is_digest(finding.secret):
        return False
    before = finding.match.rpartition(finding.secret)[0]
    lock = LOCKED.get(os.path.basename(finding.text.path))
    return bool(NAMED.search(before.rstrip("\"'`=:>|?, \t\r\n")) or (lock and lock.search(before)))


def is_digest(secret):
    return len(secret) in DIGESTS and HEX.fullmatch(secret) is not None


def known_objects(ids):
    """Which of the ids belong to objects here or in the push. Nobody can make an object whose id is a given secret."""
    if not ids:
        return set()
    asked = "".join(f"{oid}\n" for oid in ids)
    listed = subprocess.run(
        ["git", "cat-file", "--batch-check=%(objectname)"], input=asked, capture_output=True, text=True
    )
    return ids.intersection(listed.stdout.splitlines())  # else "ID missing", or the id of an object that a ref names
