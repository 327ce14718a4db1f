# SPDX-License-Identifier: BSD-3-Clause
#
# Entry point of the build. Usage: `make A=apps/<app> [goal]` here, or `make
# [goal]` in an application's folder. `make help` lists the goals; doc/build.md
# is the reference.

UK_BASE := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

# Help depends on nothing, so that it always works
ifneq ($(filter help,$(MAKECMDGOALS)),)
.PHONY: $(MAKECMDGOALS)
$(MAKECMDGOALS): ; @$(if $(filter help,$@),cat $(UK_BASE)/support/build/help.txt,:)
# Goals that change what others read run one after the other
else ifneq ($(and $(word 2,$(MAKECMDGOALS)),$(filter clean distclean %config clean-%,$(MAKECMDGOALS))),)
.PHONY: $(MAKECMDGOALS) one-by-one
$(MAKECMDGOALS): one-by-one ; @:
one-by-one:
	@for goal in $(MAKECMDGOALS); do $(MAKE) --no-print-directory $$goal || exit 1; done
else

include $(UK_BASE)/support/build/init.mk
include $(UK_BASE)/support/build/config.mk

# What follows needs a configuration, and then to know the compiler
ifdef UK_CONFIGURED
include $(UK_BASE)/support/build/toolchain.mk
endif
ifdef UK_TOOLCHAIN
include $(UK_BASE)/support/build/flags.mk
include $(UK_BASE)/support/build/grammar.mk
include $(UK_BASE)/support/build/origin.mk
include $(UK_BASE)/support/build/pools.mk
include $(UK_BASE)/support/build/compile.mk
include $(UK_BASE)/support/build/image.mk
include $(UK_BASE)/support/build/sdk.mk
endif

include $(UK_BASE)/support/build/goals.mk
endif
