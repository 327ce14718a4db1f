# SPDX-License-Identifier: BSD-3-Clause
#
# Sources to objects, objects of a library to one pre-linked object that shows
# its exported symbols only.
#
# An object knows by variables what it is made of: src.<obj>, lib.<obj> (upper
# case), name.<obj>, var.<obj> (variant), plat.<obj> (upper case; empty when the
# object does not depend on the platform).

FIXDEP := $(BUILD_DIR)/tools/fixdep
$(FIXDEP): $(UK_BASE)/support/build/fixdep.c | $(BUILD_DIR)/tools/
	$(call verbose_cmd,HOSTCC,$(call short,$<),$(HOSTCC) $(HOSTCFLAGS) -o $@ $<)

# ---- Flags of one object ($@) ---------------------------------------------
o_lib = $(lib.$@)
o_plat = $(plat.$@)
stem = $(basename $(notdir $(src.$@)))
# <LIB>_<FILE>_FLAGS-y, <LIB>_<FILE>_<VARIANT>_FLAGS-y; <FILE> in capitals, a
# hyphen as such or as an underscore
file_names = $(sort $(call uc,$(stem)) $(call uc_plain,$(stem)))
uc_plain = $(subst _HYPHEN_,-,$(call uc,$(subst -,_hyphen_,$1)))
file_flags = $(foreach f,$(file_names),$($(o_lib)_$f_FLAGS) $($(o_lib)_$f_FLAGS-y) $(if $(var.$@),\
	$($(o_lib)_$f_$(call uc,$(var.$@))_FLAGS) $($(o_lib)_$f_$(call uc,$(var.$@))_FLAGS-y)))
# all_of <variable>: the library's, the platform's, everybody's
all_of = $($(o_lib)_$1) $($(o_lib)_$1-y) $(if $(o_plat),$($(o_lib)_$(o_plat)_$1-y) $($(o_plat)_$1) $($(o_plat)_$1-y))
every = $($1) $($1-y)

obj_defs = -D__LIBNAME__=$(name.$@) -D__BASENAME__=$(notdir $(src.$@)) $(if $(o_plat),-D__PLAT_$(o_plat)__)
# Fetched sources are somebody else's: the compiler's own choice of warnings, and
# they do not end the build
fetched = $(filter $(BUILD_DIR)/$(name.$@)/origin/%,$(src.$@))
obj_warn = $(if $(fetched),,$(warnings_c))
obj_comp = $(filter-out $(if $(fetched),$(warnings)),$(uk_comp-y)) $(uk_free) $(call every,ARCHFLAGS) \
	$(if $(fpu),,$(call every,NOFPU_ARCHFLAGS)) $(call every,COMPFLAGS)
# Traps and events are handled by the platform: its code uses no floating point. Nor
# do our libraries, unless they say so (LIBFOO_FPU-y): an image that leaves these
# registers alone is spared a trap each time Xen has given them to another domain.
fpu = $(if $(CONFIG_HAVE_FPU),$(if $(o_plat),,$(if $(our_src),$($(o_lib)_FPU-y),$(filter-out LIBARCH,$(o_lib)))))
our_src = $(filter $(UK_BASE)/lib/%,$(src.$@))

cmd_cc.c = $(CC) $(obj_comp) $(uk_std_c) $(obj_warn) $(call every,CFLAGS) $(call all_of,CFLAGS) $(file_flags) \
	$(call all_of,CINCLUDES) $(call every,CINCLUDES) $(uk_includes) $(uk_config_h) $(obj_defs) \
	-c $(src.$@) -o $@
cmd_cc.cc = $(CXX) $(obj_comp) $(uk_std_cxx) $(call every,CXXFLAGS) $(call all_of,CXXFLAGS) $(file_flags) \
	$(call all_of,CXXINCLUDES) $(call every,CXXINCLUDES) $(uk_includes) $(uk_config_h) $(obj_defs) \
	-c $(src.$@) -o $@
