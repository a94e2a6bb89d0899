"""What is in deploy/kubernetes, as far as it can be tested without a cluster."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from ipaddress import ip_network

import kubernetes_validate
import yaml
from manifests import (
    BASE,
    CHART,
    DEPLOY,
    HELM_ARGUMENTS,
    ROOT,
    RULE,
    base_files,
    helm_template,
    kustomize,
    objects,
    overlay,
    rule_file,
    run,
)

VERSIONS = ("1.25", "1.28", "1.31", "1.34", "1.37")
# The components of Kustomize that make of the base what the chart makes with the values of ci/NAME.yaml.
VARIANTS = {
    "restricted": ["restricted"],
    "user-namespace": ["user-namespace"],
    "given-ca": ["given-ca"],
    "restricted-given-ca": ["restricted", "given-ca"],
    "git-ssh": ["git-ssh"],
    "credentials": ["credentials"],
    "restricted-credentials": ["restricted", "credentials"],
    "restricted-everything": ["git-ssh", "credentials", "given-ca", "restricted", "user-namespace"],
    "node-may-answer": ["node-may-answer"],
    "sandbox": ["sandbox"],
    "sandbox-template": ["sandbox-template"],
}
# Values that no variant has, each with a word by which to find it.
POD = {"nodeSelector": {"disk": "node-selector"}, "tolerations": [{"key": "toleration", "operator": "Exists"}]}
OTHER_VALUES = {
    "imagePullSecrets": ["pull-secret"],
    "allowedHosts": "allowed.example",
    "monitoringNamespace": "monitoring-namespace",
    "guard": POD
    | {
        "environment": {"K_SINK": "guard-environment"},
        "storage": {"className": "guard-class"},
        "egress": {
            "ports": [2222],
            "dnsNamespace": "dns-namespace",
            "allow": [{"to": [{"podSelector": {"matchLabels": {"app": "allowed-pod"}}}]}],
        },
    },
    "agent": POD
    | {
        "image": "agent-image",
        "args": ["argument"],
        "runtimeClassName": "runtime-class",
        "environment": {"TASK": "agent-environment"},
        "storage": {"className": "agent-class"},
    },
}
KUBERNETES_MD = ROOT / "docs/kubernetes.md"
CREDENTIALS = "credentials.yaml"  # a key of the ConfigMap, and a file of egress
# Each key of an entry, with values that YAML could take for something else.
CREDENTIALS_HOSTS = [
    {"host": "a.example", "header": "x-api-key", "value_file": "/secrets/egress/credentials/a"},
    {
        "host": "b.example:8443",
        "header": "Authorization",
        "format": "Bearer {}",
        "value_env": "ON",
        "methods": ["GET", "POST"],
        "paths": ["/v1/messages", "/a: #b"],
        "requests_per_minute": 100_000,
        "remove_headers": ["x-other"],
        "remove_query": ["on", "012", "api key"],
    },
]
BUILT_IN = ("v1", "apps/v1", "networking.k8s.io/v1")


def variant(name: str) -> str:
    return helm_template("--values", str(CHART / f"ci/{name}.yaml")).stdout


def template_with(values: dict, check: bool = True) -> subprocess.CompletedProcess:
    """By a file: Helm reads numbers there otherwise than in --set."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        return helm_template("--values", file.name, check=check)


def with_values(values: dict) -> str:
    return template_with(values).stdout


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def normal(manifest: dict) -> dict:
    """Without what has no meaning: the order of variables, mounts and volumes, the form of YAML in a string."""

    def sort(value: object) -> object:
        if isinstance(value, dict):
            return {key: sort(yaml.safe_load(item) if key == CREDENTIALS else item) for key, item in value.items()}
        if isinstance(value, list):
            return sorted(map(sort, value), key=canonical) if value and isinstance(value[0], dict) else value
        return value

    return sort(manifest)


