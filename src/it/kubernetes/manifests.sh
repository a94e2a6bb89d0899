#!/bin/bash
# manifests.sh: tests what is in deploy/kubernetes without a cluster: strict schemas of several versions, Helm, Kustomize.
# manifests.sh --write: writes the files that are rendered from the chart and from docs/monitoring.
# It needs Go, which builds Helm and Kustomize once, and PyPI. Exit code 77: there is no Go; stdout says so.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."

venv=$(.ci/venv .ci/manifests-requirements.txt)
rc=0
HELM=$(src/it/kubernetes/helm.sh) && KUSTOMIZE=$(.ci/go-program sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 go1.24.11) || rc=$?
if ((rc == 77)); then printf 'skipped: the manifests of Kubernetes, because %s\n' "${KUSTOMIZE:-$HELM}"; fi
if ((rc)); then exit "$rc"; fi
export HELM KUSTOMIZE
if [ "${1-}" = --write ]; then exec "$venv/bin/python" -B src/it/kubernetes/manifests.py; fi
exec "$venv/bin/python" -B -m unittest discover --start-directory src/it/kubernetes --pattern 'test_*.py'
