"""A CA of the operator: real mitmdump with it, curl, and Python's and OpenSSL's checks of certificates."""

import os
import pathlib
import socket
import ssl
import subprocess
import unittest

import support
from support import CurlResponse, egress_ca, openssl

CERT, KEY = "CLAUDE_BOTTLE_CA_CERT", "CLAUDE_BOTTLE_CA_KEY"
RSA = ("-newkey", "rsa:2048", "-nodes")
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
PRIVATE = b"PRIVATE KEY"
STRICT = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign"


class Authority:
    """A CA: `cert` and `key` are its files."""

    def __init__(self, directory, name, kind=EC, issuer=None, extensions=STRICT, days=2):
        self.name = name
        self.cert, self.key = directory / f"{name}.crt", directory / f"{name}.key"
        request, settings = directory / f"{name}.csr", directory / f"{name}.cnf"
        settings.write_text(f"{extensions}\nsubjectKeyIdentifier=hash\n")
        openssl("req", "-new", *kind, "-subj", f"/O=cert-manager/CN={name}", "-keyout", self.key, "-out", request)
        signer = ("-CA", issuer.cert, "-CAkey", issuer.key, "-CAcreateserial") if issuer else ("-signkey", self.key)
        openssl(
            *("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", settings, "-out", self.cert),
        )


class GivenCaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.testbed = support.Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.directory = cls.testbed.directory
        cls.testbed.pipelock_yaml()
        cls.testbed.ready_pipelock()
        cls.root = Authority(cls.directory, "root")
        cls.port = support.free_port()
        cls.confdir = cls.directory / "confdir"

    def test_egress_issues_with_keys_of_all_kinds_and_forms(self):
        rsa = Authority(self.directory, "rsa", RSA)
        p384 = Authority(self.directory, "p384", ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes"))
        pkcs1, sec1, with_parameters = (self.directory / name for name in ("pkcs1", "sec1", "parameters"))
        openssl("rsa", "-traditional", "-in", rsa.key, "-out", pkcs1)
        openssl("ec", "-in", self.root.key, "-out", sec1)
        openssl("ecparam", "-name", "prime256v1", "-out", with_parameters)
        with_parameters.write_text(with_parameters.read_text() + sec1.read_text())
        for form, cert, key in (
            ("RSA PRIVATE KEY", rsa.cert, pkcs1),
            ("PRIVATE KEY", rsa.cert, rsa.key),
            ("EC PRIVATE KEY", self.root.cert, sec1),
            ("EC PARAMETERS", self.root.cert, with_parameters),
            ("PRIVATE KEY", p384.cert, p384.key),
        ):
            with self.subTest(form=form, cert=cert.name):
                self.assertIn(f"-----BEGIN {form}-----", key.read_text())
                egress = self.start(cert, key)
                self.assertEqual(egress_ca(self.port).split(), cert.read_text().split())
                self.assert_trusted_with(cert)
                self.assertEqual(egress.terminate(), 0)

    def test_clients_that_trust_only_the_root_take_an_intermediate_with_its_chain(self):
        # Given: tls.crt as cert-manager makes it, with the root
        upper = Authority(self.directory, "upper", issuer=self.root)
        lower = Authority(
            self.directory,
            "lower",
            RSA,
            issuer=upper,
            extensions="basicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign",
        )
        chain = self.directory / "chain.crt"
        chain.write_text("".join(one.cert.read_text() for one in (lower, upper, self.root)))

        # When
        egress = self.start(chain, lower.key)

        # Then
        self.assertEqual(egress_ca(self.port).split(), chain.read_text().split())
        self.assert_trusted_with(self.root.cert)
        context = ssl.create_default_context(cafile=self.root.cert)
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0)
        with self.tunnel() as tunnel, context.wrap_socket(tunnel, server_hostname="localhost") as connection:
            issuer = dict(part[0] for part in connection.getpeercert()["issuer"])
        self.assertEqual(issuer["commonName"], "lower")
        self.assertEqual(egress.lines(f"{CERT}: "), [])
        egress.terminate()

    def test_a_chain_without_its_root_works_for_clients_that_trust_the_ca_itself_and_is_said(self):
        lower = Authority(self.directory, "rootless", issuer=self.root)

        self.assert_works_and_says(
            lower,
            "the root is missing: clients that trust nothing else, such as Node.js, refuse egress; append it",
        )

    def test_a_ca_that_strict_clients_refuse_works_for_others_and_is_said(self):
        lax = Authority(self.directory, "lax", extensions="basicConstraints=CA:true")

        self.assert_works_and_says(
            lax,
            "certificate 1 lacks a critical basicConstraints and keyUsage: clients that demand what RFC 5280 does, such"
            " as Python from 3.13 on, refuse egress",
        )

    def test_a_changed_ca_counts_at_the_next_start(self):
        # Given
        cert, key = self.directory / "tls.crt", self.directory / "tls.key"
        for name in ("before", "after"):
            with self.subTest(name=name):
                authority = Authority(self.directory, name)
                cert.write_text(authority.cert.read_text())
                key.write_text(authority.key.read_text())

                # When
                egress = self.start(cert, key)

                # Then
                self.assert_trusted_with(authority.cert)
                egress.terminate()

    def test_egress_own_ca_stays_and_comes_back(self):
        # Given
        egress = self.start()
        own = egress_ca(self.port)
        egress.terminate()
        before = {path: path.read_bytes() for path in self.confdir.glob("mitmproxy-*")}

        # When
        egress = self.start(self.root.cert, self.root.key)
        self.assertNotEqual(egress_ca(self.port), own)
        egress.terminate()
        egress = self.start()

        # Then
        self.assertEqual(egress_ca(self.port), own)
        self.assertEqual({path: path.read_bytes() for path in self.confdir.glob("mitmproxy-*")}, before)
        egress.terminate()

    def test_the_key_is_in_memory_alone_where_no_other_user_reads_it(self):
        # Given
        egress = self.start(self.root.cert, self.root.key)
        given = self.confdir / "given"

        # Then
        self.assertTrue((given / "mitmproxy-ca.pem").is_symlink())
        files = [path for path in given.rglob("*") if not path.is_symlink() and path.is_file()]
        self.assertTrue(files)
        self.assertEqual([path for path in files if PRIVATE in path.read_bytes()], [])
        memory = f"/proc/{egress.process.pid}/fd/{os.readlink(given / 'mitmproxy-ca.pem').rpartition('/')[2]}"
        self.assertIn(PRIVATE, pathlib.Path(memory).read_bytes())
        environment = pathlib.Path(f"/proc/{egress.process.pid}/environ").read_bytes()
        self.assertNotIn(PRIVATE, environment)
        if os.getuid() == 0:
            other = [
                "setpriv",
                "--reuid=64997",
                "--regid=64997",
                "--clear-groups",
                "--bounding-set=-all",
                "cat",
                memory,
            ]
            done = subprocess.run(other, capture_output=True, text=True)
            self.assertIn("Permission denied", done.stderr)
        egress.terminate()

    def test_one_variable_without_the_other_is_an_error(self):
        for given, missing in ((CERT, KEY), (KEY, CERT)):
            with self.subTest(given=given):
                self.assertEqual(
                    self.refusal(**{given: str(self.root.cert)}),
                    f"cannot start egress: {missing} is not set; a CA needs {CERT} and {KEY}\n",
                )

    def test_files_that_are_missing_or_of_another_kind_are_errors(self):
        none, empty = self.directory / "none", self.directory / "empty"
        empty.write_text("-----BEGIN CERTIFICATE-----\n")
        damaged = self.directory / "damaged"
        damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        self.assertEqual(
            self.refusal(none, none),
            f"cannot start egress: {CERT}: {none}: No such file or directory; {KEY}: {none}: No such file or"
            " directory\n",
        )
        self.assertIn(f"{CERT}: {empty} has no certificate in PEM", self.refusal(empty, self.root.key))
        self.assertIn(f"{CERT}: {damaged} has a damaged certificate: ", self.refusal(damaged, self.root.key))
        self.assertEqual(
            self.refusal(self.root.cert, self.root.cert),
            f"cannot start egress: {KEY}: {self.root.cert} has no private key in PEM\n",
        )

    def test_a_key_that_clients_or_egress_cannot_use_is_an_error(self):
        encrypted, weak, edwards, koblitz = (self.directory / name for name in ("aes", "weak", "ed25519", "secp256k1"))
        openssl("pkey", "-in", self.root.key, "-aes256", "-passout", "pass:secret", "-out", encrypted)
        openssl("genrsa", "-out", weak, "1024")
        openssl("genpkey", "-algorithm", "ed25519", "-out", edwards)
        openssl("ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", koblitz)
        other = "is neither RSA nor ECDSA on P-256, P-384 or P-521"
        for key, cause in (
            (encrypted, "is encrypted, and egress has no password for it"),
            (weak, "has 1024 bits; clients want 2048 of RSA"),
            (edwards, other),
            (koblitz, other),
        ):
            with self.subTest(key=key.name):
                self.assertEqual(self.refusal(self.root.cert, key), f"cannot start egress: {KEY}: {key} {cause}\n")

    def test_the_key_of_another_certificate_is_an_error(self):
        key = Authority(self.directory, "other").key
        self.assertEqual(
            self.refusal(self.root.cert, key),
            f"cannot start egress: {KEY}: {key} is not the key of the first certificate in {self.root.cert}\n",
        )

    def test_what_clients_would_not_take_as_a_ca_is_an_error(self):
        for name, extensions, days, cause in (
            ("leaf", "basicConstraints=CA:false", 2, "is no CA"),
            ("silent", "keyUsage=keyCertSign", 2, "is no CA"),
            ("usage", "basicConstraints=CA:true\nkeyUsage=digitalSignature", 2, "may not sign certificates (keyUsage)"),
            (
                "purpose",
                "basicConstraints=CA:true\nextendedKeyUsage=clientAuth",
                2,
                "is not for servers (extendedKeyUsage)",
            ),
            ("expired", "basicConstraints=CA:true", -1, "has expired at 20"),
        ):
            with self.subTest(name=name):
                authority = Authority(self.directory, name, extensions=extensions, days=days)
                self.assertIn(
                    f'{CERT}: {authority.cert}: certificate 1, "CN={name},O=cert-manager", {cause}',
                    self.refusal(authority.cert, authority.key),
                )

    def test_every_mistake_of_a_chain_is_named(self):
        # Given
        narrow = Authority(self.directory, "narrow", extensions="basicConstraints=CA:true,pathlen:0")
        chain = self.directory / "mixed.crt"
        chain.write_text(self.root.cert.read_text() + narrow.cert.read_text())

        # Then
        second = 'certificate 2, "CN=narrow,O=cert-manager",'
        self.assertEqual(
            self.refusal(chain, self.root.key),
            f"cannot start egress: {CERT}: {chain}: {second} allows only 0 CAs below it (pathlen); {second} did not"
            " issue the one before it\n",
        )

    def test_a_full_volume_is_an_error_that_names_it(self):
        given = self.confdir / "given"
        given.mkdir(parents=True, exist_ok=True)
        certificate = given / "mitmproxy-ca-cert.pem"
        certificate.unlink(missing_ok=True)
        certificate.symlink_to("/dev/full")
        self.addCleanup(certificate.unlink)
        self.assertEqual(
            self.refusal(self.root.cert, self.root.key), f"cannot start egress: {given}: No space left on device\n"
        )

    def start(self, cert=None, key=None):
        given = {CERT: str(cert), KEY: str(key)} if cert else {}
        egress = self.testbed.healthy_egress(self.port, **given)
        self.addCleanup(egress.process.wait)
        self.addCleanup(egress.process.kill)
        return egress

    def refusal(self, cert=None, key=None, **environ):
        if cert:
            environ = {CERT: str(cert), KEY: str(key)}
        egress = self.testbed.start_egress(self.port, **environ)
        self.assertEqual(egress.exit_code(), 1, egress.text())
        return egress.lines("cannot start")[0] + "\n"

    def assert_works_and_says(self, authority, said):
        egress = self.start(authority.cert, authority.key)
        self.assert_trusted_with(authority.cert)
        self.assertEqual(egress.lines(f"{CERT}: "), [f"{CERT}: {authority.cert}: {said}"])
        egress.terminate()

    def assert_trusted_with(self, ca):
        url = f"https://localhost:{self.testbed.secure.port}/"
        response = CurlResponse(self.port, url, "--cacert", ca)
        self.assertEqual(response.code, 200, response.text + response.error)

    def tunnel(self):
        tunnel = socket.create_connection(("127.0.0.1", self.port), support.LIMIT)
        host = f"localhost:{self.testbed.secure.port}"
        tunnel.sendall(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.assertIn(b" 200 ", support.read_until(tunnel, b"\r\n\r\n"))
        return tunnel


if __name__ == "__main__":
    unittest.main()
