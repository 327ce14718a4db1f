#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The rest of the fragment grammar: what libraries of this family of library
# OSes write in their Makefile.uk is taken as it is.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip grammar.fixture "the fixture's platform is for x86_64"; exit 0; }

lib=$WORK/lib-many
mkdir -p "$lib/sub" "$lib/arch"
cat >"$lib/Config.uk" <<'P'
menuconfig LIBMANY
	bool "Fixture: all of the grammar"
	default n

if LIBMANY
config LIBMANY_PART
	bool "A part that is a library of its own"
	default y
endif
P
cat >"$lib/Makefile.uk" <<'P'
################################################################################
# Library registration
################################################################################
$(eval $(call addlib_s,libmany,$(CONFIG_LIBMANY)))
$(eval $(call addlib_s,libmanyglue,$(CONFIG_LIBMANY_PART)))
$(eval $(call addplatlib_s,mini,libmanyplat,$(CONFIG_LIBMANY)))
ifeq ($(CONFIG_LIBMANY),y)
$(eval $(call import_lib,$(LIBMANY_BASE)/sub))
endif

CFLAGS-$(CONFIG_LIBMANY)   += -DMANY_GLOBAL
CFLAGS                     += -DMANY_GLOBAL_PLAIN
CINCLUDES-$(CONFIG_LIBMANY) += -I$(LIBMANY_BASE)
ASINCLUDES-y += -I$(LIBMANY_BASE)
CXXINCLUDES-y += -I$(LIBMANY_BASE)

LIBMANY_CFLAGS-y   += -Wno-unused-parameter
LIBMANY_CFLAGS-$(call have_clang) += -Wno-macro-redefined
LIBMANY_ASFLAGS-y  += -DMANY_AS=7
LIBMANY_CXXFLAGS-y += -DMANY_CXX
LIBMANY_SRCS-y += $(LIBMANY_BASE)/many.c
LIBMANY_SRCS-y += $(LIBMANY_BASE)/asm.S
LIBMANY_SRCS-y += $(LIBMANY_BASE)/cxx.cc
LIBMANY_SRCS-y += $(LIBMANY_BASE)/dash-file.c
LIBMANY_SRCS-$(CONFIG_LIBMANY_OFF) += $(LIBMANY_BASE)/does-not-exist.c
LIBMANY_DASH-FILE_FLAGS-y += -DDASH=1
LIBMANY_MANY_FLAGS += -DMANY_FILE
$(eval $(call error_if_gcc_version_lt,4,0))

# An object and an archive made by other means
LIBMANY_OBJS-y  += $(LIBMANY_BUILD)/other.o
LIBMANY_ALIBS-y += $(LIBMANY_BUILD)/libarch.a
$(LIBMANY_BUILD)/other.o: $(LIBMANY_BASE)/other.c
	$(call build_cmd,CC,libmany,$@,$(CC) -ffreestanding -c $< -o $@)
$(LIBMANY_BUILD)/arch.o: $(LIBMANY_BASE)/arch/arch.c
	$(call build_cmd,CC,libmany,$@,$(CC) -ffreestanding -fno-pic -c $< -o $@)
$(LIBMANY_BUILD)/libarch.a: $(LIBMANY_BUILD)/arch.o
	$(call build_cmd,AR,libmany,$@,$(AR) rcs $@ $<)

LIBMANYGLUE_SRCS-y += $(LIBMANY_BASE)/glue.c
LIBMANYPLAT_SRCS-y += $(LIBMANY_BASE)/onplat.c

# Compiled into every library
EACHOLIB_SRCS-$(CONFIG_LIBMANY) += $(LIBMANY_BASE)/each.c|each

UK_PREPARE-$(CONFIG_LIBMANY) += $(BUILD_DIR)/libmany/generated.h
$(BUILD_DIR)/libmany/generated.h:
	$(call verbose_cmd,GEN,libmany: $(notdir $@),mkdir -p $(@D) && echo '#define GENERATED 11' > $@)
CINCLUDES-$(CONFIG_LIBMANY) += -I$(BUILD_DIR)/libmany
IMAGE_LDFLAGS-y += --defsym=many_defined=0x1234
P
cat >"$lib/many.h" <<'P'
#ifndef MANY_H
#define MANY_H
#ifdef __cplusplus
extern "C" {
#endif
int many(void);
int many_asm(void);
int many_cxx(void);
int many_dash(void);
int many_other(void);
int many_arch(void);
int many_glue(void);
int uk_many_plat(void);
int many_sub(void);
int many_hidden(void);
#ifdef __cplusplus
}
#endif
#endif
P
cat >"$lib/many.c" <<'P'
#include <many.h>
#include <generated.h>
#if !defined(MANY_GLOBAL) || !defined(MANY_GLOBAL_PLAIN) || !defined(MANY_FILE)
#error "flags are missing"
#endif
extern char many_defined[];
extern const char uk_many_table_start[], uk_many_table_end[];
static const char entry __attribute__((used, section(".many_table"))) = 1;

int many(void)
{
	return many_asm() + many_cxx() + many_dash() + many_other() + many_arch() + many_glue() +
	       uk_many_plat() + many_sub() + GENERATED + (many_defined == (char *)0x1234) +
	       (int)(uk_many_table_end - uk_many_table_start);
}
P
cat >"$lib/asm.S" <<'P'
	.text
	.globl many_asm
	.type many_asm, @function
