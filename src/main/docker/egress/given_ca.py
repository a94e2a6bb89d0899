"""Runs mitmdump with a CA of the operator, instead of the one that it makes by itself.

usage: given_ca.py DIRECTORY MITMDUMP ARGUMENT…

    CLAUDE_BOTTLE_CA_CERT   a PEM file: the CA's certificate, and after it those that issued it, if any, up to the root
    CLAUDE_BOTTLE_CA_KEY    a PEM file: the CA's key, unencrypted

mitmproxy reads the key from memory alone, by a link in DIRECTORY to a descriptor that it inherits: nothing but the
operator's file has it on a disk. The certificates are in DIRECTORY, for the agent to trust.
"""

import contextlib
import datetime
import os
import pathlib
import re
import sys

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from log_lines import printable, write

CERT, KEY = "CLAUDE_BOTTLE_CA_CERT", "CLAUDE_BOTTLE_CA_KEY"
# egress' certificates have the same key as the CA, so it must be one that clients take
CURVES = ("secp256r1", "secp384r1", "secp521r1")
RSA_BITS = 2048
BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
SERVERS = (x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)


class InvalidCa(Exception):
    """The message names every mistake."""


def read(environ):
    """Returns the CA's key, and its certificate with those that issued it. Raises InvalidCa."""
    missing = [name for name in (CERT, KEY) if not environ.get(name)]
    if missing:
        raise InvalidCa(f"{missing[0]} is not set; a CA needs {CERT} and {KEY}")
    mistakes = []
    with collected(mistakes):
        chain = read_chain(environ[CERT])
    with collected(mistakes):
        key = read_key(environ[KEY])
    if not mistakes and public(key.public_key()) != public(chain[0].public_key()):
        mistakes.append(f"{KEY}: {environ[KEY]} is not the key of the first certificate in {environ[CERT]}")
    if mistakes:
        raise InvalidCa("; ".join(mistakes))
    return key, chain


@contextlib.contextmanager
def collected(mistakes):
    try:
        yield
    except InvalidCa as mistake:
        mistakes.append(str(mistake))


def content(name, path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise InvalidCa(f"{name}: {path}: {error.strerror}") from None


def read_chain(path):
    blocks = BLOCK.findall(content(CERT, path))
    if not blocks:
        raise InvalidCa(f"{CERT}: {path} has no certificate in PEM")
    try:
        chain = [x509.load_pem_x509_certificate(block) for block in blocks]
        mistakes = [mistake for number in range(len(chain)) for mistake in faults(chain, number)]
    except ValueError as error:
        raise InvalidCa(f"{CERT}: {path} has a damaged certificate: {error}") from None
    if mistakes:
        raise InvalidCa(f"{CERT}: {path}: {'; '.join(mistakes)}")
    return chain


def faults(chain, number):
    """Why clients would not take this certificate as a CA in its place."""
    certificate = chain[number]
    name = f'certificate {number + 1}, "{certificate.subject.rfc4514_string()}",'
    constraints = extension(certificate, x509.BasicConstraints)
    if not constraints or not constraints.ca:
        yield f"{name} is no CA"
    elif constraints.path_length is not None and constraints.path_length < number:
        yield f"{name} allows only {constraints.path_length} CAs below it (pathlen)"
    usage = extension(certificate, x509.KeyUsage)
    if usage and not usage.key_cert_sign:
        yield f"{name} may not sign certificates (keyUsage)"
    purposes = extension(certificate, x509.ExtendedKeyUsage)
    if purposes and not any(purpose in SERVERS for purpose in purposes):
        yield f"{name} is not for servers (extendedKeyUsage)"
    begin, end = period(certificate)
    now = datetime.datetime.now(datetime.UTC)
    if now < begin:
        yield f"{name} is valid from {begin:%Y-%m-%dT%H:%M:%SZ} on"
    if now >= end:
        yield f"{name} has expired at {end:%Y-%m-%dT%H:%M:%SZ}"
    if number and chain[number - 1].issuer != certificate.subject:
        yield f"{name} did not issue the one before it"


def doubts(chain):
    """Why some clients would not take this CA."""
    if chain[-1].issuer != chain[-1].subject:
        yield "the root is missing: clients that trust nothing else, such as Node.js, refuse egress; append it"
    for number, certificate in enumerate(chain):
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        missing = [] if constraints.critical else ["a critical basicConstraints"]
        missing += [] if extension(certificate, x509.KeyUsage) else ["keyUsage"]
        missing += [] if extension(certificate, x509.SubjectKeyIdentifier) else ["subjectKeyIdentifier"]
        if missing:
            yield (
                f"certificate {number + 1} lacks {' and '.join(missing)}: clients that demand what RFC 5280 does, such"
                " as Python from 3.13 on, refuse egress"
            )


def extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def period(certificate):
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    ends = certificate.not_valid_before, certificate.not_valid_after
    return tuple(end.replace(tzinfo=datetime.UTC) for end in ends)


def read_key(path):
    text = content(KEY, path)
    try:
        key = serialization.load_pem_private_key(text, None)
    except TypeError:
        raise InvalidCa(f"{KEY}: {path} is encrypted, and egress has no password for it") from None
    except Exception:  # ValueError, UnsupportedAlgorithm, …; the text may hold a part of the key
        raise InvalidCa(f"{KEY}: {path} has no private key in PEM") from None
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < RSA_BITS:
            raise InvalidCa(f"{KEY}: {path} has {key.key_size} bits; clients want {RSA_BITS} of RSA")
    elif not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in CURVES:
        raise InvalidCa(f"{KEY}: {path} is neither RSA nor ECDSA on P-256, P-384 or P-521")
    return key


def public(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def provide(directory, key, chain):
    """Puts the CA where mitmproxy looks for its own."""
    certificates = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in chain)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    memory = os.memfd_create("mitmproxy-ca", 0)  # without MFD_CLOEXEC: mitmdump inherits it
    with open(memory, "wb", closefd=False) as file:
        file.write(private + certificates)
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / "mitmproxy-ca-cert.pem").write_bytes(certificates)
    link = directory / "mitmproxy-ca.pem"
    link.unlink(missing_ok=True)
    link.symlink_to(f"/proc/self/fd/{memory}")


def main():
    directory, *command = sys.argv[1:]
    try:
        key, chain = read(os.environ)
        provide(pathlib.Path(directory), key, chain)
    except InvalidCa as error:
        sys.exit(f"cannot start egress: {printable(error, 4096)}")
    except OSError as error:
        sys.exit(f"cannot start egress: {directory}: {error.strerror}")
    for doubt in doubts(chain):
        write(f"{CERT}: {os.environ[CERT]}: {doubt}")
    os.execvp(command[0], [*command, "--set", f"confdir={directory}"])


if __name__ == "__main__":
    main()
