# SPDX-License-Identifier: BSD-3-Clause
#
# What PV and HVM share. Each compiles it for itself, beside its own files.
XEN_BASE := $(UK_BASE)/plat/xen

xen_srcs := console.c domctl.c event.c evtchn.c evtchn_2l.c gnttab.c gntmap.c shutdown.c store.c time.c
xen_srcs += $(if $(CONFIG_XEN_EVTCHN_FIFO),evtchn_fifo.c,evtchn_nofifo.c)
xen_srcs += $(if $(CONFIG_LIBRESTART),restart.c)
XEN_SRCS := $(addprefix $(XEN_BASE)/,$(xen_srcs))

xen_tests-$(CONFIG_XEN_TEST) := evtchn_test.c gnttab_test.c mem_test.c
XEN_SRCS += $(addprefix $(XEN_BASE)/test/,$(xen_tests-y))
