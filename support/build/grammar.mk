# SPDX-License-Identifier: BSD-3-Clause
#
# What a Makefile.uk says: which libraries and platforms there are.

UK_LIBS :=
UK_PLATS :=

# Common part of addlib and addplatlib: <LIB>_BASE, _BUILD, symbol lists
lib_vars = $(eval $(call uc,$1)_BASE := $(_IMPORT_BASE))$(eval $(call uc,$1)_BUILD := $(BUILD_DIR)/$1)$(eval \
	$(call uc,$1)_EXPORTS += $(wildcard $(_IMPORT_BASE)/exportsyms.uk))$(eval \
	$(call uc,$1)_LOCALS += $(wildcard $(_IMPORT_BASE)/localsyms.uk))

# A C library of the tree shows include/ when it is on; the others always (flags.mk)
lib_exports_includes = $(if $(filter $(UK_BASE)/lib/libc/%,$(_IMPORT_BASE)),$(if \
	$(wildcard $(_IMPORT_BASE)/include),$(eval uk_includes += -I$(_IMPORT_BASE)/include)))

# addlib <library>; addlib_s <library>,<switch>
addlib = $(if $(filter $1,$(UK_LIBS)),$(error $(_IMPORT_BASE): library $1 is already registered by \
	$($(call uc,$1)_BASE)))$(eval UK_LIBS += $1)$(call lib_vars,$1)$(call lib_exports_includes)
addlib_s = $(if $(filter y,$2),$(call addlib,$1))

# addplat <platform>; addplat_s <platform>,<switch>
addplat = $(eval UK_PLATS += $1)$(eval $(call uc,$1)_BASE := $(_IMPORT_BASE))$(eval \
	UK_PLAT_$(call uc,$1)_BASE := $(_IMPORT_BASE))
addplat_s = $(if $(filter y,$2),$(call addplat,$1))

# addplatlib <platform>,<library>: built once for each platform that adds it
addplatlib = $(if $(filter $1,$(UK_PLATS)),$(eval $(call uc,$1)_LIBS += $2)$(call lib_vars,$2))
addplatlib_s = $(if $(filter y,$3),$(call addplatlib,$1,$2))

# import_lib <folder>: reads its Makefile.uk; may be nested
define import_lib
_IMPORT_STACK := $1 $$(_IMPORT_STACK)
_IMPORT_BASE := $1
include $1/Makefile.uk
_IMPORT_STACK := $$(wordlist 2,99,$$(_IMPORT_STACK))
_IMPORT_BASE := $$(firstword $$(_IMPORT_STACK))
endef
_import_lib = $(import_lib)

mk_sub_build_dir = $(shell mkdir -p $(BUILD_DIR)/$1)
mk_sub_libbuild_dir = $(shell mkdir -p $(BUILD_DIR)/$1/$2)
sub_build_dir = $(addprefix $(BUILD_DIR)/,$(notdir $1))
sub_libbuild_dir = $(BUILD_DIR)/$1/$2
