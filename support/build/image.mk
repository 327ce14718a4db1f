# SPDX-License-Identifier: BSD-3-Clause
#
# One image per selected platform, from the same libraries and the platform's
# own. Beside each image: .dbg .map .sym .sizes .sha256 and, for Xen, .xl.
#
# A platform's fragment may set (<PLAT> in capitals):
#   <PLAT>_LDSCRIPT     linker script, preprocessed
#   <PLAT>_LDFLAGS-y    options of the link
#   <PLAT>_LINK_CMD     replaces the link command; has LINK_OUT LINK_MAP
#                       LINK_OBJS LINK_LIBS LINK_SCRIPTS
#   <PLAT>_POST_CMD     makes $@ from the stripped $(POST_IN)
#   <PLAT>_PROVIDES-y   services that libraries ask for with <LIB>_NEEDS-y
#   <PLAT>_XL           (define) lines of the .xl after name, kernel and memory

image_of = $(BUILD_DIR)/$(UK_NAME)_$1-$(ARCH)
IMAGES := $(foreach p,$(UK_PLATS),$(call image_of,$p))
MKSYMTAB := $(UK_BASE)/support/build/mksymtab
LINK := $(UK_BASE)/support/build/link

# Of an image $(IMG): platform, libraries, linker scripts
plat_uc = $(call uc,$(plat.$(IMG)))
in_plat = $(BUILD_DIR)/plat/$(plat.$(IMG))/$1
# A library that needs what the platform does not provide stays out of its image
link_libs = $(foreach l,$(UK_LIBS),$(if $(filter-out $($(plat_uc)_PROVIDES-y),$($(call uc,$l)_NEEDS-y)),,$l))
# The application itself may not: there would be nothing to run
app_libs := $(foreach l,$(UK_LIBS),$(if $(filter $(APP_BASE),$($(call uc,$l)_BASE)),$l))
$(foreach p,$(UK_PLATS),$(foreach l,$(app_libs),$(foreach s,$(filter-out $($(call uc,$p)_PROVIDES-y),$($(call \
	uc,$l)_NEEDS-y)),$(error $(call short,$(APP_BASE)) needs $s: platform $p provides none; switch off \
	CONFIG_PLAT_$(call uc,$p) in $(UK_CONFIG)))))
all_olibs = $(addprefix $(BUILD_DIR)/plat/$(plat.$(IMG))/,$(addsuffix .o,$($(plat_uc)_LIBS))) \
	$(addprefix $(BUILD_DIR)/,$(addsuffix .o,$(link_libs)))
link_olibs = $(filter $(ALL_OLIBS),$(all_olibs))
link_alibs = $(foreach o,$(all_olibs),$(alibs.$o))
link_extra = $(sort $(foreach o,$(all_olibs),$(lds.$o)))
link_lds = $(filter $(ALL_OBJS),$(call in_plat,image.lds))
link_deps = $(link_olibs) $(link_alibs) $(link_extra) $(link_lds) $(UK_LDEPS) $(UK_LDEPS-y)

LINK_OUT = $@
LINK_MAP = $(basename $@).map
LINK_OBJS = $(link_olibs) $(filter %/symtab.o,$^)
LINK_LIBS = $(link_alibs)
# A script with INSERT comes before the one it inserts into
LINK_SCRIPTS = $(addprefix -T ,$(link_extra) $(link_lds))
link_default = $(LD) $(uk_ldflags) $(call every,LDFLAGS) $(call every,IMAGE_LDFLAGS) $(call every,$(plat_uc)_LDFLAGS) \
	$(LINK_SCRIPTS) -Map=$(LINK_MAP) --start-group $(LINK_OBJS) $(LINK_LIBS) $(LIBGCC) --end-group -o $(LINK_OUT)
cmd_link = $(LINK) '$(kconfig)' '$(call escsq,$(strip $(or $($(plat_uc)_LINK_CMD),$(link_default))))'
cmd_symtab = $(NM) -n $(call in_plat,pass1) | $(PYTHON) $(MKSYMTAB) >$@.S && $(CC) $(call every,ARCHFLAGS) -c $@.S -o $@
cmd_check = $(if $(CONFIG_LIBSYMTAB),&& $(NM) -n $@ | $(PYTHON) $(MKSYMTAB) --same $(call in_plat,symtab.o.S))

