#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A request that has no effect is an error: where, what was asked, what came out
# and what is missing.
. "$(dirname "$0")/../build/lib.sh"

fresh() { rm -rf "$WORK/out" "$WORK/config"; }
defconfig() { printf '%s\n' "$@" >"$WORK/app-mini/defconfig"; fresh; build defconfig; }

defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELO=y
expect config.unknown_option "app-mini/defconfig:2: CONFIG_LIBHELO: no such option" "did you mean CONFIG_LIBHELLO"
check config.unknown_option_writes_nothing "a .config was written" test ! -e "$WORK/config"

defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO_LOUD=y
expect config.unmet_dependency 'defconfig:2: CONFIG_LIBHELLO_LOUD: asked "y", got "n"' "unmet: LIBHELLO (=n)"

defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y CONFIG_APPMINI=n
expect config.fact_cannot_be_set 'CONFIG_APPMINI: asked "n", got "y"' "has no prompt"

defconfig CONFIG_PLAT_MINI=y LIBHELLO=y
expect config.malformed_line "defconfig:2: not a configuration line: LIBHELLO=y"

defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y "# CONFIG_LIBHELLO is not set"
expect config.contradiction 'defconfig:3: CONFIG_LIBHELLO is set to "n"' 'line 2 has set it to "y"'

defconfig CONFIG_PLAT_MINI=y
expect config.application_needs_library 'APPMINI: asked "y", got "n"' "unmet: LIBHELLO (=n)"

# -- select
mkdir "$WORK/lib-sel"
cat >"$WORK/lib-sel/Config.uk" <<'P'
config LIBSEL
	bool "Fixture: selects what it may not"
	select LIBDEEP
config LIBDEEP
	bool
	depends on LIBHELLO_LOUD
config LIBGONE
	bool "Fixture: selects what does not exist"
	select LIBHELLLO
P
printf '$(eval $(call addlib_s,libsel,$(CONFIG_LIBSEL)))\n' >"$WORK/lib-sel/Makefile.uk"
FIXTURE_LIBS=../lib-hello:../lib-sel
defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y CONFIG_LIBSEL=y
expect config.select_with_unmet_dependency "lib-sel/Config.uk:1: LIBSEL selects LIBDEEP" "unmet: LIBHELLO_LOUD (=n)"
defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y CONFIG_LIBHELLO_LOUD=y CONFIG_LIBSEL=y
expect config.select_with_met_dependency "from "
defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y CONFIG_LIBGONE=y
expect config.select_of_unknown "LIBGONE selects LIBHELLLO: no such option" "did you mean LIBHELLO"
FIXTURE_LIBS=../lib-hello

# -- .config by hand: a line that was changed has to take effect, the lines that
# follow from it do not
defconfig CONFIG_PLAT_MINI=y CONFIG_LIBHELLO=y CONFIG_LIBHELLO_LOUD=y
build libs
cp "$WORK/config" "$WORK/good"
echo CONFIG_LIBHELLO_LUOD=y >>"$WORK/config"
build libs
expect config.hand_edit_unknown "CONFIG_LIBHELLO_LUOD: no such option"
cp "$WORK/good" "$WORK/config"
option SAN_ADDRESS CONFIG_SAN_ADDRESS=y
build libs
expect config.hand_edit_unmet 'CONFIG_SAN_ADDRESS: asked "y", got "n"' "PLAT_LINUXU_HOSTED (=n)"

cp "$WORK/good" "$WORK/config"
echo CONFIG_LIBRING=y >>"$WORK/config"
sed -i 's/^CONFIG_LIBHEAP=y/# CONFIG_LIBHEAP is not set/' "$WORK/config"
build libs
expect config.hand_edit_of_a_fact 'CONFIG_LIBHEAP: asked "n", got "y"' "it has no prompt" "2 requests without effect"

