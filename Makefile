# The only commands that a person has to know. Every one of them finds a JDK 25 by itself.
MVN = ./mvnw -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
	-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info \
	-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.failsafe=info
.DEFAULT_GOAL := help
.PHONY: help run test it fmt

help: ## this list
	@sed -n 's/^\([a-z]*\): *## \(.*\)/  make \1	\2/p' Makefile

run: ## the demo: four stand-in daemons, one of which dies after a few seconds
	@./sidecar-init demo

test: ## unit tests, os and logs against real children, HTTP
	@$(MVN) verify

it: ## the packaged program as a black box: as a real PID 1, with real daemons
	@$(MVN) verify -Pit -Dskip.unit.tests=true

fmt: ## formats all Java code
	@$(MVN) spotless:apply
