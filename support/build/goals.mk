# SPDX-License-Identifier: BSD-3-Clause
#
# Goals around the build: help, cleaning, sizes, indexes, running.

.PHONY: apps clean distclean check check-quick demo
apps:
	@printf '%s\n' $(sort $(patsubst $(UK_BASE)/%/Makefile.uk,%,$(wildcard $(UK_BASE)/apps/*/Makefile.uk)))
clean:
	$(if $(wildcard $(CONFIG_DIR)/libs.uk),$(Q)$(call say,CLEAN,$(BUILD_DIR))rm -rf $(BUILD_DIR))
distclean: clean
	$(if $(UK_CONFIG),$(Q)rm -f $(UK_CONFIG) $(UK_CONFIG).old)
# Of the whole tree; these install the packages they miss
check:
	@$(UK_BASE)/support/deps build check fuzz bench
	@$(UK_BASE)/support/test/run
check-quick:
	@$(UK_BASE)/support/deps build quick
	@$(UK_BASE)/support/test/run --quick
# From an application's folder: its own, if it has one
demo_app = $(or $(notdir $(wildcard $(APP_BASE:%=$(UK_BASE)/support/demo/$(notdir $(APP_BASE))))),blkback)
demo:
	@$(UK_BASE)/support/deps build bench
	@$(foreach a,$(sort blkback $(demo_app)),$(MAKE) -C $(UK_BASE)/apps/$a &&) :
	@$(UK_BASE)/support/demo/$(demo_app)

ifdef UK_TOOLCHAIN
.PHONY: size run gdb tags compile_commands.json

print-%:
	@printf '%s\n' '$(call escsq,$($*))'

# clean-<library>: its objects, on every platform
clean-%:
	$(if $(filter $*,$(UK_LIBS) $(foreach p,$(UK_PLATS),$($(call uc,$p)_LIBS))),,$(error no library $*; there \
		are: $(UK_LIBS) $(sort $(foreach p,$(UK_PLATS),$($(call uc,$p)_LIBS)))))
	$(Q)$(call say,CLEAN,$*)rm -rf $(foreach d,$(BUILD_DIR) $(BUILD_DIR)/plat/*,$d/$* $d/$*.o $d/.$*.o.cmd)

size: all
	@$(foreach i,$(IMAGES),printf '\n%s: %s bytes\n\n' $(notdir $i) $$(stat -c %s $i); cat $i.sizes; \
		printf '\nlargest symbols\n'; $(NM) -S --size-sort -r $i.dbg | head -n $(or $(TOP),20) | while read -r a n t s; \
		do printf '%9d %s %s\n' 0x$$n $$t $$s; done;)

# PLAT= may be left out when there is one platform
run_plat = $(or $(PLAT),$(if $(word 2,$(UK_PLATS)),$(error PLAT=<platform>, one of: $(UK_PLATS)),$(UK_PLATS)))
run_image = $(or $(filter $(call image_of,$(run_plat)),$(IMAGES)),$(error PLAT=$(PLAT): this configuration has: $(UK_PLATS)))
run: all
	@$(UK_BASE)/support/run/run $(run_plat) $(run_image) $(ARGS)
gdb: all
	@$(UK_BASE)/support/gdb/gdb $(run_plat) $(run_image) $(ARGS)

compile_commands.json: $(ALL_OBJS)
	@$(PYTHON) $(UK_BASE)/support/build/compdb $(UK_BASE) $(addsuffix .d,$(ALL_OBJS)) >$(BUILD_DIR)/$@
	@$(call say,JSON,$(BUILD_DIR)/$@)

tags: $(ALL_OBJS)
	@command -v ctags >/dev/null || { echo 'ctags: not found: apt-get install universal-ctags' >&2; exit 1; }
	@ctags -f $(BUILD_DIR)/tags $(sort $(foreach o,$(ALL_OBJS),$(filter-out $(OPTION_STAMPS)/%,$(deps_$o))))
	@$(call say,TAGS,$(BUILD_DIR)/tags)
endif
