"""Renders the chart and Kustomize's folders. Run as a program, it writes the files that come from other ones."""

import os
import pathlib
import re
import subprocess
import tempfile
import textwrap

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy/kubernetes"
CHART = DEPLOY / "chart"
BASE = DEPLOY / "base"
RULE = DEPLOY / "monitoring/prometheus-rule.yaml"
# Helm, built without its release's flags, takes itself for a client of 1.20.
HELM_ARGUMENTS = ("--kube-version", "1.34.0", "--set", "image=sidecars")


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess:
    result = subprocess.run(command, capture_output=True, text=True)
    if check and result.returncode:
        raise AssertionError(f"{' '.join(command)}: {result.stderr}")
    return result


def helm_template(*arguments: str, release: str = "bottle", check: bool = True) -> subprocess.CompletedProcess:
    return run(os.environ["HELM"], "template", release, str(CHART), *HELM_ARGUMENTS, *arguments, check=check)


def kustomize(folder: pathlib.Path) -> str:
    return run(os.environ["KUSTOMIZE"], "build", "--load-restrictor", "LoadRestrictionsNone", str(folder)).stdout


def overlay(components: list[str], resource: str = "base", **more: str) -> str:
    """The base, or another folder, with these components, as a user's overlay has them."""
    with tempfile.TemporaryDirectory(dir=DEPLOY) as folder:
        content = {"resources": [f"../{resource}"], "components": [f"../components/{name}" for name in components]}
        content |= more
        pathlib.Path(folder, "kustomization.yaml").write_text(yaml.safe_dump(content))
        return kustomize(pathlib.Path(folder))


def objects(text: str) -> dict[tuple[str, str], dict]:
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text) if each}


def base_files() -> dict[str, str]:
    """What the chart renders with its defaults, comments included, by file."""
    files: dict[str, str] = {}
    for document in re.split(r"^---\n", helm_template().stdout, flags=re.MULTILINE)[1:]:
        source, content = document.split("\n", 1)
        name = source.rsplit("/", 1)[1]
        files[name] = files[name] + "---\n" + content if name in files else content
    return files


def rule_file() -> str:
    rules = (ROOT / "docs/monitoring/alerts.yml").read_text()
    groups = rules[rules.index("groups:\n") :]
    return (
        "# The alerts of docs/monitoring/alerts.yml, which are tested there.\n"
        "apiVersion: monitoring.coreos.com/v1\n"
        "kind: PrometheusRule\n"
        "metadata:\n"
        "  name: sidecar-init\n"
        "  labels:\n"
        "    app.kubernetes.io/name: sidecar-init\n"
        "spec:\n" + textwrap.indent(groups, "  ")
    )


if __name__ == "__main__":
    for name, content in base_files().items():
        (BASE / name).write_text(content)
    RULE.write_text(rule_file())
