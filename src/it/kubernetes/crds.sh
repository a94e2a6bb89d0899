#!/bin/bash
# crds.sh: prints the folders, one a line, with the definitions of the resources that deploy/kubernetes uses and Kubernetes doesn't bring: those of
# the Prometheus Operator and of agent-sandbox. Modules of Go contain them. Exit code 77: there is no Go; stdout says so.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."

rc=0
go=$(.ci/find-go go1.24.11) || rc=$?
if ((rc == 77)); then echo 'there is no Go to download the definitions of resources'; fi
if ((rc)); then exit "$rc"; fi
cd /
# crds MODULE@VERSION FOLDER
crds() {
    local folder
    folder=$("$go" mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    [ -d "$folder/$2" ] || { printf 'cannot download %s: see above\n' "$1" >&2; return 1; }
    printf '%s\n' "$folder/$2"
}
crds github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd
crds sigs.k8s.io/agent-sandbox@v0.5.6 k8s/crds
