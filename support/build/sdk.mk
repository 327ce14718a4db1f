# SPDX-License-Identifier: BSD-3-Clause
#
# make sdk: the configured libraries as a compiler for programs with a build system
# of their own. SDK= is where it goes (default: <output>/sdk), and it may be moved:
# nothing in it points back here.
#   bin/<arch>-unicore-gcc, -ld, -ar, …   wrappers (support/build/sdk-cc)
#   include/                              headers of all libraries that are on
#   lib/                                  libraries, linker scripts
#   link/<platform>                       how an image is linked; @…@ is filled in

SDK_DIR := $(if $(SDK),$(call user_path,$(SDK)),$(BUILD_DIR)/sdk)
# The application is not part of it, the program takes its place
SDK_APP := $(foreach l,$(UK_LIBS),$(if $(filter $(APP_BASE),$($(call uc,$l)_BASE)),$(BUILD_DIR)/$l.o))
sdk_path = $(foreach f,$1,@SDK@/lib/$(if $(filter $(BUILD_DIR)/%,$f),$(patsubst $(BUILD_DIR)/%,%,$f),$(notdir $f)))
sdk_off = $(filter-out $(foreach l,$(UK_LIBS),-I$($(call uc,$l)_BASE)/include),$(tree_includes))
sdk_includes = $(patsubst -I%,%,$(filter-out $(sdk_off),$(filter -I%,$(call every,CINCLUDES) $(uk_includes))))
sdk_flags = $(filter-out -W% -ffile-prefix-map=% -isystem $(CC_INCLUDE),$(obj_comp)) $(uk_std_c)

define sdk_platform
$(SDK_DIR)/link/$2: IMG = $1
$(SDK_DIR)/link/$2: LINK_OUT = @OUT@.dbg
$(SDK_DIR)/link/$2: LINK_MAP = @OUT@.map
$(SDK_DIR)/link/$2: POST_IN = @OUT@.stripped
$(SDK_DIR)/link/$2: LINK_OBJS = $$(call sdk_path,$$(filter-out $(SDK_APP),$$(link_olibs))) @PROGRAM@
$(SDK_DIR)/link/$2: LINK_LIBS = $$(call sdk_path,$$(link_alibs))
$(SDK_DIR)/link/$2: LINK_SCRIPTS = $$(addprefix -T ,$$(call sdk_path,$$(link_extra) $$(link_lds)))
$(SDK_DIR)/link/$2: $$(filter-out $(SDK_APP),$$(call for_image,$1,link_deps)) | $(SDK_DIR)/link/
endef
SDK_LINKS := $(addprefix $(SDK_DIR)/link/,$(UK_PLATS))
$(foreach p,$(UK_PLATS),$(eval $(call sdk_platform,$(call image_of,$p),$p)))

sdk_files = $(filter-out $(SDK_APP),$(link_olibs)) $(link_alibs) $(link_extra) $(link_lds)
$(SDK_LINKS): FORCE
	$(if $(dry_run),,$(file >$@,$(or $($(plat_uc)_LINK_CMD),$(link_default)))$(file >>$@,$(subst $@,@OUT@,$(strip $(cmd_image)))))
	@$(foreach f,$(sdk_files),mkdir -p $(dir $(subst @SDK@,$(SDK_DIR),$(call sdk_path,$f))) && \
		cp -f $f $(subst @SDK@,$(SDK_DIR),$(call sdk_path,$f)) &&) :

$(SDK_DIR)/link/:
	@mkdir -p $@ $(SDK_DIR)/bin $(SDK_DIR)/lib $(SDK_DIR)/include

.PHONY: sdk
sdk: $(SDK_LINKS) prepare
	@for d in $(wildcard $(sdk_includes)); do cp -rfL $$d/. $(SDK_DIR)/include/; done
	@for l in c m pthread rt dl util; do rm -f $(SDK_DIR)/lib/lib$$l.a; $(AR) rcs $(SDK_DIR)/lib/lib$$l.a; done
	@printf '%s\n' "CC='$(CC)'" "FLAGS='$(sdk_flags)'" "OBJCOPY='$(OBJCOPY)'" "ARCH='$(ARCH)'" >$(SDK_DIR)/sdk.conf
	@cp -f $(UK_BASE)/support/build/sdk-cc $(SDK_DIR)/bin/$(ARCH)-unicore-gcc
	@ln -sf $(ARCH)-unicore-gcc $(SDK_DIR)/bin/$(ARCH)-unicore-cc
	@ln -sf $(ARCH)-unicore-gcc $(SDK_DIR)/bin/$(ARCH)-unicore-ld
	@for t in ar nm ranlib strip objcopy objdump readelf; do \
		printf '#!/bin/sh\nexec $(CROSS_COMPILE)%s "$$@"\n' $$t >$(SDK_DIR)/bin/$(ARCH)-unicore-$$t; \
		chmod +x $(SDK_DIR)/bin/$(ARCH)-unicore-$$t; done
	@$(call say,SDK,$(SDK_DIR)/bin/$(ARCH)-unicore-gcc)