cmd_cc.cpp = $(cmd_cc.cc)
cmd_cc.cxx = $(cmd_cc.cc)
cmd_cc.S = $(CC) $(filter-out -fsanitize% --coverage,$(obj_comp)) -D__ASSEMBLY__ -Wa,--fatal-warnings \
	$(call every,ASFLAGS) $(call all_of,ASFLAGS) $(file_flags) $(call all_of,ASINCLUDES) \
	$(call every,ASINCLUDES) $(uk_includes) $(uk_config_h) $(obj_defs) -c $(src.$@) -o $@
cmd_cc.s = $(cmd_cc.S)
# Variant "hosted": an ordinary object of the build machine's C library
cmd_hosted = $(CC) $(filter-out -fsanitize=bounds,$(uk_comp-y)) $(uk_std_c) $(call all_of,CFLAGS) $(file_flags) \
	$(call all_of,CINCLUDES) $(uk_config_h) $(obj_defs) -c $(src.$@) -o $@
cmd_lds = $(CPP) -P -x assembler-with-cpp -undef -D__ASSEMBLY__ -D__LDSCRIPT__ $(call every,ARCHFLAGS) $(uk_free) \
	$(path_maps) $(call all_of,ASINCLUDES) $(call every,ASINCLUDES) $(uk_includes) $(uk_config_h) \
	$(obj_defs) $(src.$@) -o $@
cmd_obj = $(strip $(if $(filter hosted,$(var.$@)),$(cmd_hosted),$(if $(filter %.lds,$@),$(cmd_lds),\
	$(or $(cmd_cc$(suffix $(src.$@))),$(error $(src.$@): no rule for this kind of source)))))
verb.c := CC
verb.cc := CXX
verb.cpp := CXX
verb.cxx := CXX
verb.S := AS
verb.s := AS
verb.ld := LDS

# compile <verb>,<command>: like if_changed; dependencies and the command go
# into <target>.d
compile = $(if $(call stale,$2),$(Q)$(call say,$1,$(obj_title)) $2 -Wp$(comma)-MMD$(comma)$@.tmp && \
	$(FIXDEP) $@.tmp $@ '$(call escsq,$2)' $(OPTION_STAMPS) $(CONFIG_HEADER) >$@.d)
obj_title = $(call short_out,$(dir $(src.$@))$(@F))$(if $(o_plat), [$(call lc,$(o_plat))])

ALL_OBJS :=
ALL_OLIBS :=

# ---- One library -----------------------------------------------------------
# src_file, src_variant <source[|variant]>
src_file = $(firstword $(subst |, ,$1))
src_variant = $(word 2,$(subst |, ,$1))
# obj_path <folder>,<source[|variant]>: x.c gives x.o, x.c|v x.v.o, x.lds.S x.lds
obj_path = $1/$(basename $(notdir $(call src_file,$2)))$(addprefix .,$(call src_variant,$2))$(if \
	$(filter %.lds.S,$(call src_file,$2)),,.o)

# add_object <object>,<library>,<source>,<variant>,<platform>
define add_object
$(if $(src.$1),$(error $2: $3 and $(src.$1) give the same object: add a |variant to one of them))
src.$1 := $3
lib.$1 := $(call uc,$2)
name.$1 := $2
var.$1 := $4
plat.$1 := $(call uc,$5)
ALL_OBJS += $1
$1: $3 $(if $(filter $(BUILD_DIR)/$2/origin/%,$3),$(BUILD_DIR)/$2/.prepared)
endef

# lib_sources <library>,<platform>
lib_sources = $(strip $($(call uc,$1)_SRCS) $($(call uc,$1)_SRCS-y) $(if $2,$($(call uc,$1)_$(call uc,$2)_SRCS-y)) \
	$(EACHOLIB_SRCS) $(EACHOLIB_SRCS-y))

# exports <library>: options that keep the exported symbols global
in_tree = $(filter $(addprefix $(UK_BASE)/,arch/% plat/% lib/% apps/%),$($(call uc,$1)_BASE))
exports = $(if $(or $(call in_tree,$1),$($(call uc,$1)_EXPORTS)),--keep-global-symbol='uk_*' $(if $(filter \
	$(APP_BASE),$($(call uc,$1)_BASE)),--keep-global-symbol=main) $(if $2,--keep-global-symbol=_start) \
	$(addprefix --keep-global-symbols=,$($(call uc,$1)_EXPORTS))) $(addprefix \
	--localize-symbols=,$($(call uc,$1)_LOCALS))

