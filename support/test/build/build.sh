#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An application, a platform and a library outside of the tree: they build, only
# what changed is built again, and where the build runs leaves no trace.
. "$(dirname "$0")/lib.sh"

if [ "$(uname -m)" != x86_64 ]; then
	skip build.fixture "the fixture's platform is for x86_64"
	exit 0
fi

# -- out of tree, relative paths, defconfig taken by itself
build || { not_ok build.out_of_tree "$(tail -n 3 "$WORK/log" | tr '\n' '~')"; exit 0; }
ok build.out_of_tree
expect build.says_it_takes_the_defconfig "does not exist: taking"
check build.image_runs "$("$IMAGE" 2>&1 | head -c 200)" \
	sh -c "'$IMAGE' | grep -q '^hello, dear world'"
for suffix in dbg map sym sizes sha256; do
	check "build.writes_$suffix" "no $IMAGE.$suffix" test -s "$IMAGE.$suffix"
done
check build.sha256_is_right "sha256sum -c fails" \
	sh -c "cd '$WORK/out' && sha256sum -c --quiet app-mini_mini-x86_64.sha256"
check build.sizes_name_the_library "no libhello in .sizes" grep -q '^libhello ' "$IMAGE.sizes"
check build.quiet_lines "other lines than '  VERB    path'" sh -c "! grep -qvE '^  [A-Z]+ +[^ /]' '$WORK/log'"
check build.image_is_stripped "symbols in the image" sh -c "! nm '$IMAGE' 2>/dev/null | grep -q ."

# -- a name in the image
check build.symbols_in_image "the image does not name its functions" \
	sh -c "'$IMAGE' | grep -q hello_textmain"

# -- nothing to do: quick, silent
build
check build.noop_is_silent "$(head -n 3 "$WORK/log" | tr '\n' '~')" test ! -s "$WORK/log"
cpu=$(python3 - "$WORK" "$TREE" <<'PY'
import resource, subprocess, sys
work, tree = sys.argv[1:]
subprocess.run(["make", "-C", work + "/app-mini", "UK_ROOT=" + tree, "O=../out", "C=../config",
                "P=../plat-mini", "L=../lib-hello"], check=True, capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(int((used.ru_utime + used.ru_stime) * 1000))
PY
)
echo "no-op: $cpu ms of CPU"
check build.noop_under_300_ms "$cpu ms" test "$cpu" -lt 300

# -- one option: what reads it
option LIBHELLO_LOUD "CONFIG_LIBHELLO_LOUD=y"
build
check build.one_option_rebuilds_one_object "$(compiled) compiled" test "$(compiled)" -eq 1
check build.one_option_takes_effect "not loud" sh -c "'$IMAGE' | grep -q '^HELLO, dear world'"

# -- a library of the tree, off and on again: what names it, as its headers are
# always to be found
option LIBSYMTAB "# CONFIG_LIBSYMTAB is not set"
build
check build.library_off_rebuilds_what_names_it "$(compiled) compiled" test "$(compiled)" -le 2
option LIBSYMTAB "CONFIG_LIBSYMTAB=y"
build
check build.library_on_rebuilds_what_names_it "$(compiled) compiled" test "$(compiled)" -le 3

# -- a flag of one library: its objects
echo 'LIBHELLO_CFLAGS-y += -DCHANGED' >>"$WORK/lib-hello/Makefile.uk"
build
check build.library_flag_rebuilds_library "$(compiled) compiled" test "$(compiled)" -eq 4

# -- a flag of one variant: one object
echo 'LIBHELLO_TAIL_SHORT_FLAGS-y += -DCHANGED_TOO' >>"$WORK/lib-hello/Makefile.uk"
build
check build.variant_flag_rebuilds_variant "$(compiled) compiled" test "$(compiled)" -eq 1

# -- a header: who includes it
touch "$WORK/lib-hello/include/hello.h"
build
check build.header_rebuilds_includers "$(compiled) compiled" test "$(compiled)" -eq 5

# -- make -n writes nothing and does not fail, -s says nothing
touch "$WORK/lib-hello/hello.c" "$WORK/stamp"
sleep 0.1
check build.dry_run "$(head -n 3 "$WORK/log" | tr '\n' '~')" build -n
check build.dry_run_writes_nothing "$(find "$WORK/out" -type f -newer "$WORK/stamp" | head -n 3)" \
	test -z "$(find "$WORK/out" -type f -newer "$WORK/stamp")"
check build.dry_run_of_nothing "$(head -n 3 "$WORK/log" | tr '\n' '~')" build -n O=../fresh C=../fresh.config
check build.dry_run_of_nothing_writes_nothing "there is an output" test ! -e "$WORK/fresh" -a ! -e "$WORK/fresh.config"
build -s
check build.silent "$(head -n 3 "$WORK/log" | tr '\n' '~')" test ! -s "$WORK/log"

# -- an image of another name, or of a platform that is off, goes
option UK_NAME 'CONFIG_UK_NAME="other"'
build
check build.stale_image_goes "$(ls -a "$WORK/out")" \
	sh -c "test -x '$WORK/out/other_mini-x86_64' && ! ls -a '$WORK/out' | grep -q app-mini_"
option UK_NAME 'CONFIG_UK_NAME="app-mini"'
build

# -- a source that goes away leaves nothing behind
sed -i 's/^LIBHELLO_SRCS-y.*short$//' "$WORK/lib-hello/Makefile.uk"
build
check build.removed_source_leaves_library "tail.short is still in libhello.o" \
	sh -c "! nm '$WORK/out/libhello.o' | grep -q hello_tail_short"

# -- V=1
build V=1 clean-libhello all
check build.verbose_shows_commands "no compiler command" grep -q -- '-ffreestanding.* -c ' "$WORK/log"

# -- print, list, why, compile_commands.json, size
build print-ARCH
expect build.print_variable x86_64
build compile_commands.json
check build.compile_commands "not JSON, or without main.c" python3 -c "
import json, sys
assert any(e['file'].endswith('main.c') for e in json.load(open('$WORK/out/compile_commands.json')))"
build size
expect build.size_shows_libraries libhello "largest symbols" uk_mini_print
build list
expect build.list_marks_enabled "* LIBHELLO"
check build.list_says_what_each_is "$(grep '(selected by others)' "$WORK/log")" \
	sh -c "! grep -q '(selected by others)' '$WORK/log' && grep -q 'LIBTLSF  .*lib/mem/tlsf' '$WORK/log'"
build clean
check build.clean_removes_output "the output is still there" test ! -d "$WORK/out"
build distclean
check build.distclean_removes_configuration "the configuration is still there" test ! -e "$WORK/config"

# -- a folder that is not ours is not taken, and so never cleaned
mkdir "$WORK/precious"; echo x >"$WORK/precious/file"
build O=../precious
expect build.refuses_a_folder_of_others "not the output of a build"
build clean O=../precious
check build.clean_leaves_others_alone "the user's file is gone" test -e "$WORK/precious/file"

# -- goals that change what others read, in one command
build defconfig clean all
check build.goals_one_after_the_other "$(tail -n 2 "$WORK/log" | tr '\n' '~')" test -x "$IMAGE"
