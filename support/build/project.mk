# SPDX-License-Identifier: BSD-3-Clause
#
# Goals of the project as a whole; they need no application and no
# configuration, and install the packages they miss.

PROJECT_GOALS := demo check check-quick bench

.PHONY: $(PROJECT_GOALS)

demo:
	@$(UK_BASE)/support/deps build bench
	@echo "  BUILD   apps/blkback for Xen PV and Xen HVM"
	@$(MAKE) --no-print-directory -C $(UK_BASE)/apps/blkback
	@$(UK_BASE)/support/demo/blkback

check:
	@$(UK_BASE)/support/deps build check bench
	@$(UK_BASE)/support/test/check

check-quick:
	@$(UK_BASE)/support/deps build
	@$(UK_BASE)/support/test/check quick
