# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests of build and configuration: a scratch folder with copies
# of the fixtures, and how a test says how it went.

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# A copy, of what git knows where there is git: whoever edits the tree meanwhile
# does not disturb the test, nor it them
TREE=$WORK/tree
mkdir "$TREE"
(
	cd "$(dirname "$0")/../../.." || exit
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -z | tar -cf - --null --ignore-failed-read -T - 2>/dev/null
	else
		tar -cf - --exclude='./apps/*/build' --exclude=.config .
	fi
) | tar -C "$TREE" -xf -
cp -r "$TREE/support/test/build/fixtures/." "$WORK/"
unset MAKEFLAGS MAKELEVEL CC CROSS_COMPILE CFLAGS
# Downloads of tests stay in the scratch folder
export UK_DLDIR="$WORK/dl"

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; }
skip() { echo "skip $1: $2"; }

# check <name> <reason when it fails> <command...>
check() {
	check_name=$1 check_why=$2
	shift 2
	if "$@"; then ok "$check_name"; else not_ok "$check_name" "$check_why"; fi
}

# build [argument...]: of the fixture application; output in $WORK/log
build() {
	timeout 120 make -C "$WORK/app-mini" UK_ROOT="$TREE" --no-print-directory O=../out C=../config \
		P=../plat-mini L="${FIXTURE_LIBS:-../lib-hello}" "$@" >"$WORK/log" 2>&1
}

# says <text>: the last build's output has it
says() { grep -qF -- "$1" "$WORK/log"; }

# expect <name> <text...>: the last build's output has all of them
expect() {
	expect_name=$1
	shift
	for text in "$@"; do
		if ! says "$text"; then
			not_ok "$expect_name" "\"$text\" is not in the output: $(tr '\n' '~' <"$WORK/log" | tail -c 600)"
			return 0
		fi
	done
	ok "$expect_name"
}

# compiled: objects the last build compiled
compiled() { grep -cE '^  (CC|AS|CXX) ' "$WORK/log"; }

option() { sed -i "/CONFIG_$1[= ]/d" "$WORK/config"; echo "$2" >>"$WORK/config"; }

IMAGE=$WORK/out/app-mini_mini-x86_64
