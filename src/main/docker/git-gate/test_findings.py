"""Tests what git-gate takes for a secret, and the operator's list of findings that pass."""

import base64
import gzip
import hashlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from gate import APP, AWS_KEY, GITHUB_TOKEN, MISSING, Sandbox, SharedGateTest
from support import ROOT

RANDOM = random.Random(9)
WORD = "source" + "graph"  # the rule of this name takes any 40 hex digits by default


def hex_digits(count):
    return RANDOM.randbytes(count // 2).hex()


def integrity():
    """A SHA-512 in base64, of letters and digits alone, as gitleaks wants a secret."""
    while not (text := base64.b64encode(RANDOM.randbytes(64)).decode()).rstrip("=").isalnum():
        pass
    return text


def entries(push):
    """The lines to add to the list that a refusal prints."""
    ours = [line.partition("git-gate: ")[2].rstrip() for line in push.stderr.splitlines() if "git-gate: " in line]
    at = next(number for number, line in enumerate(ours) if line.startswith("what is no secret"))
    return [line.strip() for line in ours[at + 1 :]]


class GateTest(SharedGateTest):
    """Each test has its own list, too."""

    @classmethod
    def settings(cls):
        directory = Path(tempfile.mkdtemp(prefix="git-gate-list-"))
        cls.addCleanup(shutil.rmtree, directory)
        cls.list = directory / "allowed findings"
        cls.list.write_text("")
        return {"CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS": str(cls.list)}

    def setUp(self):
        super().setUp()
        self.list.write_text("")

    def push(self, *refs):
        return self.clone.push(*(refs or (f"HEAD:{self.branch}",)))

    def assert_accepted(self, push):
        self.assertEqual(0, push.returncode, push.stderr)

    def assert_refused(self, push):
        self.assertNotEqual(0, push.returncode, push.stderr)
        self.assertIn("git-gate: push refused: ", push.stderr)
        return push.stderr

    def assert_accepts(self, files, **kwargs):
        self.clone.commit(files, **kwargs)
        self.assert_accepted(self.push())


@unittest.skipIf(MISSING, f"needs {MISSING}")
class IdTest(GateTest):
    def test_ids_that_git_writes_into_commits_and_tags_are_no_secrets(self):
        self.clone.git("checkout", "-q", "-b", "side")
        side = self.clone.commit({"side": f"{WORD}\n"}, message=f"{WORD} side")
        self.clone.git("tag", "-a", "-m", f"{WORD} token", f"{WORD}-tag")
        self.clone.git("checkout", "-q", "trunk")
        self.clone.commit({"main": "x"}, message=f"{WORD}")
        self.clone.git("merge", "-q", "--no-ff", "-m", f"merge {WORD}", "side")
        headers, message = self.clone.git("cat-file", "commit", "HEAD").stdout.split("\n\n", 1)
        tag = self.clone.git("cat-file", "tag", f"{WORD}-tag").stdout.rstrip("\n").replace("\n", "\n ")
        merge = self.clone.path / "merge"
        merge.write_text(f"{headers}\nmergetag {tag}\n\n{message}")
        merge = self.clone.git("hash-object", "-t", "commit", "-w", str(merge)).stdout.strip()
        self.clone.git("reset", "-q", "--hard", merge)
        self.assertIn("mergetag object", self.clone.git("cat-file", "commit", "HEAD").stdout)
        self.clone.git("revert", "--no-edit", "-m", "1", "HEAD")
        self.clone.git("cherry-pick", "-x", "--allow-empty", "-m", "1", "HEAD~", check=False)
        self.clone.commit({"note": f"{WORD}\n\n{side}\n"}, message=f"{WORD}: see {side}")
        self.assert_accepted(self.push(f"HEAD:{self.branch}", f"{WORD}-tag"))

    def test_the_id_of_an_object_in_the_repository_is_no_secret_whatever_stands_before_it(self):
        known = self.clone.head()
        self.assert_accepts({"x": f"{WORD}_token={known}\nbuild_key = '{known.upper()}'\n", "y": f"auth: {known}\n"})

    def test_an_unknown_id_after_the_name_of_a_secret_is_refused(self):
        names = (f"{WORD}_token", "SRC_ACCESS_TOKEN", "api_key", "auth_prev", "digest_auth")
        self.clone.commit({name: f"{name}={hex_digits(40)}\n" for name in names})
        refusal = self.assert_refused(self.push())
        for name in names:
            self.assertIn(f"in {name} line 1", refusal)

    def test_the_name_of_a_branch_does_not_make_a_secret_an_id(self):
        for digits in (40, 64):
            with self.subTest(digits):
                token = hex_digits(digits)
                self.assert_accepted(self.push(f"HEAD:refs/heads/{token}"))
                self.clone.commit({"x": f"api_key={token}\n"})
                self.assertIn("in x line 1", self.assert_refused(self.push()))
                self.clone.git("reset", "-q", "--hard", "HEAD~")

    def test_a_token_with_the_prefix_of_its_service_is_refused(self):
        prefix = "sgp" + "_"
        for form in (prefix, f"{prefix}local_", f"{prefix}{hex_digits(16)}_"):
            with self.subTest(form):
                self.clone.commit({"x": f"a {form}{hex_digits(40)}\n"})
                self.assertIn(f"{WORD}-access-token in x", self.assert_refused(self.push()))

    def test_pinned_versions_and_checksums_are_no_secrets(self):
        commit, sha256, sha512 = hex_digits(40), hex_digits(64), base64.b64encode(RANDOM.randbytes(64)).decode()
        self.assert_accepts(
            {
                ".github/workflows/ci.yml": f"steps:\n  - uses: {WORD}/scip-go@{commit} # v1\n"
                f"  - uses: google-github-actions/auth@{commit}\n  - uses: docker://ghcr.io/x/auth:{commit}\n",
                "Dockerfile": f"FROM {WORD}/server@sha256:{sha256}\nFROM example.com/{WORD}/api:{commit} AS x\n"
                f"ARG AUTH_COMMIT={commit}\nENV KEYCLOAK_SHA256='{sha256}'\nRUN git checkout {commit} # {WORD}\n",
                "deploy.yaml": f"{WORD}:\n  image: example.com/auth:{commit}\n  tokenRevision: {commit}\n",
                ".pre-commit-config.yaml": f"- repo: https://github.com/{WORD}/x\n  rev: {commit}\n",
                "go.mod": f"require github.com/{WORD}/go-auth v0.0.0-20240102030405-{commit[:12]}\n",
                "Cargo.lock": f'source = "git+https://github.com/{WORD}/auth?rev={commit}#{commit}"\n',
                "package-lock.json": f'"node_modules/auth-token": {{\n  "integrity": "sha512-{sha512}"\n}}\n',
                "importmap.js": f'"auth.js": "sha512-{integrity()}"\n',
                "Podfile.lock": f"SPEC CHECKSUMS:\n  FirebaseAuth: {commit}\n  {WORD.title()}API: {commit}\n",
                "deno.lock": f'"https://deno.land/x/oak/auth.ts": "{sha256}"\n',
                ".git-blame-ignore-revs": f"# {WORD}\n{commit}\n",
                "recipe.bb": f'SRCREV_auth = "{commit}"\n',
                "links.md": f"https://github.com/{WORD}/{WORD}/commit/{commit}\n",
            },
            message=f"{WORD}\n\nThis reverts commit {commit}.\n(cherry picked from {commit})\nAuth-commit: {commit}",
        )

    def test_a_lock_file_hides_no_other_secret(self):
        token = hex_digits(40)
        self.clone.commit({"Podfile.lock": f"https://a/?api_key={token}\n", "deno.lock": f"key={token}\n"})
        refusal = self.assert_refused(self.push())
        self.assertIn("in Podfile.lock line 1", refusal)
        self.assertIn("in deno.lock line 1", refusal)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class AllowedFindingTest(GateTest):
    def allow(self, push):
        lines = entries(push)
        self.assertTrue(lines)
        with self.list.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        return lines

    def assert_allowed_by_what_the_refusal_prints(self, *refs):
        push = self.push(*refs)
        refusal = self.assert_refused(push)
        log = self.sandbox.log()
        for line in self.allow(push):
            self.assertRegex(line, r"\A[ -~]+\Z")
            self.assertIn(line, log)
        self.assert_accepted(self.push(*refs))
        return refusal

    def test_a_finding_passes_as_soon_as_its_line_is_in_the_list(self):
        self.clone.commit({"tests/key.pem": f"{AWS_KEY}\n", "b": f"\n{GITHUB_TOKEN}\n"})
        push = self.push()
        self.assert_refused(push)
        self.assertEqual(
            ["aws-access-token HASH file tests/key.pem", "github-pat HASH file b"],
            sorted(re.sub(r"\b[0-9a-f]{32}\b", "HASH", line) for line in entries(push)),
        )
        self.list.write_text(f"# known\n\n{entries(push)[0]}\n")
        self.assertIn("1 secret found", self.assert_refused(self.push()))
        self.allow(push)
        self.assert_accepted(self.push())

    def test_a_line_allows_one_secret_in_one_file_by_one_rule(self):
        self.clone.commit({"a": f"{AWS_KEY}\n"})
        push = self.push()
        (line,) = entries(push)
        for other in (line.replace("file a", "file b"), line.replace("aws-", "x"), line.replace(" file a", "0 file a")):
            self.list.write_text(other)
            self.assert_refused(self.push())
        self.list.write_text(line)
        self.clone.commit({"a": f"{AWS_KEY[:-1]}Q\n"})
        self.assertIn("1 secret found", self.assert_refused(self.push()))

    def test_a_line_allows_the_secret_in_every_commit_and_on_every_line_of_the_file(self):
        self.clone.commit({"a": f"{AWS_KEY}\n"})
        self.allow(self.push())
        self.clone.commit({"a": f"more\nkey = {AWS_KEY}\n"})
        self.clone.commit({"a": "gone\n"})
        self.clone.commit({"a": f"again {AWS_KEY}\n"})
        self.assert_accepted(self.push())

    def test_every_kind_of_finding_can_be_allowed(self):
        self.clone.commit({"x": "y"}, message=f"uses {AWS_KEY}", GIT_AUTHOR_NAME=GITHUB_TOKEN)
        self.clone.git("tag", "-a", "-m", GITHUB_TOKEN, "leaky")
        self.clone.commit({"archive.gz": gzip.compress(AWS_KEY.encode()), "utf16": AWS_KEY.encode("utf-16")})
        self.clone.commit({"encoded": base64.b64encode(f"the key is {AWS_KEY} indeed".encode())})
        self.assert_allowed_by_what_the_refusal_prints(f"HEAD:refs/heads/{AWS_KEY}", "leaky")

    def test_every_name_of_a_file_can_be_allowed(self):
        names = (
            "a b",
            " a ",
            "'a'",
            '"a"',
            "#a",
            "grüße\u202e",
            "a\tb",
            "a\nb",
            "\udcff\udcfe",
            "file c",
            "d\\n",
            "e  #",
        )
        self.clone.commit({name: f"{number}\n{AWS_KEY}\n" for number, name in enumerate(names)})
        self.assert_allowed_by_what_the_refusal_prints()

    def test_a_name_that_contains_a_secret_can_be_allowed_and_is_not_printed(self):
        self.clone.commit({f"a {AWS_KEY}/b": f"{AWS_KEY}\n{GITHUB_TOKEN}\n"})
        refusal = self.assert_allowed_by_what_the_refusal_prints()
        self.assertNotIn(AWS_KEY, refusal + self.sandbox.log() + self.list.read_text())

    def test_the_log_and_the_refusal_show_no_hash_that_is_quick_to_guess(self):
        secret = "k8Zq-" + "Wx3Tn7-Rb5"
        self.clone.commit({"x": f"api_key = '{secret}'\n"})
        push = self.push()
        self.assert_refused(push)
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            for salted in (secret, f"{secret}\n"):
                self.assertNotIn(hashlib.new(name, salted.encode()).hexdigest()[:16], push.stderr + self.sandbox.log())

    def test_a_list_with_mistakes_allows_nothing_and_the_log_names_all_of_them(self):
        self.clone.commit({"x": f"{AWS_KEY}\n"})
        (line,) = self.allow(self.push())
        self.list.write_text(f"{line}\nremote: {line}\n# comment\naws-access-token x file x\n\n{line[:-7]}\n")
        self.assertIn(
            "the operator's list of allowed findings is invalid, so it allows nothing", self.assert_refused(self.push())
        )
        self.assertIn(
            f"{self.list}: line 2 is not RULE HASH WHERE; line 4 is not RULE HASH WHERE; line 6 is not RULE HASH WHERE",
            self.sandbox.log(),
        )
        self.clone.git("reset", "-q", "--hard", "HEAD~")
        self.assert_accepts({"clean": "x"})

    def test_the_content_of_a_push_is_no_list(self):
        self.clone.commit({"x": f"{AWS_KEY}\n"})
        lines = "\n".join(entries(self.push()))
        self.clone.commit({name: lines for name in ("allowed-findings", "allowed findings", ".gitleaksignore")})
        self.assert_refused(self.push())

    def test_the_log_has_line_and_commit_of_a_finding_before_any_name_of_a_file(self):
        commit = self.clone.commit({"x line 9, to allow: generic-api-key": f"\n{AWS_KEY}\n"})
        push = self.push()
        self.assertIn(
            f"git-gate: found line 2, commit {commit[:7]}, to allow: {entries(push)[0]}\n", self.sandbox.log()
        )

    def test_a_list_may_be_written_by_any_editor(self):
        self.clone.commit({"grüße x": f"{AWS_KEY}\n"})
        (line,) = entries(self.push())
        self.assertIn('file "gr\\u00fc', line)
        raw = line.rpartition(" file ")[0] + " file grüße x"
        self.list.write_bytes(b"\xef\xbb\xbf# by hand\r\n" + raw.encode() + b" \r\n")
        self.assert_accepted(self.push())

    def test_the_log_counts_what_the_list_allows(self):
        self.clone.commit({"x": f"{AWS_KEY}\n"})
        self.allow(self.push())
        self.assert_accepted(self.push())
        self.assertIn(f"git-gate: {self.list} allows 1 of 1 findings\n", self.sandbox.log())


@unittest.skipIf(MISSING, f"needs {MISSING}")
class ListAtStartTest(unittest.TestCase):
    def assert_cannot_start(self, path, words):
        done = Sandbox(self, CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS=str(path)).cannot_start()
        self.assertNotEqual(0, done.returncode)
        self.assertEqual(f"cannot start git-gate: {path}: {words}\n", done.stderr)

    def test_a_missing_list_is_refused(self):
        self.assert_cannot_start("/nonexistent", "no such file")

    def test_a_list_with_mistakes_is_refused(self):
        path = Path(tempfile.mkdtemp(prefix="git-gate-list-")) / "list"
        self.addCleanup(shutil.rmtree, path.parent)
        path.write_text("x\n" * 12)
        mistakes = "; ".join(f"line {number} is not RULE HASH WHERE" for number in range(1, 11))
        self.assert_cannot_start(path, f"{mistakes}; and 2 more")

    def test_the_list_in_the_image_is_valid_and_empty(self):
        script = "import allowed_findings as list; print(len(list.read().entries))"
        environment = {"CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS": str(APP / "allowed-findings"), "PYTHONPATH": str(APP)}
        done = subprocess.run([sys.executable, "-B", "-c", script], env=environment, capture_output=True, text=True)
        self.assertEqual("0\n", done.stdout, done.stderr)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class OwnRepositoryTest(unittest.TestCase):
    """Add what this finds and is no secret to .ci/allowed-findings."""

    def test_this_repository_passes_with_its_own_list(self):
        sandbox = Sandbox(
            self, upstream=False, CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS=str(ROOT / ".ci/allowed-findings")
        ).start()
        push = self.git(sandbox, *self.repository(sandbox), "push", "--no-verify", sandbox.url, "HEAD:refs/heads/main")
        self.assertEqual(0, push.returncode, push.stderr)

    def repository(self, sandbox):
        """The options for the repository to push: this one, or one of its files where the history is not here."""
        if self.git(sandbox, "rev-parse", "--is-shallow-repository").stdout == "false\n":
            return []
        copy = f"--git-dir={sandbox.directory / 'copy.git'}"
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "the files")):
            done = self.git(sandbox, copy, f"--work-tree={ROOT}", *command)
            self.assertEqual(0, done.returncode, done.stderr)
        return [copy]

    def git(self, sandbox, *args):
        environment = {
            **sandbox.environment,
            "GIT_CONFIG_COUNT": "1",  # a checkout may belong to another user
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        return subprocess.run(["git", *args], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


if __name__ == "__main__":
    unittest.main()
