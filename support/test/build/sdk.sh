#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A program with a build system of its own becomes images through the SDK.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip sdk.fixture "the platforms of the test are for x86_64"; exit 0; }

printf 'CONFIG_PLAT_LINUXU=y\nCONFIG_PLAT_KVM=y\n' >"$WORK/sdk_defconfig"
timeout 200 make -C "$TREE" --no-print-directory A=apps/helloworld O="$WORK/out" C="$WORK/config" \
	DEFCONFIG="$WORK/sdk_defconfig" SDK="$WORK/first" defconfig sdk >"$WORK/log" 2>&1
# It stands alone: it is moved, and what it was made from is gone
mv "$WORK/first" "$WORK/sdk"
rm -rf "$WORK/out"
check sdk.is_made "$(grep -v '^  ' "$WORK/log" | head -n 3 | tr '\n' '~')" test -x "$WORK/sdk/bin/x86_64-unicore-gcc"

mkdir "$WORK/prog"
cat >"$WORK/prog/Makefile" <<'P'
prog: main.o libsum.a
	$(CC) $(LDFLAGS) -o $@ main.o -L. -lsum -lm -lpthread
libsum.a: sum.o
	$(AR) rcs $@ $^
	$(RANLIB) $@
P
printf 'int sum(int a, int b);\nint sum(int a, int b) { return a + b; }\n' >"$WORK/prog/sum.c"
cat >"$WORK/prog/main.c" <<'P'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int sum(int a, int b);
/* A name that a library has for itself as well */
void uk_print(void);
void uk_print(void) {}
int main(int argc, char **argv)
{
	char *copy = malloc(20);
	strcpy(copy, "from the heap");
	printf("sum %d, %s, %s\n", sum(argc, 40), copy, argc > 1 ? argv[1] : "");
	free(copy);
	return 5;
}
P
export PATH="$WORK/sdk/bin:$PATH"
(cd "$WORK/prog" && make CC=x86_64-unicore-gcc AR=x86_64-unicore-ar RANLIB=x86_64-unicore-ranlib \
	CFLAGS="-O2 -g" LDFLAGS=-static) >"$WORK/log" 2>&1
check sdk.builds_a_program "$(tail -n 4 "$WORK/log" | tr '\n' '~')" test -x "$WORK/prog/prog"
for plat in linuxu kvm; do
	check "sdk.gives_a_${plat}_image" "not made" test -x "$WORK/prog/prog_$plat-x86_64"
done
timeout 10 "$WORK/prog/prog" -- word >"$WORK/log" 2>&1
status=$?
check sdk.status_of_the_program "$status" test "$status" -eq 5
expect sdk.program_runs "sum 42, from the heap, word"

# -- what configure scripts do
cat >"$WORK/try.c" <<'P'
int no_such_function(void);
int main(void) { return no_such_function(); }
P
x86_64-unicore-gcc "$WORK/try.c" -o "$WORK/try" >"$WORK/log" 2>&1
status=$?
check sdk.missing_function_fails "a link without it succeeds" test "$status" -ne 0
expect sdk.missing_function_is_named "undefined reference to \`no_such_function'"
x86_64-unicore-gcc --version >"$WORK/log" 2>&1
expect sdk.version "Free Software Foundation"
echo 'int x;' | x86_64-unicore-gcc -E - >"$WORK/log" 2>&1
expect sdk.preprocesses "int x;"
