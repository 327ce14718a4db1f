# SPDX-License-Identifier: BSD-3-Clause
#
# From Config.uk and .config to make variables, a C header and one stamp per
# option. The work is done by support/kconfig/uk_kconfig.py.

KCONFIG := $(UK_BASE)/support/kconfig/uk_kconfig.py
AUTOCONF := $(CONFIG_DIR)/auto.conf
CONFIG_HEADER := $(BUILD_DIR)/include/uk/config.h
OPTION_STAMPS := $(CONFIG_DIR)/sym

kconfig_args = --base $(UK_BASE) --app $(APP_BASE) --build $(BUILD_DIR) --config $(UK_CONFIG) \
	$(addprefix --lib ,$(EXT_LIB_DIRS)) $(addprefix --plat ,$(EXT_PLAT_DIRS))
kconfig = $(PYTHON) $(KCONFIG) $(kconfig_args)

UI_GOALS := menuconfig nconfig guiconfig
CONFIG_GOALS := $(UI_GOALS) defconfig savedefconfig olddefconfig oldconfig listnewconfig \
	randconfig allyesconfig allnoconfig why list
PLAIN_GOALS := help clean distclean check check-quick demo apps

UK_GOALS := $(or $(MAKECMDGOALS),all)
config_goal := $(filter $(CONFIG_GOALS) %_defconfig,$(UK_GOALS))
build_goal := $(filter-out $(CONFIG_GOALS) %_defconfig $(PLAIN_GOALS),$(UK_GOALS))

ifneq ($(config_goal)$(build_goal)$(filter clean distclean,$(UK_GOALS)),)
$(if $(A),,$(error which application? A=apps/<name>, with one of: $(notdir $(patsubst \
	%/Makefile.uk,%,$(wildcard $(UK_BASE)/apps/*/Makefile.uk)))))
endif
ifneq ($(config_goal)$(build_goal),)
$(if $(if $(findstring /,$(PYTHON)),$(wildcard $(PYTHON)),$(shell command -v $(firstword $(PYTHON)))),,$(error \
	PYTHON=$(PYTHON): not found; Debian has what is needed in packages: apt-get install python3 python3-kconfiglib))
endif
.PHONY: $(CONFIG_GOALS)
DEFCONFIG ?= $(APP_BASE)/defconfig
defconfig:
	@$(kconfig) defconfig $(call user_path,$(DEFCONFIG))
%_defconfig:
	@$(kconfig) defconfig $(APP_BASE)/configs/$@
savedefconfig:
	@$(kconfig) savedefconfig $(call user_path,$(DEFCONFIG))
why:
	@$(kconfig) why '$(call escsq,$(SYM))'
$(filter-out defconfig savedefconfig why,$(CONFIG_GOALS)):
	@$(kconfig) $@

# ---- The configuration of a build -----------------------------------------
ifneq ($(build_goal),)
# A library that comes or goes changes this list, and so the configuration
KCONFIG_POOL := $(strip $(sort $(wildcard $(UK_BASE)/lib/*/*/Config.uk $(UK_BASE)/arch/*/Config.uk \
	$(UK_BASE)/plat/*/Config.uk $(UK_BASE)/plat/*/*/Config.uk)) \
	$(EXT_LIB_DIRS) $(EXT_PLAT_DIRS) $(APP_BASE) $(UK_CONFIG))

-include $(CONFIG_DIR)/auto.conf.d
ifeq ($(dry_run),)
-include $(AUTOCONF)
else
-include $(wildcard $(AUTOCONF))
endif

# Nothing but the configuration is read until it is fresh: what is wrong in the rest
# may come from what has been mended in .config
config_read := $(wildcard $(UK_CONFIG) $(KCONFIG_DEPS) $(UK_BASE)/support/kconfig/*.py)
config_stale := $(strip $(call differs,$(KCONFIG_POOL),$(KCONFIG_POOL_SEEN))$(if $(wildcard $(UK_CONFIG)),,missing)$(if \
	$(wildcard $(AUTOCONF)),$(shell find $(config_read) -prune -newer $(AUTOCONF)),missing))
ifneq ($(and $(config_stale),$(dry_run)),)
$(info make -n: the configuration is newer than what was made from it, or there is none: make prepare first)
.PHONY: $(build_goal)
$(build_goal): ;
else ifneq ($(config_stale),)
# Reached when the configuration could not be made; why has been said
.PHONY: $(build_goal)
$(build_goal):
	@exit 1
$(AUTOCONF): FORCE
	@$(kconfig) --pool '$(KCONFIG_POOL)' sync
else
UK_CONFIGURED := y
ARCH := $(firstword $(foreach a,$(notdir $(patsubst %/include,%,$(wildcard $(UK_BASE)/arch/*/include))) \
	x86_64 arm64 arm,$(if $(CONFIG_ARCH_$(call uc,$a)),$a)))
UK_ARCH := $(ARCH)
CONFIG_UK_ARCH := $(ARCH)
UK_NAME := $(or $(call qstrip,$(CONFIG_UK_NAME)),$(notdir $(APP_BASE)))
$(if $(ARCH),,$(error no architecture is selected: set one of CONFIG_ARCH_* in $(UK_CONFIG)))
endif
endif
