#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two platforms in one configuration: both images in one pass, the objects of
# libraries compiled once. And other compilers.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip platforms.fixture "the fixture's platform is for x86_64"; exit 0; }

cp -r "$WORK/plat-mini" "$WORK/plat-other"
sed -i 's/PLAT_MINI/PLAT_OTHER/' "$WORK/plat-other/Config.uk"
sed -i 's/MINIPLAT/OTHERPLAT/g; s/miniplat/otherplat/g; s/PLAT_MINI/PLAT_OTHER/g; s/MINI_/OTHER_/g; s/,mini,/,other,/g' \
	"$WORK/plat-other/Makefile.uk"
cat >>"$WORK/plat-other/Makefile.uk" <<'P'
OTHER_PROVIDES-y += shouting
OTHER_POST_CMD = cp $(POST_IN) $@ && echo tail >>$@
define OTHER_XL
type = "other"
endef
P
# A library that only one of the two platforms can have
mkdir "$WORK/lib-shout"
printf 'config LIBSHOUT\n\tbool "Fixture: needs a service"\n' >"$WORK/lib-shout/Config.uk"
cat >"$WORK/lib-shout/Makefile.uk" <<'P'
$(eval $(call addlib_s,libshout,$(CONFIG_LIBSHOUT)))
LIBSHOUT_NEEDS-y += shouting
LIBSHOUT_SRCS-y += $(LIBSHOUT_BASE)/shout.c
P
printf 'const char shout[] = "SHOUT";\n' >"$WORK/lib-shout/shout.c"
echo 'IMAGE_LDFLAGS-y += --undefined=hello_text' >>"$WORK/lib-shout/Makefile.uk"
printf 'CONFIG_PLAT_MINI=y\nCONFIG_PLAT_OTHER=y\nCONFIG_LIBHELLO=y\n# CONFIG_STACK_PROTECTOR is not set\nCONFIG_LIBSHOUT=y\n' >"$WORK/app-mini/defconfig"

both() { build P=../plat-mini:../plat-other L=../lib-hello:../lib-shout "$@"; }
both
other=$WORK/out/app-mini_other-x86_64
check platforms.both_images "$(tail -n 3 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE" -a -x "$other"
check platforms.both_run "one does not" sh -c "'$IMAGE' | grep -q ^hello && '$other' | grep -q ^hello"
check platforms.library_compiled_once "hello.o was compiled $(grep -c lib-hello/hello.o "$WORK/log") times" \
	test "$(grep -c lib-hello/hello.o "$WORK/log")" -eq 1
check platforms.platform_compiled_for_each "process.o was not" test "$(grep -c /process.o "$WORK/log")" -eq 2
check platforms.needs_and_provides "libshout is in the wrong images" \
	sh -c "grep -q libshout.o '$other.map' && ! grep -q libshout.o '$IMAGE.map'"
check platforms.post_cmd "the image was not post-processed" sh -c "tail -n 1 '$other' | grep -q tail"
check platforms.xl_file "$(cat "$other.xl" 2>&1)" sh -c \
	"grep -qx 'type = \"other\"' '$other.xl' && grep -qx 'kernel = \"$other\"' '$other.xl' && grep -qx 'name = \"app-mini\"' '$other.xl'"
check platforms.no_xl_without_xen "an .xl beside the other image" test ! -e "$IMAGE.xl"
both
check platforms.noop "$(head -n 2 "$WORK/log")" test ! -s "$WORK/log"
sed -i 's/type = "other"/type = "another"/' "$WORK/plat-other/Makefile.uk"
both
check platforms.xl_is_rewritten "$(cat "$WORK/log")" sh -c "grep -q another '$other.xl' && [ \$(wc -l <'$WORK/log') -eq 1 ]"
cp "$WORK/app-mini/Makefile.uk" "$WORK/fragment"
echo 'APPMINI_NEEDS-y += shouting' >>"$WORK/app-mini/Makefile.uk"
both
expect platforms.application_needs_service "app-mini needs shouting: platform mini provides none" CONFIG_PLAT_MINI
cp "$WORK/fragment" "$WORK/app-mini/Makefile.uk"
both run
expect platforms.run_asks_which "PLAT=<platform>, one of: mini other"
both run PLAT=mini
expect platforms.run_starts_one "hello, dear world"

# -- compilers
rm -rf "$WORK/out"
build P=../plat-mini:../plat-other L=../lib-hello:../lib-shout CC="env gcc"
check platforms.cc_with_a_prefix "$(tail -n 2 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE"
both CC="env gcc" V=1 clean-libhello libs
expect platforms.cc_prefix_is_used "env gcc -O"
rm -rf "$WORK/out"
both CROSS_COMPILE=i-do-not-exist-
expect platforms.missing_compiler "i-do-not-exist-gcc: not found" "apt-get install"
if command -v clang >/dev/null; then
	rm -rf "$WORK/out"
	both CC=clang
	check platforms.clang "$(grep -v '^  ' "$WORK/log" | head -n 4 | tr '\n' '~')" sh -c "'$IMAGE' | grep -q ^hello"
else
	skip platforms.clang "clang is missing"
fi
