# SPDX-License-Identifier: BSD-3-Clause
#
# Paths given by the user (A= O= C= L= P=), helper functions, and how a command
# is announced and repeated only when it has to be.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
# make -s says nothing but errors; make -n writes nothing
short_flags := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
export UK_SILENT := $(findstring s,$(short_flags))
dry_run := $(findstring n,$(short_flags))
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
SHELL := /bin/sh
# A generated makefile that is never up to date would have make start over for ever
$(if $(filter-out 1 2 3 4 5 6,$(MAKE_RESTARTS)),$(error the makefiles in $(BUILD_DIR)/config do not settle))
unexport CFLAGS CXXFLAGS ASFLAGS LDFLAGS CPPFLAGS

empty :=
space := $(empty) $(empty)
comma := ,
pound := \#
squote := '
define newline


endef

# uc: a name as it appears in variables and options (libxen-ring: LIBXEN_RING)
uc = $1
$(foreach p,a=A b=B c=C d=D e=E f=F g=G h=H i=I j=J k=K l=L m=M n=N o=O p=P q=Q \
	r=R s=S t=T u=U v=V w=W x=X y=Y z=Z -=_ .=_ +=_,\
	$(eval uc = $$(subst $(subst =,$(comma),$p),$(value uc))))
lc = $1
$(foreach p,A=a B=b C=c D=d E=e F=f G=g H=h I=i J=j K=k L=l M=m N=n O=o P=p Q=q \
	R=r S=s T=t U=u V=v W=w X=x Y=y Z=z,\
	$(eval lc = $$(subst $(subst =,$(comma),$p),$(value lc))))
qstrip = $(strip $(subst ",,$1))
escsq = $(subst $(squote),'\'',$1)
fileext = $(patsubst .%,%,$(suffix $1))
differs = $(or $(subst [$1],,[$2]),$(subst [$2],,[$1]))

# ---- Paths ----------------------------------------------------------------
# A relative path on the command line means relative to where make was called.
UK_CWD ?= $(CURDIR)
user_path = $(abspath $(if $(filter /%,$1),$1,$(UK_CWD)/$1))
user_paths = $(foreach p,$(subst :, ,$1),$(call user_path,$p))

$(foreach v,UK_BASE UK_CWD A O C L P,$(if $(word 2,$($v)),\
	$(error $v="$($v)": make cannot handle a path with a space)))

APP_BASE := $(if $(A),$(call user_path,$(A)))
BUILD_DIR := $(if $(O),$(call user_path,$(O)),$(if $(A),$(APP_BASE)/build))
UK_CONFIG := $(if $(C),$(call user_path,$(C)),$(if $(A),$(APP_BASE)/.config))
ifneq ($(A),)
$(if $(wildcard $(APP_BASE)/Makefile.uk),,\
	$(error $(A): not an application (no $(APP_BASE)/Makefile.uk)))
endif

# An L= or P= entry is a library's folder, or a folder of such folders
pool_dirs = $(foreach p,$(call user_paths,$1),$(or $(if $(wildcard $p/Makefile.uk),$p),\
	$(patsubst %/Makefile.uk,%,$(wildcard $p/*/Makefile.uk)),\
	$(error $p: no $2 here (neither Makefile.uk nor */Makefile.uk))))
EXT_LIB_DIRS := $(call pool_dirs,$(L),library)
EXT_PLAT_DIRS := $(call pool_dirs,$(P),platform)

CONFIG_DIR := $(BUILD_DIR)/config
PYTHON ?= /usr/bin/python3
HOSTCC ?= cc
export UK_BASE APP_BASE BUILD_DIR

# Community names for the same places
CONFIG_UK_BASE := $(UK_BASE)
CONFIG_UK_APP := $(APP_BASE)
UK_APP := $(APP_BASE)
UK_PLAT_COMMON_BASE := $(UK_BASE)/plat/common

# A file as messages name it: relative to the tree, or with the name of the
# application's or library's folder when that is elsewhere
short = $(or $(firstword $(foreach d,$(EXT_LIB_DIRS) $(EXT_PLAT_DIRS) $(filter-out $(UK_BASE)/%,$(APP_BASE)),$(if \
	$(filter $d/%,$1),$(notdir $d)/$(patsubst $d/%,%,$1)))),$(patsubst $(UK_BASE)/%,%,$1))
short_out = $(call short,$(patsubst $(BUILD_DIR)/%,%,$1))

# ---- Commands -------------------------------------------------------------
ifeq ($(V),1)
Q :=
say =
else
Q := @
say = $(if $(UK_SILENT),,$(say_it))
say_it = printf '  %-7s %s\n' '$1' '$2';
endif

# verbose_cmd <verb>,<text>,<command>: the community's way to run a command
verbose_cmd = $(Q)$(call say,$1,$2) $3
verbose_cmd_inner = $(call say,$1,$2) $3
# build_cmd <verb>,<library>,<target>,<command>
build_cmd = $(call verbose_cmd,$1,$(if $2,$2: )$(call short_out,$3),$4)
build_clean = $1

# if_changed <verb>,<command>: runs in a rule that has FORCE among its
# prerequisites, when one of the others is newer, the target is missing or the
# command is not the one that made the target, which .<target>.cmd keeps.
stale = $(or $(filter-out FORCE,$?),$(if $(wildcard $@),,missing),$(call differs,$(cmd_$@),$1))
mk_escape = $(subst $(pound),\$(pound),$(subst $$,$$$$,$1))
cmd_file = $(dir $1).$(notdir $1).cmd
if_changed = $(call if_changed_1,$1,$(strip $2))
if_changed_1 = $(if $(call stale,$2),$(Q)$(call say,$1,$(call short_out,$@))$(if $(dry_run),,$(file \
	>$(call cmd_file,$@).new,cmd_$@ := $(call mk_escape,$2))) $2 && mv -f $(call cmd_file,$@).new $(call cmd_file,$@))

# use_saved_cmds <targets>: makes the saved commands known
use_saved_cmds = $(eval -include $(wildcard $(foreach t,$1,$(call cmd_file,$t))))

.PHONY: FORCE
FORCE:
