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

# -- an unreadable Config.uk names its line
echo "config" >>"$WORK/lib-hello/Config.uk"
build defconfig
expect config.syntax_error "lib-hello/Config.uk:"
