# SPDX-License-Identifier: BSD-3-Clause
#
# Sources that are fetched: from the download cache, the distribution's source
# packages, the upstream URL (support/build/fetch). They end up unpacked and
# patched in <LIB>_ORIGIN. Only libraries that are on are fetched.

UK_DLDIR ?= $(HOME)/.cache/unicore/dl

# fetch <library>,<url>[,<folder with patches>]
# fetchas <library>,<url>,<file name>[,<folder with patches>]
# The pin is <LIB>_SHA256 (or <LIB>_ORIGIN_SHA256); <LIB>_DEBIAN is name_version
# of the Debian source package that carries the same file. Both may list several,
# versions that will all do. With <LIB>_FOLDER the archive's one folder has that
# name once it is unpacked, whatever its version calls it.
fetch = $(call fetchas,$1,$2,$(notdir $2),$3)
define fetchas
$(if $($(call uc,$1)_BASE),$(call fetch_rules,$1,$2,$3,$(call uc,$1))$(call unarchive,$1,$(BUILD_DIR)/$1/$3,$4))
endef
fetchas2 = $(call fetchas,$1,$2 $3,$4,$5)
fetch2 = $(call fetchas,$1,$2 $3,$(notdir $2),$4)

# fetch_source <library>,<debian source name>,<version>,<url>,<sha256>
define fetch_source
$(eval $(call uc,$1)_DEBIAN := $2_$3)$(eval $(call uc,$1)_SHA256 := $5)$(call fetch,$1,$4)
endef

define fetch_rules
$(BUILD_DIR)/$1/$3: cmd_fetch = $(UK_BASE)/support/build/fetch --cache $(UK_DLDIR) --out $(BUILD_DIR)/$1/$3 \
	--sha256 '$(or $($4_SHA256),$($4_ORIGIN_SHA256))' --debian '$($4_DEBIAN)' $2
$(BUILD_DIR)/$1/$3: FORCE | $(BUILD_DIR)/$1/
	$$(call if_changed,FETCH,$$(cmd_fetch))
origin_files += $(BUILD_DIR)/$1/$3

endef

# unarchive <library>,<archive>[,<folder with patches>]: unpacks and patches, anew
# when the archive, a patch or the list of patches changes
define unarchive
$(call uc,$1)_ORIGIN := $(BUILD_DIR)/$1/origin
$(BUILD_DIR)/$1/.origin: unpack_to = $(BUILD_DIR)/$1/origin
$(BUILD_DIR)/$1/.origin: unpack_as = $($(call uc,$1)_FOLDER)
$(BUILD_DIR)/$1/.origin: FORCE $2 | $(BUILD_DIR)/$1/
	$$(call if_changed,UNPACK,$$(call unpack,$2) $$(patches.$1) && touch $$@)
$(BUILD_DIR)/$1/.patched $(BUILD_DIR)/$1/.prepared: $(BUILD_DIR)/$1/.origin
	@touch $$@
$(BUILD_DIR)/$1/origin/%: | $(BUILD_DIR)/$1/.prepared ;
origin_files += $(BUILD_DIR)/$1/.origin
UK_FETCH-y += $(BUILD_DIR)/$1/.origin
UK_PREPARE-y += $(BUILD_DIR)/$1/.prepared
$(if $3,$(call patch,$1,$3))
endef
# New times: what was compiled from the files before is then older than they are
unpack = rm -rf $(unpack_to) && mkdir -p $(unpack_to) && $(if $(filter %.zip,$1),$(UNZIP) -d $(unpack_to) $1 && \
	find $(unpack_to) -exec touch {} +,$(TAR) -xmf $1 $(if $(unpack_as),--transform 's$(comma)^[^/]*$(comma)$(unpack_as)$(comma)S' )-C $(unpack_to))

# patch <library>,<folder with patches>[,<folder inside the origin>]
define patch
$(if $($(call uc,$1)_BASE),$(call patch_rules,$1,$(sort $(wildcard $2/*.patch $2/*.diff)),$(BUILD_DIR)/$1/origin/$3))
endef
define patch_rules
patches.$1 += $(foreach p,$2,&& $(PATCH) -s -f -p1 -d $3 -i $p)
$(BUILD_DIR)/$1/.origin: $2
endef
