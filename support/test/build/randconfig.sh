#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# LIMIT: 900
# Configurations by chance have to build; RANDCONFIGS= says how many, SEED= with
# which to begin. A failure names the seed that repeats it.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(date +%j)}
count=${RANDCONFIGS:-$([ "$QUICK" ] && echo 1 || echo 4)}
config_only() { make -C "$TREE" --no-print-directory A=apps/helloworld O="$WORK/out" C="$WORK/config" "$@" >"$WORK/log" 2>&1; }

while [ "$count" -gt 0 ]; do
	rm -rf "$WORK/out" "$WORK/config"
	if ! KCONFIG_SEED=$seed config_only randconfig; then
		not_ok "randconfig.seed_$seed" "configuration: $(grep -v '^  ' "$WORK/log" | head -n 4 | tr '\n' '~')"
	elif ! timeout 300 make -C "$TREE" --no-print-directory A=apps/helloworld O="$WORK/out" C="$WORK/config" \
			>"$WORK/log" 2>&1; then
		if grep -q 'apt-get install' "$WORK/log"; then
			skip "randconfig.seed_$seed" "$(grep 'apt-get install' "$WORK/log")"
		else
			not_ok "randconfig.seed_$seed" "$(grep -v '^  ' "$WORK/log" | head -n 5 | tr '\n' '~')"
		fi
	else
		ok "randconfig.seed_$seed"
	fi
	seed=$((seed + 1)) count=$((count - 1))
done