POST_IN = $@.stripped
cmd_image = $(STRIP) -s $(if $($(plat_uc)_POST_CMD),-o $(POST_IN) $@.dbg && $($(plat_uc)_POST_CMD) && rm -f $(POST_IN),-o $@ $@.dbg)

define xl_text
# Written by the build: xl create $(notdir $@)
name = "$(UK_NAME)"
kernel = "$(IMG)"
memory = $(or $(CONFIG_XL_MEMORY),8)
$($(plat_uc)_XL)
$(XL_EXTRA)
endef

# image_rules <image>,<platform>,<folder for what is in between>
define image_rules
plat.$1 := $2
$3/pass1 $3/symtab.o $1.dbg $1 $1.xl: IMG = $1
$3/pass1: $$(call for_image,$1,link_deps)
$3/symtab.o: $3/pass1 $(MKSYMTAB)
$1.dbg: $$(call for_image,$1,link_deps) $(if $(CONFIG_LIBSYMTAB),$3/symtab.o)
$1: $1.dbg
$1.sym $1.sizes: $1.dbg
$1.sha256: $1
$2: $1 $(foreach s,sym sizes sha256 $(if $($(call uc,$2)_XL),xl),$1.$s)
PASS1 += $3/pass1
SYMTABS += $3/symtab.o
endef
for_image = $(foreach IMG,$1,$($2))
$(foreach p,$(UK_PLATS),$(eval $(call image_rules,$(call image_of,$p),$p,$(BUILD_DIR)/plat/$p)))

$(call use_saved_cmds,$(PASS1) $(SYMTABS) $(IMAGES) $(addsuffix .dbg,$(IMAGES)) $(addsuffix .xl,$(IMAGES)))

$(PASS1): FORCE $(LINK) | $(BUILD_DIR)/tools/
	$(call if_changed,LINK,$(cmd_link))
$(SYMTABS): FORCE
	$(call if_changed,SYMTAB,$(cmd_symtab))
$(addsuffix .dbg,$(IMAGES)): FORCE $(LINK) | $(BUILD_DIR)/tools/
	$(call if_changed,LINK,$(cmd_link) $(cmd_check))
$(IMAGES): FORCE
	$(call if_changed,IMAGE,$(cmd_image))
$(addsuffix .sym,$(IMAGES)):
	$(Q)$(NM) -n $(basename $@).dbg >$@
$(addsuffix .sizes,$(IMAGES)): $(UK_BASE)/support/build/sizes
	$(Q)$(PYTHON) $(UK_BASE)/support/build/sizes $(basename $@).map $(BUILD_DIR) >$@
$(addsuffix .sha256,$(IMAGES)):
	$(Q)cd $(@D) && sha256sum $(basename $(@F)) >$(@F)
xl_line = $(strip $(subst $(newline), ,$(xl_text)))
$(addsuffix .xl,$(IMAGES)): FORCE
	$(if $(call differs,$(cmd_$@),$(xl_line))$(if $(wildcard $@),,missing),$(Q)$(call say,XL,$(call \
		short_out,$@))$(if $(dry_run),,$(file >$@,$(xl_text))$(file >$(call cmd_file,$@),cmd_$@ := $(call \
		mk_escape,$(xl_line)))) :)

# Images of platforms that were switched off, or of another name, do not stay behind
stale_images := $(filter-out $(IMAGES),$(patsubst %.dbg,%,$(wildcard $(BUILD_DIR)/*.dbg)))
drop = $(Q)$(call say,DROP,$(call short_out,$1))rm -f $1 $1.* $(call cmd_file,$1) $(dir $1).$(notdir $1).*
.PHONY: drop-stale
drop-stale:
	$(foreach i,$(stale_images),$(call drop,$i)$(newline)	)
all images $(UK_PLATS): $(if $(stale_images),drop-stale)

.PHONY: all images $(UK_PLATS)
images: $(IMAGES)
all: libs images $(UK_PLATS)
	@:
$(UK_PLATS):
	@:
