# The words are those of .ci/run, which holds the commands. staticcheck runs by "go run", in a version that .ci/run
# names; it is fetched when it is not there.
.PHONY: help run test race fmt vet lint tidy bench fuzz ci
.DEFAULT_GOAL := help

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: ## start the backend of examples/transitbackend
	@go run ./examples/transitbackend

test: ## run every test of every module
race: ## run them with the race detector
fmt: ## check that every file is as gofmt writes it
vet: ## run go vet
lint: ## run staticcheck
tidy: ## check that every go.mod says what its module needs
bench: ## run the benchmarks
fuzz: ## fuzz every target for FUZZTIME (10s)
test race fmt vet lint tidy bench fuzz:
	@.ci/run $@

ci: ## run what CI runs: fmt tidy vet lint race
	@.ci/run
