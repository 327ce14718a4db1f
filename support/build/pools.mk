# SPDX-License-Identifier: BSD-3-Clause
#
# Finds the fragments of all pools and reads them. Platforms come first, so that
# a library can see which are selected only by mistake, never by need.

pool_of = $(sort $(patsubst %/Makefile.uk,%,$(wildcard $1)))

FRAGMENT_DIRS := $(patsubst %/,%,$(dir $(wildcard $(UK_BASE)/arch/$(ARCH)/Makefile.uk))) \
	$(call pool_of,$(UK_BASE)/plat/*/Makefile.uk $(UK_BASE)/plat/*/*/Makefile.uk) $(EXT_PLAT_DIRS) \
	$(call pool_of,$(UK_BASE)/lib/*/*/Makefile.uk) $(EXT_LIB_DIRS) $(APP_BASE)

$(foreach d,$(FRAGMENT_DIRS),$(eval $(call import_lib,$d)))
_IMPORT_BASE :=

UK_LIBS := $(strip $(UK_LIBS))
UK_PLATS := $(strip $(UK_PLATS))
ifneq ($(filter all images run gdb size,$(UK_GOALS)),)
$(if $(UK_PLATS),,$(error no platform is selected: enable at least one of CONFIG_PLAT_* in $(UK_CONFIG)))
endif
