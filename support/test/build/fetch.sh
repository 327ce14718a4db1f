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

# -- an upstream that talks nonsense, or stops half way
python3 - "$TREE/support/build/fetch" --cache "$WORK/dl2" --out "$WORK/got.tar.gz" --sha256 "$sum" <<'P' >"$WORK/log" 2>&1
import socket, subprocess, sys, threading
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(30)
url = f"http://127.0.0.1:{server.getsockname()[1]}/word.tar.gz"
def serve():
    for answer in (b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\ncut short"):
        peer, _ = server.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(answer)
threading.Thread(target=serve, daemon=True).start()
subprocess.run([*sys.argv[1:], url, url], timeout=30, env={"no_proxy": "127.0.0.1"})
P
expect fetch.broken_answers_are_reasons "it could not be had" "word.tar.gz: BadStatusLine" "word.tar.gz: IncompleteRead"

# -- the distribution, by the real apt from two repositories in the scratch folder
apt_get=$(command -v apt-get) || { skip fetch.debian "no apt-get"; exit 0; }
mkdir "$WORK/bin" "$WORK/apt.d" "$WORK/repo" "$WORK/other"
for tool in "$apt_get" "$(command -v apt-cache)"; do
	printf '#!/bin/sh\nexec %s "$@" -o Dir::Etc::SourceParts=%s -o Acquire::Retries=0\n' "$tool" "$WORK/apt.d" \
		>"$WORK/bin/${tool##*/}"
done
chmod +x "$WORK/bin/"*

# repository <folder> <source package> <version-revision>: has that and nothing else
repository() {
	rm -f "$WORK/$1"/*
	cp "$WORK/up/word-1.0.tar.gz" "$WORK/$1/$2_${3%-*}.orig.tar.gz"
	printf 'Format: 1.0\nSource: %s\nVersion: %s\n' "$2" "$3" >"$WORK/$1/$2_$3.dsc"
	{
		printf 'Package: %s\nFormat: 1.0\nBinary: %s\nArchitecture: any\nVersion: %s\nDirectory: .\n' "$2" "$2" "$3"
		echo Checksums-Sha256:
		(cd "$WORK/$1" && for f in *.dsc *.orig.tar.gz; do
			echo " $(sha256sum "$f" | cut -d' ' -f1) $(stat -c %s "$f") $f"
		done)
		echo
	} >"$WORK/$1/Sources"
	(
		cd "$WORK/$1" && printf 'Date: %s\nSHA256:\n %s %s Sources\n' "$(date -uR)" \
			"$(sha256sum Sources | cut -d' ' -f1)" "$(stat -c %s Sources)" >Release
	)
	# apt takes a file with the same second for the same file
	day=$((${day:-0} + 1))
	touch -d "2020-01-0$day" "$WORK/$1"/*
}
# get_word <file>: word 1.0, from the distribution
get_word() {
	PATH="$WORK/bin:$PATH" timeout 60 "$TREE/support/build/fetch" --cache "$WORK/dl2" --out "$WORK/$1" \
		--sha256 "$sum" --debian word_1.0
}
# debian: the same with an empty cache of archives; output in $WORK/log
debian() {
	rm -f "$WORK/dl2/"*.gz "$WORK/got.tar.gz"
	get_word got.tar.gz >"$WORK/log" 2>&1
}
# expect_debian <name>: it gets it
expect_debian() { debian; check "$1" "$(tail -n 4 "$WORK/log" | tr '\n' '~')" test -e "$WORK/got.tar.gz"; }

# Nothing listens on port 1
echo "deb-src [trusted=yes] http://127.0.0.1:1/ ./" >"$WORK/apt.d/test.list"
debian
expect fetch.debian_unreachable_says_so "Debian: apt-get: E: Failed to fetch http://127.0.0.1:1/"

printf 'deb-src [trusted=yes] copy:%s ./\n' "$WORK/repo" "$WORK/other" >"$WORK/apt.d/test.list"
repository repo word 1.0-1
repository other thing 3-1
expect_debian fetch.debian_from_empty_state
rm -rf "$WORK/dl2"
get_word one.tar.gz >"$WORK/log" 2>&1 &
get_word two.tar.gz >"$WORK/log2" 2>&1
wait
check fetch.debian_two_at_once "$(cat "$WORK/log" "$WORK/log2" | tr '\n' '~')" \
	test -e "$WORK/one.tar.gz" -a -e "$WORK/two.tar.gz"
rm "$WORK/dl2/apt/lists/"*repo_*Sources*
expect_debian fetch.debian_state_without_an_index_heals
repository repo word 1.0-2
expect_debian fetch.debian_state_before_a_point_release_heals
# A repository that is gone takes nothing along
echo "deb-src [trusted=yes] http://127.0.0.1:1/ ./" >>"$WORK/apt.d/test.list"
repository repo word 1.0-3
expect_debian fetch.debian_other_repository_unreachable
repository repo word 1.1-1
debian
expect fetch.debian_another_version_is_named "Failed to fetch http://127.0.0.1:1/" "word: the distribution has 1.1-1, not 1.0"