# add_library <library>,<platform>,<folder>
define add_library
$(foreach s,$(filter-out %.ld,$(call lib_sources,$1,$2)),$(eval $(call \
	add_object,$(call obj_path,$3,$s),$1,$(call src_file,$s),$(call src_variant,$s),$2)))
objs.$3.o := $(filter %.o,$(foreach s,$(filter-out %.ld,$(call lib_sources,$1,$2)),$(call obj_path,$3,$s))) \
	$($(call uc,$1)_OBJS) $($(call uc,$1)_OBJS-y) $(EACHOLIB_OBJS) $(EACHOLIB_OBJS-y)
lds.$3.o := $(filter %.ld,$(call lib_sources,$1,$2)) $(filter %.lds,$(foreach s,$(filter \
	%.lds.S,$(call lib_sources,$1,$2)),$(call obj_path,$3,$s))) $(wildcard $($(call uc,$1)_BASE)/extra.ld)
alibs.$3.o := $($(call uc,$1)_ALIBS) $($(call uc,$1)_ALIBS-y) $(EACHOLIB_ALIBS) $(EACHOLIB_ALIBS-y)
exports.$3.o := $(call exports,$1,$2)
lists.$3.o := $($(call uc,$1)_EXPORTS) $($(call uc,$1)_LOCALS)
ALL_OLIBS += $3.o
endef

olib = $(BUILD_DIR)/$1
plat_olib = $(BUILD_DIR)/plat/$1/$2
$(foreach l,$(UK_LIBS),$(eval $(call add_library,$l,,$(call olib,$l))))
$(foreach p,$(UK_PLATS),$(foreach l,$($(call uc,$p)_LIBS),$(eval $(call add_library,$l,$p,$(call plat_olib,$p,$l)))))

# A library without objects (headers, flags or scripts only) has no output
ALL_OLIBS := $(foreach o,$(ALL_OLIBS),$(if $(strip $(objs.$o)),$o))

cmd_olib = $(LD) -r --fatal-warnings $(call every,LDFLAGS) -o $@ $(objs.$@) $(if $(strip $(exports.$@)),&& $(OBJCOPY) -w $(strip $(exports.$@)) $@)
$(foreach o,$(ALL_OLIBS),$(eval $o: $(objs.$o) $(lists.$o)))
$(ALL_OLIBS): FORCE
	$(call if_changed,LD,$(cmd_olib))
$(call use_saved_cmds,$(ALL_OLIBS) $(origin_files))

# ---- All objects -----------------------------------------------------------
# Linker scripts of platforms are preprocessed like sources
$(foreach p,$(call uc,$(UK_PLATS)),$(if $(strip $($p_LDSCRIPT) $($p_LDSCRIPT-y)),$(eval $(call \
	add_object,$(BUILD_DIR)/plat/$(call lc,$p)/image.lds,image,$(strip $($p_LDSCRIPT) $($p_LDSCRIPT-y)),,$p))))

$(ALL_OBJS): FORCE $(FIXDEP) | prepare
	$(call compile,$(or $(verb$(suffix $(src.$@))),CPP),$(cmd_obj))
-include $(wildcard $(addsuffix .d,$(ALL_OBJS)))

$(foreach l,$(UK_LIBS),$(if $($(call uc,$l)_ORIGIN),$(eval \
	$(BUILD_DIR)/$l/.prepared: $($(call uc,$l)_PREPARED_DEPS))))

# Each output finds its folder
$(sort $(dir $(ALL_OBJS) $(ALL_OLIBS) $(origin_files)) $(BUILD_DIR)/tools/):
	@mkdir -p $@
$(foreach o,$(ALL_OBJS) $(ALL_OLIBS),$(eval $o: | $(dir $o)))

.PHONY: prepare fetch libs
fetch: $(UK_FETCH) $(UK_FETCH-y)
prepare: $(UK_FETCH) $(UK_FETCH-y) $(UK_PREPARE) $(UK_PREPARE-y)
libs: $(ALL_OLIBS)