# -- a name that cannot be a file's is refused, and once mended leaves no trace
for name in 'a b' ../x a/b a:b a#b 'a;b' "a'b" 'a$b' a%b .a -a; do
	cp "$WORK/good" "$WORK/config"
	option UK_NAME "CONFIG_UK_NAME=\"$name\""
	build libs
	says "asked \"$name\", which cannot name an image" || not_ok config.bad_name "$name: $(head -n 3 "$WORK/log")"
done
option UK_NAME CONFIG_UK_NAME=plain
build libs
expect config.string_without_quotes 'strings need quotes: CONFIG_UK_NAME="plain"'
cp "$WORK/good" "$WORK/config"
check config.bad_name_mended "$(head -n 3 "$WORK/log" | tr '\n' '~')" build prepare
# What a fragment finds wrong when it is read goes with its cause, too
cp "$WORK/lib-hello/Makefile.uk" "$WORK/fragment"
printf '$(if $(CONFIG_LIBHELLO_LOUD),,$(error not loud enough))\n' >>"$WORK/lib-hello/Makefile.uk"
option LIBHELLO_LOUD "# CONFIG_LIBHELLO_LOUD is not set"
build libs
expect config.fragment_refuses "not loud enough"
option LIBHELLO_LOUD CONFIG_LIBHELLO_LOUD=y
check config.fragment_refusal_mended "$(head -n 3 "$WORK/log" | tr '\n' '~')" build prepare
cp "$WORK/fragment" "$WORK/lib-hello/Makefile.uk"

# -- paths and tools that will not do: one line that says so
one_line() {
	one_name=$1 one_text=$2
	shift 2
	build "$@"
	if ! says "$one_text" || [ "$(grep -vc '^make' "$WORK/log")" -gt 1 ]; then
		not_ok "config.$one_name" "$(tr '\n' '~' <"$WORK/log")"
	else
		ok "config.$one_name"
	fi
}
one_line configuration_is_a_folder "error: $WORK/app-mini: Is a directory" C=.
one_line configuration_is_no_text "error: Malformed utf-8" C=/bin/true libs
one_line output_is_a_device "/dev/null/config: Not a directory" O=/dev/null
one_line output_is_a_file "config: Not a directory" O=../good
one_line no_platform_there "no platform here" P=/nonexistent
one_line no_python "python3-kconfiglib" PYTHON=/nonexistent
one_line no_compiler "nosuchcc: not found" CC=nosuchcc
says "apt-get" && not_ok config.no_compiler "advises to install what is no package"
one_line compiler_is_none "CC=/bin/true: not a compiler" CC=/bin/true
build help P=/nonexistent C=. PYTHON=/nonexistent
expect config.help_always_works "Usage: make"

# -- no platform
defconfig CONFIG_LIBHELLO=y
build
expect config.no_platform "no platform is selected"

# -- a symbol that no enabled library has
cat >"$WORK/app-mini/Config.uk" <<'P'
config APPMINI
	def_bool y
P
sed -i 's/#include <hello.h>/const char *hello_text(void);\nconst char *hello_tail_long(void);/' "$WORK/app-mini/main.c"
defconfig CONFIG_PLAT_MINI=y "# CONFIG_LIBSYMTAB is not set"
build
expect config.missing_symbol_names_library '`hello_text`: enable LIBHELLO'

# -- why
defconfig CONFIG_PLAT_MINI=y
build why SYM=LIBHELLO_LOUD
expect config.why "LIBHELLO_LOUD = n" "lib-hello/Config.uk:" "not offered" "UNMET LIBHELLO (=n)"
build why SYM=LIBHELO
expect config.why_near "did you mean LIBHELLO"

build why SYM="\";echo out;\"';echo out;'"
check config.why_quotes "a command was run" sh -c "! grep -qx out '$WORK/log'"

# -- an unreadable Config.uk names its line
echo "config" >>"$WORK/lib-hello/Config.uk"
build defconfig
expect config.syntax_error "lib-hello/Config.uk:"
