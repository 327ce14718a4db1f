#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# LIMIT: 600
# The figures that are promised of apps/helloworld: all images of one
# configuration link in one pass, how large they are, what a build costs, and that
# two builds are the same.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || { skip hello.figures "the images of the default configuration are for x86_64"; exit 0; }

hello() {
	timeout 300 make -C "$TREE" --no-print-directory A=apps/helloworld O="$WORK/$1" C="$WORK/$1.config" >"$WORK/log" 2>&1
}
# cpu_ms <output>: of one build
cpu_ms() {
	python3 - make -C "$TREE" A=apps/helloworld "O=$WORK/$1" "C=$WORK/$1.config" <<'P'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(int((used.ru_utime + used.ru_stime) * 1000))
P
}

hello four || { not_ok hello.builds "$(grep -v '^  ' "$WORK/log" | head -n 4 | tr '\n' '~')"; exit 0; }
ok hello.builds
check hello.platform_independent_objects_once "boot.o was compiled more than once" \
	test "$(grep -c 'lib/base/boot/boot.o' "$WORK/log")" -eq 1
for want in xenpv:49152 xenhvm:49152 kvm:57344 linuxu:0; do
	plat=${want%:*} most=${want#*:}
	image=$WORK/four/helloworld_$plat-x86_64
	check "hello.${plat}_image" "not made" test -s "$image"
	for suffix in dbg map sym sizes sha256; do
		[ -s "$image.$suffix" ] || not_ok "hello.${plat}_has_$suffix" "not made"
	done
	[ "$most" -eq 0 ] && continue
	size=$(stat -c %s "$image" 2>/dev/null || echo 0)
	check "hello.${plat}_size" "$size bytes, at most $most" test "$size" -lt "$most" -a "$size" -gt 0
done
for plat in xenpv xenhvm; do
	check "hello.${plat}_xl" "no .xl, or without the image" \
		grep -qx "kernel = \"$WORK/four/helloworld_$plat-x86_64\"" "$WORK/four/helloworld_$plat-x86_64.xl"
done

cp "$WORK/four.config" "$WORK/five.config"
hello five
for image in "$WORK"/four/helloworld_*-x86_64 "$WORK"/four/helloworld_*.dbg; do
	check "hello.$(basename "$image")_is_reproducible" "two builds differ" \
		cmp -s "$image" "$WORK/five/$(basename "$image")"
done

ms=$(cpu_ms four)
echo "no-op, four platforms: $ms ms of CPU"
check hello.noop_cpu "$ms ms, at most 300" test "$ms" -lt 300
echo CONFIG_PLAT_LINUXU=y >"$WORK/one_defconfig"
make -C "$TREE" A=apps/helloworld O="$WORK/one" C="$WORK/one.config" DEFCONFIG="$WORK/one_defconfig" defconfig >/dev/null
ms=$(cpu_ms one)
echo "clean build, one platform: $ms ms of CPU"
check hello.clean_cpu "$ms ms, at most 5000" test "$ms" -lt 5000
