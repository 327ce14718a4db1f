# SPDX-License-Identifier: BSD-3-Clause
#
# Sources that a platform with page tables of its own is made of, in part.

NATIVE_BASE := $(UK_BASE)/plat/native
NATIVE_SRCS := $(addprefix $(NATIVE_BASE)/,entry.S vectors.S traps.c paging.c regions.c bootinfo.c lapic.c native_pci.c)
NATIVE_SRCS += $(if $(CONFIG_HAVE_THREAD_TP),$(NATIVE_BASE)/tls.c)
