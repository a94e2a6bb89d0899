# The only commands that a person has to know. Those that need a JDK 25 find it.
MVN = ./mvnw -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
	-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info \
	-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.failsafe=info
.DEFAULT_GOAL := help
.PHONY: help run test it conformance bench image fmt lint manifests

# The engine that builds the image, the image's name, and more arguments for the build. Buildah 1.28 skips the stage that a default of the
# Dockerfile names, so the arguments that name stages are always given.
ENGINE = $(shell command -v docker podman | head -1)
IMAGE = sidecars
IMAGE_ARGS =
BUILD = DOCKER_BUILDKIT=1 BUILDAH_FORMAT=docker $(ENGINE) build --file src/main/docker/Dockerfile.sidecars \
	--build-arg APPLICATION=source $(strip $(IMAGE_ARGS))

help: ## this list
	@sed -n 's/^\([a-z]*\): *## \(.*\)/  make \1	\2/p' Makefile

run: ## the demo: four stand-in daemons, one of which dies after a few seconds and is restarted
	@src/build/in-foreground.sh ./sidecar-init demo

test: ## the format of Java, unit tests, os and logs against real children, HTTP
	@$(MVN) spotless:check verify

it: ## the packaged program as a black box: as a real PID 1, with real daemons
	@$(MVN) verify -Pit -Dskip.unit.tests=true

conformance: ## what PID 1 must do, for every supervisor that is installed, into docs/conformance.md; SCENARIO=stop/, SUPERVISOR=s6,tini, BASELINE=script.py
	@./sidecar-init --version >/dev/null
	@python3 -B -m conformance

bench: ## against its peers, into docs/benchmarks.md; BASELINE=script.py, ONLY=start,logs, QUICK=1
	@PYTHONPATH=. python3 -B src/bench/bench.py

image: ## the bundle image, by docker or podman, as `docker compose up` builds it
	@test -n "$(ENGINE)" || { echo 'cannot build the image: there is neither docker nor podman on the PATH' >&2; exit 1; }
	@if revision=$$(git rev-parse HEAD 2>/dev/null); then \
		git diff --quiet HEAD || revision=$$revision-dirty; \
		set -- --build-arg REVISION=$$revision --build-arg CREATED=$$(git log -1 --format=%cI) \
			--build-arg SOURCE=$$(git config remote.origin.url | grep '^https://[^@]*$$'); \
	fi; \
	supervisor=trained; \
	$(BUILD) --target trained --tag $(IMAGE)-trained . || { supervisor=untrained; \
		$(BUILD) --target untrained --tag $(IMAGE)-untrained . || exit; \
		echo 'warning: the image gets no class archives, so the supervisor starts more slowly; the next build trains them again' >&2; }; \
	$(BUILD) --build-arg SUPERVISOR=$$supervisor "$$@" --tag $(IMAGE) .

fmt: ## formats all Java and Python code
	@$(MVN) spotless:apply
	@$$(.ci/venv .ci/lint-requirements.txt)/bin/ruff format --quiet

manifests: ## writes the files of deploy/kubernetes that come from the chart and from docs/monitoring
	@src/it/kubernetes/manifests.sh --write

lint: ## shellcheck and ruff for the shell scripts and the Python code, actionlint and zizmor for the workflows, promtool for the alerts
	@.ci/lint