many_asm:
	movl	$MANY_AS, %eax
	ret
	.size many_asm, . - many_asm
	.section .note.GNU-stack, "", @progbits
P
printf '#include <many.h>\n#ifndef MANY_CXX\n#error flag\n#endif\nstruct s { virtual int v() { return 100; } };\nint many_cxx(void) { s x; return x.v(); }\n' >"$lib/cxx.cc"
printf '#include <many.h>\nint many_dash(void) { return DASH; }\n' >"$lib/dash-file.c"
printf 'int many_other(void);\nint many_other(void) { return 1000; }\n' >"$lib/other.c"
printf 'int many_arch(void);\nint many_arch(void) { return 10000; }\n' >"$lib/arch/arch.c"
printf '#include <many.h>\nint many_glue(void) { return 100000; }\n' >"$lib/glue.c"
printf '#include <many.h>\n#ifndef __PLAT_MINI__\n#error platform\n#endif\nint uk_many_plat(void) { return 1000000; }\n' >"$lib/onplat.c"
printf 'static const char *each __attribute__((unused)) = "each";\n' >"$lib/each.c"
printf 'SECTIONS\n{\n\t.many_table : { uk_many_table_start = .; KEEP(*(.many_table)) uk_many_table_end = .; }\n}\nINSERT AFTER .rodata;\n' >"$lib/extra.ld"
# The library in the library, with symbols to show and to hide
cat >"$lib/sub/Makefile.uk" <<'P'
$(eval $(call addlib,libmanysub))
LIBMANYSUB_SRCS-y += $(LIBMANYSUB_BASE)/sub.c
P
printf '#include <many.h>\nint many_hidden(void) { return 2; }\nint many_sub(void) { return many_hidden() * 5000000; }\n' >"$lib/sub/sub.c"
printf '# comment\nmany_su*\n' >"$lib/sub/exportsyms.uk"

cat >"$WORK/app-mini/main.c" <<'P'
#include <many.h>
void uk_mini_print(const char *text);
int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	/* 10000000 + 1111111 - 4 (asm 7, dash 1, other ...) + generated 11 */
	uk_mini_print(many() == 10000000 + 1000000 + 100000 + 10000 + 1000 + 100 + 7 + 1 + 11 + 1 + 1 ?
		      "all\n" : "wrong sum\n");
	return 0;
}
P
printf 'CONFIG_PLAT_MINI=y\nCONFIG_LIBHELLO=y\n# CONFIG_STACK_PROTECTOR is not set\nCONFIG_LIBMANY=y\n' >"$WORK/app-mini/defconfig"
FIXTURE_LIBS=../lib-hello:../lib-many
if command -v g++ >/dev/null; then :; else sed -i '/cxx.cc/d' "$lib/Makefile.uk"; skip grammar.cxx "g++ is missing"; fi

build
check grammar.builds "$(grep -v '^  ' "$WORK/log" | head -n 6 | tr '\n' '~')" test -x "$IMAGE"
check grammar.all_parts_are_there "$("$IMAGE" 2>&1)" sh -c "'$IMAGE' | grep -q ^all"
check grammar.exportsyms_hides "many_hidden is global" sh -c "nm '$WORK/out/libmanysub.o' | grep -q ' t many_hidden'"
check grammar.exportsyms_wildcard "many_sub is not global" sh -c "nm '$WORK/out/libmanysub.o' | grep -q ' T many_sub'"
check grammar.eacholib "each.each.o is not in every library" \
	sh -c "test -f '$WORK/out/libmany/each.each.o' && test -f '$WORK/out/libhello/each.each.o'"
build
check grammar.noop "$(head -n 2 "$WORK/log")" test ! -s "$WORK/log"

# -- mistakes in fragments
echo 'LIBMANY_SRCS-y += $(LIBMANY_BASE)/sub/many.c' >>"$lib/Makefile.uk"
build
expect grammar.same_object_twice "give the same object: add a |variant"
sed -i '$d' "$lib/Makefile.uk"
echo '$(eval $(call addlib,libhello))' >>"$lib/Makefile.uk"
build
expect grammar.same_library_twice "library libhello is already registered by"
sed -i '$d' "$lib/Makefile.uk"
echo 'LIBMANY_SRCS-y += $(LIBMANY_BASE)/notes.txt' >>"$lib/Makefile.uk"; touch "$lib/notes.txt"
build
expect grammar.unknown_source "no rule for this kind of source"
sed -i '$d' "$lib/Makefile.uk"

# -- warnings are errors, the linker's too
echo 'int many_dash(void) { int unused; return DASH; }' >"$lib/dash-file.c"
sed -i '1i #include <many.h>' "$lib/dash-file.c"
build && not_ok grammar.compiler_warning_fails "the build went on"
expect grammar.compiler_warning_is_error "-Werror=unused-variable"
printf '#include <many.h>\nint many_dash(void) { return DASH; }\n' >"$lib/dash-file.c"
echo 'IMAGE_LDFLAGS-y += --entry=many_nowhere' >>"$lib/Makefile.uk"
build && not_ok grammar.linker_warning_fails "the build went on"
expect grammar.linker_warning_is_error "cannot find entry symbol many_nowhere"
sed -i '$d' "$lib/Makefile.uk"
echo 'LIBMANY_ASM_FLAGS-y += -Wa,--execstack' >>"$lib/Makefile.uk"
build libs && not_ok grammar.executable_stack_fails "the build went on"
expect grammar.executable_stack_is_error "requires executable stack"
