#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The skeletons of support/new build as they are, and the library's test passes.
. "$(dirname "$0")/lib.sh"

new=$TREE/support/new/new

"$new" lib demo my-sum >"$WORK/log" 2>&1
expect new.library_says_what_it_writes "lib/demo/my-sum/Config.uk" "lib/demo/my-sum/test/my_sum.c"
"$new" app my-app >"$WORK/log" 2>&1
expect new.application_says_what_it_writes "apps/my-app/main.c" "make -C apps/my-app"
check new.nothing_left_to_fill_in "a placeholder is left" \
	sh -c "! grep -rq '@ident@\|@UPPER@\|@name@' '$WORK/tree/lib/demo' '$WORK/tree/apps/my-app'"

"$new" lib demo my-sum >"$WORK/log" 2>&1
expect new.refuses_what_exists "exists already"
"$new" lib demo My_Sum >"$WORK/log" 2>&1
expect new.refuses_a_bad_name "a name"

timeout 200 make -C "$WORK/tree/apps/my-app" >"$WORK/log" 2>&1
image=$(ls "$WORK"/tree/apps/my-app/build/my-app_linuxu-* 2>/dev/null | head -n 1)
check new.application_builds "$(grep -v '^  ' "$WORK/log" | head -n 4 | tr '\n' '~')" test -x "$image"
check new.application_runs "$("$image" 2>&1)" sh -c "'$image' | grep -q 'my-app: 0 argument'"

printf 'CONFIG_PLAT_LINUXU=y\nCONFIG_LIBTEST=y\nCONFIG_LIBMY_SUM=y\n' >"$WORK/tree/apps/unittest/defconfig"
timeout 300 make -C "$WORK/tree/apps/unittest" >"$WORK/log" 2>&1
image=$(ls "$WORK"/tree/apps/unittest/build/unittest_linuxu-* 2>/dev/null | head -n 1)
check new.library_builds "$(grep -v '^  ' "$WORK/log" | head -n 4 | tr '\n' '~')" test -x "$image"
timeout 20 "$image" -- my_sum >"$WORK/log" 2>&1
expect new.library_test_passes "ok 1" "ok 2"
check new.library_test_can_fail "a failure in a test of the library" sh -c "! grep -q 'not ok' '$WORK/log'"
