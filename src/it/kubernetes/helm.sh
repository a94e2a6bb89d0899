#!/bin/bash
# helm.sh: prints the path of the Helm with which the chart is tested; Go builds it once. Exit code 77: there is no Go; stdout says so.
exec "$(dirname -- "${BASH_SOURCE[0]}")/../../../.ci/go-program" helm.sh/helm/v3/cmd/helm@v3.19.5 go1.24.11
