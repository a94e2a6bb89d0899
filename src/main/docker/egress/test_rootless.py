"""egress and pipelock as one user without a name, in a container without root."""

import os
import unittest
import unittest.mock

import rootless
import support


class RootlessTest(unittest.TestCase):
    def setUp(self):
        rootless.require()
        self.enterContext(unittest.mock.patch.dict(os.environ, PATH=rootless.PATH))
        self.testbed = support.Testbed(prefix=rootless.PREFIX)
        self.addCleanup(self.testbed.close)
        self.testbed.origin_ca.chmod(0o644)
        self.testbed.pipelock_home.rmdir()
        self.confdir = self.testbed.directory / "confdir"
        for volume in (self.testbed.pipelock_home, self.confdir):
            rootless.make_volume(volume)
        self.testbed.pipelock_yaml()
        self.port = support.free_port()
        self.ca = self.testbed.directory / "agent-ca.pem"

    def test_requests_pass_and_keys_stay_private_when_the_volumes_are_mounted_again(self):
        for start in ("first", "second"):
            with self.subTest(start=start):
                # When
                pipelock = self.testbed.ready_pipelock(HOME=str(self.testbed.pipelock_home))
                egress = self.testbed.healthy_egress(self.port, HOME=str(self.confdir))
                self.ca.write_text(support.egress_ca(self.port))

                # Then
                url = f"https://localhost:{self.testbed.secure.port}/{start}"
                response = support.CurlResponse(self.port, url, "--cacert", self.ca)
                self.assertEqual(response.code, 200, response.text + response.error)
                self.assertEqual(self.testbed.secure.requests[-1][:2], ("GET", f"/{start}"))
                for key in ("pipelock/ca-key.pem", "confdir/mitmproxy-ca.pem", "confdir/mitmproxy-ca.p12"):
                    found = (self.testbed.directory / key).stat()
                    self.assertEqual((found.st_uid, oct(found.st_mode & 0o777)), (rootless.UID, "0o600"), key)

                # Given: the next pod
                self.assertEqual(egress.terminate(), 0, egress.text())
                pipelock.terminate()
                for volume in (self.testbed.pipelock_home, self.confdir):
                    rootless.mount_again(volume)

    def test_a_volume_that_the_user_cannot_write_is_an_error_that_names_the_uid(self):
        self.confdir.chmod(0o755)
        egress = self.testbed.start_egress(self.port, HOME="/")
        self.assertEqual(egress.exit_code(), 1)
        self.assertIn(
            f"cannot start egress: {self.confdir} is not writable by uid {rootless.UID}; mount", egress.text()
        )


if __name__ == "__main__":
    unittest.main()