class OneSource(unittest.TestCase):
    maxDiff = None

    def test_the_base_is_what_the_chart_renders(self):
        for name, content in base_files().items():
            self.assertEqual((BASE / name).read_text(), content, f"{name} is stale: `make manifests` renders it")

    def test_the_base_has_no_other_files(self):
        listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
        self.assertEqual(sorted(base_files()), sorted(listed))

    def test_each_variant_is_the_same_by_helm_and_by_kustomize(self):
        self.assertEqual(sorted(VARIANTS), sorted(path.stem for path in (CHART / "ci").iterdir()))
        for name, components in VARIANTS.items():
            by_helm, by_kustomize = objects(variant(name)), objects(overlay(components))
            self.assertEqual(by_helm.keys(), by_kustomize.keys(), name)
            for key, manifest in by_helm.items():
                with self.subTest(variant=name, object=key):
                    self.assertEqual(normal(manifest), normal(by_kustomize[key]))

    def test_each_component_is_in_a_variant(self):
        used = {component for components in VARIANTS.values() for component in components}
        self.assertEqual({path.name for path in (DEPLOY / "components").iterdir()}, used)

    def test_the_prometheus_rule_has_the_tested_alerts(self):
        self.assertEqual(RULE.read_text(), rule_file(), "prometheus-rule.yaml is stale: `make manifests` renders it")
        alerts = yaml.safe_load((ROOT / "docs/monitoring/alerts.yml").read_text())
        self.assertEqual(yaml.safe_load(RULE.read_text())["spec"], alerts)

    def test_the_chart_has_the_version_of_the_program(self):
        version = re.search(r"<version>(.+)</version>", (ROOT / "pom.xml").read_text())[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((version, version), (chart["version"], chart["appVersion"]))


class Schemas(unittest.TestCase):
    def test_each_object_is_valid_in_each_version(self):
        texts = {name: variant(name) for name in VARIANTS}
        texts["defaults"] = helm_template().stdout
        texts["example"] = kustomize(DEPLOY / "example")
        for name, text in texts.items():
            for key, manifest in objects(text).items():
                if manifest["apiVersion"] not in BUILT_IN:
                    continue
                for version in VERSIONS:
                    with self.subTest(variant=name, object=key, version=version):
                        kubernetes_validate.validate(manifest, version, strict=True)

    def test_each_other_value_is_in_its_place(self):
        text = with_values(OTHER_VALUES)
        for manifest in objects(text).values():
            kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)
        for word in re.findall(r"[a-z-]+-[a-z]+|allowed.example|argument|2222", json.dumps(OTHER_VALUES)):
            self.assertIn(word, text)
        for word in ("node-selector", "toleration", "pull-secret"):
            self.assertEqual(len(re.findall(rf": {word}$", text, re.MULTILINE)), 2, word)

    def test_the_chart_passes_lint_with_each_variant(self):
        for name in VARIANTS:
            values = str(CHART / f"ci/{name}.yaml")
            run(os.environ["HELM"], "lint", "--strict", *HELM_ARGUMENTS, "--values", values, str(CHART))

    def test_wrong_values_are_refused(self):
        for setting, complaint in {
            "profile=privileged": "/profile",
            "profil=baseline": "profil",
            "image=": "/image",
            "git.upstream=https://me:secret@example.com/repo": "/git/upstream",
            "git.secretName=bottle-git": "git.upstream",
            "ca.secretName=Not_A_Name": "/ca/secretName",
            "credentials.secretName=bottle-credentials": "credentials.hosts",
            "guard.environment.CLAUDE_BOTTLE_CREDENTIALS=/a": "CLAUDE_BOTTLE_CREDENTIALS",
            "guard.egress.ports={0}": "/guard/egress/ports/0",
            "git.upstream=ssh://me:secret@example.com/repo": "/git/upstream",
            "guard.environment.A B=c": "A B",
            "agent.environment.GUARD_HOST=10.0.0.1": "GUARD_HOST",
            "guard.storage.size=much": "/guard/storage/size",
            "agent.kind=Deployment": "/agent/kind",
            "agent.user=0": "/agent/user",
        }.items():
            with self.subTest(setting):
                result = helm_template("--set", setting, check=False)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(complaint, result.stderr)

    def test_wrong_credentials_are_refused(self):
        right = {"host": "api.example", "header": "x-api-key", "value_file": "/key"}
        for wrong, complaint in (
            ({"host": None}, "'host'"),
            ({"header": None}, "'header'"),
            ({"value_file": None}, "'oneOf' failed"),
            ({"value_env": "KEY"}, "'oneOf' failed"),
            ({"hosts": ["api.example"]}, "'hosts'"),
            ({"host": "*.example"}, "/host'"),
            ({"host": "https://api.example"}, "/host'"),
            ({"host": "api.example:0"}, "/host'"),
            ({"header": "x-api-key:"}, "/header'"),
            ({"value_file": "key"}, "/value_file'"),
            ({"value_file": None, "value_env": "A KEY"}, "/value_env'"),
            ({"format": "Bearer"}, "/format'"),
            ({"format": "{} {}"}, "/format'"),
            ({"methods": "GET"}, "/methods'"),
            ({"methods": ["GET POST"]}, "/methods/0'"),
            ({"paths": ["v1"]}, "/paths/0'"),
            ({"requests_per_minute": 0}, "/requests_per_minute'"),
            ({"requests_per_minute": 1.5}, "/requests_per_minute'"),
            ({"remove_headers": ["a b"]}, "/remove_headers/0'"),
            ({"remove_query": [""]}, "/remove_query/0'"),
        ):
            with self.subTest(wrong):
                entry = {key: value for key, value in (right | wrong).items() if value is not None}
                result = template_with({"credentials": {"hosts": [entry]}}, check=False)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn("/credentials/hosts/0", result.stderr)
                self.assertIn(complaint, result.stderr)

    def test_each_kind_of_upstream_is_accepted(self):
        for upstream in ("org-1@example.com:repo.git", "ssh://git@example.com:2222/repo", "https://example.com/repo"):
            with self.subTest(upstream):
                self.assertIn(upstream, helm_template("--set", f"git.upstream={upstream}").stdout)

    def test_a_variable_that_the_chart_sets_itself_is_refused(self):
        guard = objects(variant("restricted-everything"))["StatefulSet", "bottle-guard"]["spec"]["template"]["spec"]
        names = {each["name"] for each in guard["containers"][0]["env"]} | {"CLAUDE_BOTTLE_GIT_CREDENTIALS"}
        result = helm_template(*(f"--set=guard.environment.{name}=x" for name in names), check=False)
        self.assertEqual(names, {name for name in names if f"'{name}'" in result.stderr})

    def test_a_name_that_is_no_name_of_a_service_or_too_long_for_labels_is_refused(self):
        for release in ("a" * 47, "1a", "a.b"):
            with self.subTest(release):
                self.assertIn("the name of the release", helm_template(release=release, check=False).stderr)

    def test_a_large_number_of_a_user_is_not_rounded(self):
        self.assertEqual(with_values({"agent": {"user": 1000660001}}).count(" 1000660001\n"), 3)


