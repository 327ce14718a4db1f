#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two builds in two folders, one of them of a copy of the sources somewhere
# else, give the same bytes, debug information included.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip reproducible.fixture "the fixture's platform is for x86_64"; exit 0; }

build || { not_ok reproducible.first "$(tail -n 3 "$WORK/log" | tr '\n' '~')"; exit 0; }
mkdir -p "$WORK/elsewhere/deeper"
cp -r "$WORK/app-mini" "$WORK/plat-mini" "$WORK/lib-hello" "$WORK/elsewhere/deeper/"
timeout 120 make -C "$WORK/elsewhere/deeper/app-mini" UK_ROOT="$TREE" P=../plat-mini L=../lib-hello >"$WORK/log" 2>&1 ||
	not_ok reproducible.second "$(tail -n 3 "$WORK/log" | tr '\n' '~')"
other=$WORK/elsewhere/deeper/app-mini/build/app-mini_mini-x86_64
for suffix in "" .dbg .sym .sizes .sha256; do
	check "reproducible.image$suffix" "differs" cmp -s "$IMAGE$suffix" "$other$suffix"
done
check reproducible.no_build_path "the path of the build is in .dbg" sh -c "! grep -qF '$WORK' '$IMAGE.dbg'"
