# PYTHON: one that compiles byte code for the functions, which is only good for the minor version that
# made it, the runtime's. PROJECT is the project's folder.
IS_RUNTIME = import sys; sys.exit(sys.version_info[:2] != (3, 13))
PYTHON := $(shell for python in "$(PROJECT)/.venv/bin/python" python3.13 python3; do \
	"$$python" -c "$(IS_RUNTIME)" 2>/dev/null && { echo "$$python"; break; }; done)
ifeq ($(PYTHON),)
$(error Python 3.13 is needed to compile for Lambda: run `make setup`, or put python3.13 on PATH)
endif