class Credentials(unittest.TestCase):
    def test_the_hosts_are_in_a_file_beside_the_allow_list_as_they_are_in_the_values(self):
        text = with_values({"credentials": {"hosts": CREDENTIALS_HOSTS}})
        data = objects(text)["ConfigMap", "bottle-allowed-hosts"]["data"]
        self.assertEqual(data.keys(), {"allowed-hosts", CREDENTIALS})
        self.assertEqual(yaml.safe_load(data[CREDENTIALS]), CREDENTIALS_HOSTS)

    def test_without_hosts_there_is_no_file(self):
        data = objects(helm_template().stdout)["ConfigMap", "bottle-allowed-hosts"]["data"]
        self.assertEqual(data.keys(), {"allowed-hosts"})

    def test_the_secret_is_mounted_as_a_whole_where_the_agent_and_the_first_container_do_not_see_it(self):
        for name in ("credentials", "restricted-credentials", "restricted-everything"):
            with self.subTest(name):
                found = objects(variant(name))
                guard = found["StatefulSet", "bottle-guard"]["spec"]["template"]["spec"]
                (volume,) = [each for each in guard["volumes"] if "bottle-credentials" in canonical(each)]
                # A subPath would not follow a rotation.
                mount = {"name": volume["name"], "mountPath": "/secrets/egress/credentials", "readOnly": True}
                self.assertIn(mount, guard["containers"][0]["volumeMounts"])
                self.assertNotIn(volume["name"], canonical(guard["initContainers"]))
                self.assertNotIn("bottle-credentials", canonical(found["StatefulSet", "bottle-agent"]))

    def test_the_first_container_makes_the_mount_point_in_a_volume_that_the_guards_can_not_write(self):
        guard = objects(variant("credentials"))["StatefulSet", "bottle-guard"]["spec"]["template"]["spec"]
        self.assertIn({"name": "secrets", "mountPath": "/secrets"}, guard["initContainers"][0]["volumeMounts"])
        mount = {"name": "secrets", "mountPath": "/secrets", "readOnly": True}
        self.assertIn(mount, guard["containers"][0]["volumeMounts"])

    def test_the_documented_values_are_accepted_and_the_key_is_where_the_secret_is_mounted(self):
        blocks = re.findall(r"^```yaml\n(allowedHosts:.*?)^```$", KUBERNETES_MD.read_text(), re.MULTILINE | re.DOTALL)
        (values,) = map(yaml.safe_load, blocks)
        data = objects(with_values(values))["ConfigMap", "bottle-allowed-hosts"]["data"]
        for entry in yaml.safe_load(data[CREDENTIALS]):
            self.assertEqual(os.path.dirname(entry["value_file"]), "/secrets/egress/credentials")


