# SPDX-License-Identifier: BSD-3-Clause
#
# Goals around the build: help, cleaning, sizes, indexes, running.

.PHONY: help clean distclean apps
help:
	@cat $(UK_BASE)/support/build/help.txt
apps:
	@printf '%s\n' $(sort $(patsubst $(UK_BASE)/%/Makefile.uk,%,$(wildcard $(UK_BASE)/apps/*/Makefile.uk)))
