"""prepare-volumes as root with no more capabilities than a pod gives it, where the guards' users exist."""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import planted
import support

PROGRAM = support.DOCKER / "kubernetes/prepare-volumes"
USERS = {"mitmproxy": 64990, "pipelock": 64991, "git-gate": 64992, "supervise": 64993}
DIRECTORIES = {
    "egress": ("mitmproxy", 0o700),
    "pipelock": ("pipelock", 0o755),
    "git-gate": ("git-gate", 0o700),
    "supervise": ("supervise", 0o700),
}
PRIVILEGES = ["setpriv", "--bounding-set=-all,+chown,+dac_override,+fowner"]


@unittest.skipUnless(planted.can_mount(), "needs root and mount namespaces")
class PrepareVolumesTest(unittest.TestCase):
    def setUp(self):
        self.prefix = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.prefix)
        self.volume = self.prefix / "volume"
        self.volume.mkdir()
        os.chown(self.volume, 0, 1000)
        self.volume.chmod(0o2775)  # as a volume with an fsGroup is

    def test_each_guard_gets_a_directory_with_its_owner_and_mode(self):
        # Given: that of git-gate is there, as the kubelet makes it for a subPath
        (self.volume / "git-gate").mkdir(mode=0o775)

        # When
        self.prepare()

        # Then
        found = {path.name: self.attributes(path) for path in self.volume.iterdir()}
        self.assertEqual(
            found, {guard: (USERS[user], USERS[user], mode) for guard, (user, mode) in DIRECTORIES.items()}
        )

    def test_the_users_are_those_of_the_bundle_file(self):
        text = (support.DOCKER / "sidecars.yaml").read_text()
        users = dict(re.findall(r"^  ([a-z-]+):\n(?:    .*\n)*?    user: (\S+)\n", text, re.MULTILINE))
        self.assertEqual(users, {guard: user for guard, (user, _) in DIRECTORIES.items()})

    def test_what_is_in_a_directory_stays_as_it_is_when_it_runs_again(self):
        # Given
        self.prepare()
        repository = self.volume / "git-gate/repo.git"
        repository.mkdir(mode=0o750)
        os.chown(repository, 64992, 64999)

        # When
        self.prepare()

        # Then
        self.assertEqual(self.attributes(repository), (64992, 64999, 0o750))

    def test_a_symbolic_link_in_place_of_a_directory_is_refused(self):
        # Given
        elsewhere = self.prefix / "elsewhere"
        elsewhere.mkdir()
        (self.volume / "egress").symlink_to(elsewhere)

        # When
        done = self.run_it()

        # Then
        self.assertEqual((done.returncode, done.stderr), (1, f"cannot prepare {self.volume}/egress: Not a directory\n"))
        self.assertEqual(self.attributes(elsewhere)[0], 0)

    def test_other_volumes_can_be_named(self):
        other = self.prefix / "other"
        other.mkdir()

        self.prepare(other)

        self.assertEqual({path.name for path in other.iterdir()}, set(DIRECTORIES))
        self.assertEqual(list(self.volume.iterdir()), [])

    def test_run_tmp_and_secrets_are_narrowed_if_others_may_write_there(self):
        for name, before, after in (
            ("run", 0o777, 0o755),
            ("run", 0o2777, 0o755),
            ("run", 0o700, 0o700),
            ("tmp", 0o777, 0o1777),
            ("tmp", 0o1777, 0o1777),
            ("tmp", 0o700, 0o700),
            ("secrets", 0o777, 0o755),
        ):
            with self.subTest(name=name, before=oct(before)):
                path = self.prefix / name
                path.mkdir(exist_ok=True)
                path.chmod(before)
                self.prepare()
                self.assertEqual(self.attributes(path)[2], after)

    def test_each_secret_can_be_read_by_its_guard_alone(self):
        # Given
        self.give("egress", {"tls.key": "key", "tls.crt": "certificate"})
        self.give("git-gate", {"ssh-privatekey": "ssh"})

        # When
        self.prepare()

        # Then
        secrets = self.prefix / "secrets"
        self.assertEqual(self.attributes(secrets), (0, 0, 0o755))
        self.assertEqual({path.name for path in secrets.iterdir()}, {"egress", "git-gate"})
        for path, user, content in (
            ("egress/tls.key", "mitmproxy", "key"),
            ("egress/tls.crt", "mitmproxy", "certificate"),
            ("git-gate/ssh-privatekey", "git-gate", "ssh"),
        ):
            self.assertEqual((secrets / path).read_text(), content)
            self.assertEqual(self.attributes(secrets / path), (USERS[user], USERS[user], 0o400))
            self.assertEqual(self.attributes((secrets / path).parent), (USERS[user], USERS[user], 0o700))
        self.assertEqual(sorted(os.listdir(secrets / "egress")), ["credentials", "tls.crt", "tls.key"])

    def test_a_secret_that_has_changed_is_followed_when_it_runs_again(self):
        # Given
        self.give("egress", {"tls.key": "old", "tls.crt": "old"})
        self.prepare()

        # When
        self.give("egress", {"tls.key": "new"})
        self.prepare()

        # Then
        egress = self.prefix / "secrets/egress"
        self.assertEqual(sorted(os.listdir(egress)), ["credentials", "tls.key"])
        self.assertEqual((egress / "tls.key").read_text(), "new")
        self.assertEqual(self.attributes(egress / "tls.key"), (USERS["mitmproxy"], USERS["mitmproxy"], 0o400))

    def test_egress_alone_reaches_what_is_mounted_for_its_credentials(self):
        # Given: without any other Secret
        secrets = self.empty_secrets()

        # When
        self.prepare()

        # Then
        self.assertEqual(self.attributes(secrets), (0, 0, 0o755))
        self.assertEqual(os.listdir(secrets), ["egress"])
        mount_point = secrets / "egress/credentials"
        for path in (mount_point, mount_point.parent):
            self.assertEqual(self.attributes(path), (USERS["mitmproxy"], USERS["mitmproxy"], 0o700))
        self.assertEqual(os.listdir(mount_point), [])
        self.prefix.chmod(0o755)
        for user, uid in USERS.items():
            read = subprocess.run(
                [
                    *("unshare", "--mount", "--propagation", "private", "sh", "-euc"),
                    'mount -t tmpfs -o mode=1777 none "$1"; echo content >"$1/key"; chmod 0444 "$1/key"'
                    '; exec setpriv --reuid="$2" --regid="$2" --clear-groups cat "$1/key"',
                    *("-", mount_point, str(uid)),
                ],
                capture_output=True,
                text=True,
                timeout=support.LIMIT,
            )
            self.assertEqual(read.stdout, "content\n" if user == "mitmproxy" else "", user)
            self.assertIn("" if user == "mitmproxy" else "Permission denied", read.stderr, user)

    def test_the_mount_point_of_the_credentials_stays_when_it_runs_again(self):
        # Given
        secrets = self.empty_secrets()
        self.prepare()
        mount_point = secrets / "egress/credentials"
        before = mount_point.stat().st_ino

        for files in ({"tls.key": "key"}, {}, None):
            with self.subTest(files=files):
                # When
                if files is None:
                    shutil.rmtree(self.prefix / "given")
                else:
                    self.give("egress", files)
                self.prepare()

                # Then
                self.assertEqual(mount_point.stat().st_ino, before)
                self.assertEqual(sorted(os.listdir(mount_point.parent)), sorted(["credentials", *(files or {})]))

    def test_a_file_with_the_name_of_the_mount_point_is_refused(self):
        self.give("egress", {"credentials": "key"})

        done = self.run_it()

        self.assertEqual(
            (done.returncode, done.stderr),
            (
                1,
                f"cannot prepare {self.prefix}/given/egress: a file can't have the name credentials, because"
                f" {self.prefix}/secrets/egress/credentials is a directory\n",
            ),
        )

    def test_without_secrets_there_is_no_mount_point(self):
        self.prepare()

        self.assertFalse((self.prefix / "secrets").exists())

    def test_every_mistake_is_said_and_the_rest_is_done(self):
        # Given
        self.give("gitgate", {"a": "a"})
        self.give("egress", {"tls.key": "key"})
        (self.prefix / "given/supervise/deep").mkdir(parents=True)
        shutil.rmtree(self.volume)

        # When
        done = self.run_it()

        # Then
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            done.stderr.splitlines(),
            [
                *(f"cannot prepare {self.volume}/{guard}: No such file or directory" for guard in DIRECTORIES),
                f"cannot prepare {self.prefix}/given/gitgate: no guard has this name; expected one of egress, pipelock,"
                " git-gate, supervise",
                f"cannot prepare {self.prefix}/given/supervise: deep is no file",
            ],
        )
        self.assertEqual((self.prefix / "secrets/egress/tls.key").read_text(), "key")

    def test_a_user_that_is_missing_is_named(self):
        done = self.run_it(users={"mitmproxy": 64990})
        self.assertEqual(
            done.stderr.splitlines(),
            [f"cannot prepare {self.volume}/{user}: there is no user {user}" for user in USERS if user != "mitmproxy"],
        )

    def test_without_root_all_belongs_to_the_user_who_runs_it(self):
        # Given
        self.give("egress", {"tls.key": "key"})
        secrets = self.empty_secrets()
        for path in (self.prefix, self.volume, secrets):
            path.chmod(0o2775)
            os.chown(path, 0, 1000)

        for _ in range(2):
            # When
            self.prepare(
                privileges=["setpriv", "--reuid=64994", "--regid=1000", "--clear-groups", "--bounding-set=-all"]
            )

            # Then
            found = {path.name: self.attributes(path) for path in self.volume.iterdir()}
            self.assertEqual(found, {guard: (64994, 1000, mode) for guard, (_, mode) in DIRECTORIES.items()})
            self.assertEqual(self.attributes(secrets / "egress/tls.key"), (64994, 1000, 0o400))
            for path in ("egress", "egress/credentials"):
                self.assertEqual(self.attributes(secrets / path), (64994, 1000, 0o700))

    def empty_secrets(self):
        """As the kubelet makes an emptyDir."""
        secrets = self.prefix / "secrets"
        secrets.mkdir()
        secrets.chmod(0o777)
        return secrets

    def give(self, guard, files):
        """As the kubelet does: each file is a link into a directory that is replaced as a whole."""
        given = self.prefix / "given" / guard
        shutil.rmtree(given, ignore_errors=True)
        data = given / "..2026_01_01"
        data.mkdir(parents=True)
        (given / "..data").symlink_to("..2026_01_01")
        for name, content in files.items():
            (data / name).write_text(content)
            (given / name).symlink_to(f"..data/{name}")

    def prepare(self, *arguments, **settings):
        done = self.run_it(*arguments, **settings)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def run_it(self, *arguments, users=USERS, privileges=PRIVILEGES):
        with tempfile.NamedTemporaryFile(mode="w") as passwd:
            passwd.write("root:x:0:0::/root:/bin/sh\n")
            passwd.writelines(f"{user}:x:{uid}:{uid}::/:/usr/sbin/nologin\n" for user, uid in users.items())
            passwd.flush()
            mount = 'mount --bind "$1" /etc/passwd; shift; exec "$@"'
            return subprocess.run(
                [
                    *("unshare", "--mount", "--propagation", "private", "sh", "-euc", mount, "-", passwd.name),
                    *(*privileges, sys.executable, "-I", "-S", PROGRAM, *(arguments or (self.volume,))),
                ],
                env={"PATH": os.environ["PATH"], "PREFIX": str(self.prefix)},
                capture_output=True,
                text=True,
                timeout=support.LIMIT,
            )

    def attributes(self, path):
        found = path.lstat()
        return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


if __name__ == "__main__":
    unittest.main()