class Bottle(unittest.TestCase):
    """What must be true of the objects together."""

    def setUp(self):
        self.objects = objects(helm_template().stdout)

    def pod(self, component: str) -> dict:
        return self.objects["StatefulSet", f"bottle-{component}"]["spec"]["template"]["spec"]

    def test_the_agent_reaches_the_ports_of_its_guard_that_are_for_it_and_nothing_else(self):
        (rule,) = self.objects["NetworkPolicy", "bottle-agent"]["spec"]["egress"]
        (peer,) = rule["to"]
        guard = self.objects["StatefulSet", "bottle-guard"]["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(peer, {"podSelector": {"matchLabels": guard}})
        self.assertEqual([port["port"] for port in rule["ports"]], [9099, 9418, 9101])

    def test_both_policies_isolate_both_directions(self):
        for component in ("agent", "guard"):
            spec = self.objects["NetworkPolicy", f"bottle-{component}"]["spec"]
            self.assertEqual(spec["policyTypes"], ["Ingress", "Egress"])
            labels = self.objects["StatefulSet", f"bottle-{component}"]["spec"]["template"]["metadata"]["labels"]
            self.assertEqual(spec["podSelector"]["matchLabels"], labels)
        self.assertEqual(self.objects["NetworkPolicy", "bottle-agent"]["spec"]["ingress"], [])

    def test_the_guards_reach_link_local_addresses_to_ask_name_servers_alone(self):
        for rule in self.objects["NetworkPolicy", "bottle-guard"]["spec"]["egress"]:
            blocks = [ip_network(peer["ipBlock"]["cidr"]) for peer in rule["to"] if "ipBlock" in peer]
            if any(block.is_link_local for block in blocks):
                self.assertLessEqual({port["port"] for port in rule["ports"]}, {53, 5353})

    def test_the_variable_of_the_guards_address_is_that_of_the_service(self):
        text = helm_template(release="my-bottle").stdout
        # https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
        self.assertIn("$(MY_BOTTLE_GUARD_SERVICE_HOST)", text)
        self.assertIn(("Service", "my-bottle-guard"), objects(text))

    def test_a_variable_of_the_agent_replaces_that_of_the_chart(self):
        # An update merges variables by name, and loses one of two with the same.
        text = helm_template("--set", "agent.environment.HOME=/home/agent,agent.environment.NO_PROXY=").stdout
        agent = objects(text)["StatefulSet", "bottle-agent"]["spec"]["template"]["spec"]["containers"][0]
        names = [each["name"] for each in agent["env"]]
        self.assertEqual(len(names), len(set(names)))
        variables = {each["name"]: each["value"] for each in agent["env"]}
        self.assertEqual((variables["HOME"], variables["NO_PROXY"]), ("/home/agent", ""))

    def test_an_agent_without_a_command_runs_that_of_its_image(self):
        text = helm_template("--set-json", "agent.command=[]").stdout
        agent = objects(text)["StatefulSet", "bottle-agent"]["spec"]["template"]["spec"]["containers"][0]
        self.assertNotIn("command", agent)

    def test_no_pod_gets_a_token_of_the_api_server(self):
        for component in ("agent", "guard"):
            self.assertIs(self.pod(component)["automountServiceAccountToken"], False)

    def test_no_container_may_gain_privileges_or_write_its_image(self):
        for component in ("agent", "guard"):
            pod = self.pod(component)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            for container in pod["initContainers"] + pod["containers"]:
                security = container["securityContext"]
                self.assertIs(security["allowPrivilegeEscalation"], False)
                self.assertIs(security["readOnlyRootFilesystem"], True)
                self.assertEqual(security["capabilities"]["drop"], ["ALL"])

    def test_the_pod_has_more_time_to_stop_than_the_bundle(self):
        bundle = yaml.safe_load((ROOT / "src/main/docker/sidecars.yaml").read_text())
        grace = int(bundle["stop_grace_period"].removesuffix("s"))
        self.assertGreater(self.pod("guard")["terminationGracePeriodSeconds"], grace)

    def test_each_sandbox_template_leaves_the_network_to_our_policies(self):
        template = objects(variant("sandbox-template"))["SandboxTemplate", "bottle-agent"]
        self.assertEqual(template["spec"]["networkPolicyManagement"], "Unmanaged")

    def test_a_bottle_by_kustomize_has_its_name_in_each_selector(self):
        texts = {"example": kustomize(DEPLOY / "example")}
        for name in ("sandbox", "sandbox-template"):
            texts[name] = overlay([name], "example", namespace="alice")
        for name, text in texts.items():
            with self.subTest(name):
                self.assertNotIn("instance: bottle", text)
                self.assertIn("image: registry.example.com/agent:1", text)
                selectors = re.findall(r"app.kubernetes.io/component: .*\n *app.kubernetes.io/instance: (.*)", text)
                self.assertEqual(set(selectors), {"alice"})
                for (kind, _), manifest in objects(text).items():
                    namespace = manifest["metadata"].get("namespace", kind)
                    self.assertEqual(namespace, "alice" if kind != "Namespace" else kind)


if __name__ == "__main__":
    unittest.main()
