#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The goals that write a configuration.
. "$(dirname "$0")/../build/lib.sh"

build defconfig
check config.defconfig "$(tail -n 2 "$WORK/log")" grep -qx CONFIG_LIBHELLO=y "$WORK/config"
option LIBHELLO_LOUD CONFIG_LIBHELLO_LOUD=y
build savedefconfig
check config.savedefconfig_is_minimal "$(tr '\n' ' ' <"$WORK/app-mini/defconfig")" \
	sh -c "grep -qx CONFIG_LIBHELLO_LOUD=y '$WORK/app-mini/defconfig' && [ \$(wc -l <'$WORK/app-mini/defconfig') -lt 10 ]"
build olddefconfig
cp "$WORK/config" "$WORK/before"
build defconfig
check config.savedefconfig_round_trip "$(diff "$WORK/before" "$WORK/config" | head -n 3 | tr '\n' '~')" cmp -s "$WORK/before" "$WORK/config"

echo CONFIG_LIBGONE=y >>"$WORK/config"
build olddefconfig
expect config.olddefconfig_says_what_is_dropped "DROP    CONFIG_LIBGONE=y"
check config.olddefconfig_drops "still there" sh -c "! grep -q LIBGONE '$WORK/config'"

sed -i '/LIBHELLO_LOUD/d' "$WORK/config"
build listnewconfig
expect config.listnewconfig CONFIG_LIBHELLO_LOUD=

mkdir -p "$WORK/app-mini/configs"
printf 'CONFIG_PLAT_MINI=y\nCONFIG_LIBHELLO=y\nCONFIG_OPTIMIZE_PERF=y\n' >"$WORK/app-mini/configs/fast_defconfig"
build fast_defconfig
check config.named_defconfig "$(tail -n 1 "$WORK/log")" grep -qx CONFIG_OPTIMIZE_PERF=y "$WORK/config"
build slow_defconfig
expect config.named_defconfig_missing "configs/slow_defconfig: no such file; there is fast_defconfig"

printf 'CONFIG_PLAT_MINI=y\nCONFIG_LIBHELLO=y\n' >"$WORK/fixed"
export KCONFIG_ALLCONFIG=$WORK/fixed
KCONFIG_SEED=7; export KCONFIG_SEED
build randconfig; cp "$WORK/config" "$WORK/one"
build randconfig
check config.randconfig_repeats_by_seed "two runs with one seed differ" cmp -s "$WORK/one" "$WORK/config"
KCONFIG_SEED=8 build randconfig
check config.randconfig_varies "two seeds give one configuration" sh -c "! cmp -s '$WORK/one' '$WORK/config'"
check config.randconfig_keeps_fixed "LIBHELLO was to stay on" grep -qx CONFIG_LIBHELLO=y "$WORK/config"
unset KCONFIG_SEED
build allnoconfig
check config.allnoconfig "$(tail -n 2 "$WORK/log" | tr '\n' '~')" grep -q "CONFIG_DEBUG_INFO is not set" "$WORK/config"
build allyesconfig
check config.allyesconfig "$(tail -n 2 "$WORK/log" | tr '\n' '~')" grep -qx CONFIG_LIBHELLO_LOUD=y "$WORK/config"

# -- an application that needs Xen is not offered platforms without any
xen_app() {
	make -C "$TREE" --no-print-directory A=apps/blkback O="$WORK/xen" C="$WORK/xen.config" "$@" >"$WORK/log" 2>&1
}
unset KCONFIG_ALLCONFIG KCONFIG_SEED KCONFIG_PROBABILITY
xen_app defconfig
echo CONFIG_PLAT_KVM=y >"$WORK/kvm"
sed '/PLAT_KVM/d' "$WORK/xen.config" | cat - "$WORK/kvm" >"$WORK/both" && mv "$WORK/both" "$WORK/xen.config"
xen_app prepare
expect config.application_needs_xen 'CONFIG_PLAT_KVM: asked "y", got "n"' \
	"the application needs Xen, and this platform provides none"
xen_app allyesconfig
check config.allyes_of_an_application_for_xen "$(grep PLAT_ "$WORK/xen.config" | tr '\n' '~')" \
	sh -c "grep -q PLAT_XENPV=y '$WORK/xen.config' && ! grep -Eq 'PLAT_(KVM|LINUXU)=y' '$WORK/xen.config'"
bad=
for seed in 1 2 3 4 5 6; do
	KCONFIG_SEED=$seed xen_app randconfig
	if grep -q PLAT_KVM=y "$WORK/xen.config" ||
			{ grep -q PLAT_LINUXU=y "$WORK/xen.config" && ! grep -q PLAT_LINUXU_XENSIM=y "$WORK/xen.config"; }; then
		bad="$bad $seed"
	fi
done
check config.rand_of_an_application_for_xen "seeds$bad" test -z "$bad"

# -- an address that is not a page's
make -C "$TREE" A=apps/helloworld O="$WORK/page" C="$WORK/page.config" defconfig >/dev/null
sed -i '/CONFIG_PLAT_LINUXU_BASE/d' "$WORK/page.config"
echo CONFIG_PLAT_LINUXU_BASE=0x400401 >>"$WORK/page.config"
make -C "$TREE" A=apps/helloworld O="$WORK/page" C="$WORK/page.config" prepare >"$WORK/log" 2>&1
expect config.address_of_a_page 'CONFIG_PLAT_LINUXU_BASE: asked "0x400401"' "it has to be a multiple of 0x1000"

# -- a prompt without help is hard to answer
build list
missing=$(WORK_CONFIG=$WORK/out/config /usr/bin/python3 - "$TREE" <<'PY'
import os, sys
import kconfiglib
tree = sys.argv[1]
os.environ.update(srctree=tree, UK_BASE=tree, UK_CONFIG_DIR=os.environ["WORK_CONFIG"], UK_APP_NAME="x", UK_APP="x")
k = kconfiglib.Kconfig(tree + "/Config.uk", warn=False)
for item in k.unique_defined_syms + k.unique_choices:
    for n in item.nodes:
        if n.prompt and not n.help and not os.path.isabs(n.filename):
            print(item.name or n.prompt[0])
PY
)
check config.every_prompt_has_help "$(echo $missing)" test -z "$missing"
