#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Sources from elsewhere: fetched, checked, patched, prepared; and what is said
# when that fails. The upstream is a file:// URL, so no network is needed.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip fetch.fixture "the fixture's platform is for x86_64"; exit 0; }

mkdir -p "$WORK/up/word-1.0/include" "$WORK/lib-word/patches"
printf '#include <word.h>\nconst char *word(void)\n{\n\tint unused;\n\treturn WORD;\n}\n' >"$WORK/up/word-1.0/word.c"
printf 'const char *word(void);\n' >"$WORK/up/word-1.0/include/word.h"
printf '#define WORD "plain\\n"\n' >"$WORK/up/word-1.0/include/text.h"
tar -C "$WORK/up" -czf "$WORK/up/word-1.0.tar.gz" word-1.0
sum=$(sha256sum "$WORK/up/word-1.0.tar.gz" | cut -d' ' -f1)

cat >"$WORK/lib-word/patches/0001-text.patch" <<'P'
--- a/include/text.h
+++ b/include/text.h
@@ -1 +1 @@
-#define WORD "plain\n"
+#define WORD "patched\n"
P
cat >"$WORK/lib-word/Config.uk" <<'P'
config LIBWORD
	bool "Fixture: a library whose sources are fetched"
P
# In the style of the fragments this family of library OSes shares
cat >"$WORK/lib-word/Makefile.uk" <<P
\$(eval \$(call addlib_s,libword,\$(CONFIG_LIBWORD)))
LIBWORD_VERSION=1.0
LIBWORD_URL=file://$WORK/up/word-\$(LIBWORD_VERSION).tar.gz
LIBWORD_PATCHDIR=\$(LIBWORD_BASE)/patches
LIBWORD_SHA256 = $sum
\$(eval \$(call fetch,libword,\$(LIBWORD_URL)))
\$(eval \$(call patch,libword,\$(LIBWORD_PATCHDIR),word-\$(LIBWORD_VERSION)))
LIBWORD_EXTRACTED=\$(LIBWORD_ORIGIN)/word-\$(LIBWORD_VERSION)
LIBWORD_COMMON_INCLUDES-y += -I\$(LIBWORD_EXTRACTED)/include
CINCLUDES-\$(CONFIG_LIBWORD) += \$(LIBWORD_COMMON_INCLUDES-y)
LIBWORD_CFLAGS-\$(call gcc_version_ge,8,0) += -DNEW_ENOUGH
LIBWORD_WORD_FLAGS-y += -include \$(LIBWORD_EXTRACTED)/include/text.h -include \$(LIBWORD_BUILD)/made.h
LIBWORD_SRCS-y += \$(LIBWORD_EXTRACTED)/word.c|origin
\$(LIBWORD_BUILD)/made.h: \$(LIBWORD_BUILD)/.origin
	\$(call verbose_cmd,GEN,libword: \$(notdir \$@),echo '#define MADE 1' > \$@)
UK_PREPARE += \$(LIBWORD_BUILD)/made.h
P
cat >"$WORK/app-mini/main.c" <<'P'
#include <word.h>
void uk_mini_print(const char *text);
int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	uk_mini_print(word());
	return 0;
}
P
printf 'CONFIG_PLAT_MINI=y\nCONFIG_LIBHELLO=y\nCONFIG_LIBWORD=y\n' >"$WORK/app-mini/defconfig"
FIXTURE_LIBS=../lib-hello:../lib-word

build
check fetch.upstream_builds "$(tail -n 4 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE"
check fetch.is_patched "not patched" sh -c "'$IMAGE' | grep -q ^patched"
build
check fetch.noop "$(head -n 2 "$WORK/log")" test ! -s "$WORK/log"

# -- a changed patch unpacks and builds again
sed -i 's/patched/patched again/' "$WORK/lib-word/patches/0001-text.patch"
build
check fetch.changed_patch_takes_effect "$(tail -n 4 "$WORK/log" | tr '\n' '~')" sh -c "'$IMAGE' | grep -q '^patched again'"

# -- the cache is enough
rm -rf "$WORK/out"; mv "$WORK/up/word-1.0.tar.gz" "$WORK/up/away"
build
check fetch.from_cache "$(tail -n 4 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE"

# -- nothing works: all three are named
rm -rf "$WORK/out" "$WORK/dl"
build
expect fetch.failure_names_all_three "cache: " "Debian: no Debian source package" "upstream: file://"
# -- tampered
printf 'x' | cat "$WORK/up/away" - >"$WORK/up/word-1.0.tar.gz"
rm -rf "$WORK/out" "$WORK/dl"
build
expect fetch.tampered_is_refused "SHA-256 is " "expected $sum"
check fetch.tampered_is_not_kept "in the cache" test ! -e "$WORK/dl/word-1.0.tar.gz"
# -- a tampered cache does not matter when upstream is right
mv "$WORK/up/away" "$WORK/up/word-1.0.tar.gz"
rm -rf "$WORK/out"; mkdir -p "$WORK/dl"; echo junk >"$WORK/dl/word-1.0.tar.gz"
build
check fetch.tampered_cache_is_replaced "$(tail -n 4 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE"
# -- no pin
sed -i '/SHA256/d' "$WORK/lib-word/Makefile.uk"; rm -rf "$WORK/out"
build
expect fetch.without_pin_is_refused "no SHA-256 is given"
