# SPDX-License-Identifier: BSD-3-Clause
#
# Compiler, binutils and the small programs that fragments call. What has to be
# asked of the compiler is asked once per compiler and kept in toolchain.conf.

HOST_ARCH := $(patsubst aarch64,arm64,$(patsubst arm%,arm,$(shell uname -m)))
triplet.x86_64 := x86_64-linux-gnu-
triplet.arm64 := aarch64-linux-gnu-
triplet.arm := arm-linux-gnueabihf-
package.x86_64 := gcc-x86-64-linux-gnu
package.arm64 := gcc-aarch64-linux-gnu
package.arm := gcc-arm-linux-gnueabihf

CROSS_COMPILE ?= $(if $(filter $(ARCH),$(HOST_ARCH)),,$(triplet.$(ARCH)))

# CC="ccache gcc": the prefix goes before the last word, unless that is a path.
# clang needs no prefix, it takes the target as an option.
cross_tool = $(if $(findstring clang,$1),$1 $(if $(CROSS_COMPILE),--target=$(CROSS_COMPILE:-=)),\
	$(if $(findstring /,$(lastword $1)),$1,$(strip $(filter-out $(lastword $1),$1) \
	$(CROSS_COMPILE)$(lastword $1))))
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
override CC := $(strip $(call cross_tool,$(CC)))
CXX := $(patsubst %gcc,%g++,$(patsubst %clang,%clang++,$(CC)))
CPP := $(CC) -E
AS := $(CC)
LD := $(CROSS_COMPILE)ld
AR := $(CROSS_COMPILE)gcc-ar
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
OBJDUMP := $(CROSS_COMPILE)objdump
READELF := $(CROSS_COMPILE)readelf
STRIP := $(CROSS_COMPILE)strip

toolchain_key := $(strip $(CC) $(ARCH) $(CROSS_COMPILE))
-include $(CONFIG_DIR)/toolchain.conf
$(CONFIG_DIR)/toolchain.conf: $(UK_BASE)/support/build/toolchain \
		$(if $(call differs,$(toolchain_key),$(TOOLCHAIN_KEY)),FORCE)
	@mkdir -p $(@D)
	@$< '$(toolchain_key)' '$(package.$(ARCH))' $(LD) $(CC) >$@.tmp && mv -f $@.tmp $@

ifeq ($(call differs,$(toolchain_key),$(TOOLCHAIN_KEY)),)
UK_TOOLCHAIN := y
else
# Reached when the compiler will not do; why has been said
.PHONY: $(build_goal)
$(build_goal):
	@exit 1
endif

have_gcc = $(if $(CC_IS_CLANG),n,y)
have_clang = $(if $(CC_IS_CLANG),y,n)
version_ge = $(shell [ $(CC_VER_MAJOR) -gt $1 -o $(CC_VER_MAJOR) -eq $1 -a $(CC_VER_MINOR) -ge $2 ] \
	&& echo y)
gcc_version_ge = $(if $(CC_IS_CLANG),,$(call version_ge,$1,$2))
error_if_gcc_version_lt = $(if $(CC_IS_CLANG)$(call version_ge,$1,$2),,\
	$(error gcc >= $1.$2 is needed, found $(CC_VER_MAJOR).$(CC_VER_MINOR)))

AWK := awk
CP := cp -f
GUNZIP := gunzip
INSTALL := install
LN := ln -sf
MKDIR := mkdir
MV := mv -f
PATCH := patch
RM := rm -f
SED := sed
SHA256SUM := sha256sum
TAR := tar
TOUCH := touch
UNZIP := unzip -qq -u
YACC := bison
LEX := flex
HOSTCFLAGS := -O2 -Wall
