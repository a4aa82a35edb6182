# Each target sets up all it needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench model clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup:  ## .venv with all requirements, ROS 2 and the interfaces (PYTHON=... chooses the interpreter)
	@PYTHON='$(PYTHON)' tools/setup

demo: setup  ## move a simulated arm to goal images, end to end over ROS 2 (results in demo_output/)
	@tools/run python -m jepa_ros demo

test: lint  ## lint, then all tests (PYTEST=... adds pytest arguments)
	@tools/run python -m pytest $(PYTEST)

lint: setup  ## style and import rules
	@tools/run ruff check .
	@tools/run ruff format --check .
	@tools/run lint-imports --no-cache --no-logo

bench: setup  ## measure what the README quotes (ONLY=... runs the names with this prefix)
	@tools/run python -m benchmark $(if $(ONLY),--only '$(ONLY)')

model: setup  ## record 20 simulated minutes and train models/planar_arm on them, anew from nothing
	@rm -rf build/exploration
	@tools/run python -m jepa_ros record build/exploration --simulate --minutes 20 --seed 1
	@tools/run python -m jepa_ros train build/exploration --output models/planar_arm

clean:  ## remove all that the targets made
	rm -rf .venv build install log demo_output .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
