# SPDX-License-Identifier: BSD-3-Clause
#
# Flags of every object and every image. A library adds its own, an
# architecture's fragment adds ARCHFLAGS-y, a platform's fragment <PLAT>_*.

# What a fragment may add to (see doc/build.md)
$(foreach v,CFLAGS CXXFLAGS ASFLAGS CINCLUDES CXXINCLUDES ASINCLUDES LDFLAGS IMAGE_LDFLAGS ARCHFLAGS NOFPU_ARCHFLAGS \
	COMPFLAGS EACHOLIB_SRCS EACHOLIB_OBJS EACHOLIB_ALIBS UK_LDEPS UK_PREPARE UK_FETCH UK_CLEAN \
	UK_PROVIDED_SYSCALLS,$(eval $v :=)$(eval $v-y :=))

warnings := -Wall -Wextra -Wundef -Werror
warnings_c := -Wshadow -Wstrict-prototypes -Wmissing-prototypes

# Paths do not reach the output: two builds in two folders are identical. The
# last map that fits wins. Without a final slash: the assembler maps folders.
path_maps = -ffile-prefix-map=$(UK_BASE)=. -ffile-prefix-map=$(UK_BASE)/= \
	$(if $(filter $(UK_BASE)/%,$(APP_BASE)),,-ffile-prefix-map=$(APP_BASE)=app) \
	$(foreach d,$(EXT_LIB_DIRS) $(EXT_PLAT_DIRS),-ffile-prefix-map=$d=$(notdir $d)) \
	-ffile-prefix-map=$(BUILD_DIR)=build

uk_opt-$(CONFIG_OPTIMIZE_SIZE) := -Os
uk_opt-$(CONFIG_OPTIMIZE_PERF) := -O2
uk_opt-$(CONFIG_OPTIMIZE_DEBUG) := -Og
uk_comp-y := $(or $(uk_opt-y),-Os) $(path_maps) $(warnings)
uk_comp-y += -ffunction-sections -fdata-sections -fno-common -fno-strict-aliasing
uk_comp-y += -fno-asynchronous-unwind-tables -fno-unwind-tables
uk_comp-$(CONFIG_DEBUG_INFO) += -g
uk_comp-$(if $(CONFIG_FRAME_POINTER),y) += -fno-omit-frame-pointer
uk_comp-$(if $(CONFIG_FRAME_POINTER),,y) += -fomit-frame-pointer
uk_comp-$(CONFIG_STACK_PROTECTOR) += -fstack-protector-strong
uk_comp-$(if $(CONFIG_STACK_PROTECTOR),,y) += -fno-stack-protector
uk_comp-$(CONFIG_BOUNDS_TRAP) += -fsanitize=bounds $(if $(CC_IS_CLANG),-fsanitize-trap=bounds,\
	-fsanitize-undefined-trap-on-error)
uk_comp-$(CONFIG_SAN_ADDRESS) += -fsanitize=address
uk_comp-$(CONFIG_SAN_UNDEFINED) += -fsanitize=undefined -fno-sanitize-recover=undefined
uk_comp-$(CONFIG_GCOV) += --coverage

# For the libraries whose code the fuzzer is to explore:
# <LIB>_CFLAGS-$(CONFIG_SAN_FUZZER) += $(uk_fuzz). Threads have stacks of their own:
# how deep they are says nothing.
uk_fuzz := -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth

# A C library from elsewhere puts its headers before the compiler's
uk_free = -ffreestanding -nostdinc $(addprefix -isystem ,$(UK_LIBC_INCLUDES)) -isystem $(CC_INCLUDE)
uk_config_h := -include $(CONFIG_HEADER)
uk_std_c := -std=gnu11
uk_std_cxx := -std=gnu++17 -fno-exceptions -fno-rtti

# Headers of all libraries of the tree, on or off, so that switching one changes no
# command; but of a C library, as they have the same names, only when it is on
tree_includes := $(addprefix -I,$(sort $(filter-out $(UK_BASE)/lib/libc/%,$(wildcard $(UK_BASE)/lib/*/*/include))))
uk_includes := -I$(UK_BASE)/arch/$(ARCH)/include -I$(UK_BASE)/arch/include \
	-I$(UK_BASE)/plat/include -I$(BUILD_DIR)/include $(tree_includes)

uk_ldflags := -nostdlib -static --gc-sections --fatal-warnings -z noexecstack --build-id=none \
	--no-undefined --orphan-handling=place
