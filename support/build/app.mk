# SPDX-License-Identifier: BSD-3-Clause
#
# For the Makefile of an application: hands every goal, in one go, to the tree.

UK_ROOT ?= $(patsubst %/support/build/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
app_goals := $(or $(MAKECMDGOALS),all)

.PHONY: $(app_goals)
$(app_goals): app-build
	@:
.PHONY: app-build
app-build:
	@$(MAKE) --no-print-directory -C $(UK_ROOT) UK_CWD=$(CURDIR) A=$(CURDIR) $(app_goals)
