# Each target sets up all it needs. `make help` lists them.
.DEFAULT_GOAL := help
ROBOTS := planar_arm furnished_room process
ROBOT := planar_arm
# Simulated minutes for which each robot explores before its model is trained
MINUTES_planar_arm := 30
MINUTES_furnished_room := 10
MINUTES_process := 720
# The base also explores other rooms, or its model would take the sofa's place for its own
OTHERS_furnished_room := --layout random:1000-1299 --minutes 50
RECIPE_furnished_room := --recipe config/recipes/furnished_room.yaml
# What pytest returns where PYTEST=... has chosen no test of this half
NONE_CHOSEN := 5
.PHONY: help setup demo test lint bench models model clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup:  ## .venv with all requirements, ROS 2 and the interfaces (PYTHON=... chooses the interpreter)
	@PYTHON='$(PYTHON)' tools/setup

demo: setup  ## move a simulated arm to goal images, end to end over ROS 2 (results in demo_output/)
	@tools/run python -m jepa_ros demo

test: lint  ## lint, then all tests (PYTEST=... adds pytest arguments)
	@tools/run python -m pytest -m 'not running' --numprocesses 2 --dist loadfile $(PYTEST) || [ $$? = $(NONE_CHOSEN) ]
	@tools/run python -m pytest -m running $(PYTEST) || [ $$? = $(NONE_CHOSEN) ]

lint: setup  ## style and import rules
	@tools/run ruff check .
	@tools/run ruff format --check .
	@tools/run lint-imports --no-cache --no-logo

bench: setup  ## measure what the README quotes (ONLY=... runs the names with this prefix)
	@tools/run python -m benchmark $(if $(ONLY),--only '$(ONLY)')

models: setup  ## make the models of all embedded robots anew from nothing
	@for robot in $(ROBOTS); do $(MAKE) --no-print-directory model ROBOT=$$robot || exit 1; done

model: setup  ## one of them (ROBOT=...): explore, train, evaluate, and put the figures on its card
	$(if $(MINUTES_$(ROBOT)),,$(error there is no ROBOT=$(ROBOT); there are $(ROBOTS)))
	@rm -rf build/exploration/$(ROBOT)
	@tools/run python -m jepa_ros record build/exploration/$(ROBOT)/own --simulate \
		--contract config/contracts/$(ROBOT).yaml --minutes $(MINUTES_$(ROBOT)) --seed 1
	$(if $(OTHERS_$(ROBOT)),@tools/run python -m jepa_ros record build/exploration/$(ROBOT)/others --simulate \
		--contract config/contracts/$(ROBOT).yaml $(OTHERS_$(ROBOT)))
	@tools/run python -m jepa_ros train build/exploration/$(ROBOT) --output models/$(ROBOT) --cache None $(RECIPE_$(ROBOT))
	@tools/run python -m jepa_ros evaluate models/$(ROBOT) --output build/evaluation/$(ROBOT) --card

clean:  ## remove all that the targets made
	rm -rf .venv build install log demo_output .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
