.DEFAULT_GOAL := help
.PHONY: help run stop check test test-all bench

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 12

run: ## build and start the console on 127.0.0.1:3000, with a demo Neo4j; prints the address (PROFILE=quick|release|dev)
	@scripts/run.sh

stop: ## end what make run started; data stays
	@scripts/stop.sh

check: ## format, invariants, lints, unit and router tests on fakes: the inner loop
	@scripts/check.sh

test: ## set up everything and run all checks and tests, on a real Docker Engine, Neo4j and Chromium (ONLY=backups: one subject)
	@scripts/test.sh

test-all: ## make test with the console killed at every point of every kind of job, and many more random inputs (hours)
	@KILL_POINTS=all PROPTEST_CASES=20000 scripts/test.sh

bench: ## measure page, query and backup speed
	@scripts/bench.sh
