# Builds any function: `sam build` calls `build-<its logical id>` with ARTIFACTS_DIR, in a copy of the
# function's folder. SAM's own build leaves no byte code, and /var/task is read-only on Lambda: every
# cold start would start Python's compiler for a few lines (ADR 22).

PROJECT := $(dir $(abspath $(firstword $(MAKEFILE_LIST))))../..
include $(PROJECT)/layers/python.mk

build-%:
	cp -R . "$(ARTIFACTS_DIR)"
	rm -f "$(ARTIFACTS_DIR)/Makefile"
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
	"$(PYTHON)" -m compileall -q -f --invalidation-mode unchecked-hash \
		-s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
