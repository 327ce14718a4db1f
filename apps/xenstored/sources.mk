# SPDX-License-Identifier: BSD-3-Clause
#
# Upstream's C xenstored, compiled as upstream's Makefile compiles it for a stub
# domain (XENSTORED_OBJS-y and what CONFIG_MiniOS adds), without live update: for
# the library that the including fragment has registered and names here.
#	xenstored_lib := appxenstored
# Whether there are sockets (-DNO_SOCKETS=1) is the fragment's affair.
xenstored_base := $(UK_BASE)/apps/xenstored
xenstored_uc := $(call uc,$(xenstored_lib))

# Versions that will do; the patches apply to each
$(xenstored_uc)_VERSION := 4.17.5+72-g01140da4e8
$(xenstored_uc)_SHA256 := 53922f4d0a02c577f2ea9d63f65989cd88715779eebeed879ca1d314103ee06e
$(xenstored_uc)_DEBIAN := xen_$($(xenstored_uc)_VERSION)
$(xenstored_uc)_FOLDER := xen
# Of this snapshot there is no archive but the distribution's: no upstream address
$(eval $(call fetchas,$(xenstored_lib),,xen_$($(xenstored_uc)_VERSION).orig.tar.xz))
$(eval $(call patch,$(xenstored_lib),$(xenstored_base)/patches,xen))

XENSTORED := $($(xenstored_uc)_ORIGIN)/xen/tools/xenstore

$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_core.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_watch.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_domain.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_transaction.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_control.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xenstored_minios.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/xs_lib.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/talloc.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/utils.c
$(xenstored_uc)_SRCS-y += $(XENSTORED)/hashtable.c

# In the place of upstream's tdb.c
$(xenstored_uc)_SRCS-y += $(xenstored_base)/records.c
# Memory that is not for guests (patches/0051)
$(xenstored_uc)_SRCS-y += $(xenstored_base)/reserve.c
# In the place of the C library's: to the log of the image
$(xenstored_uc)_SRCS-y += $(xenstored_base)/syslog.c

# The libraries' headers are ours (lib/xen/tools); these come before upstream's
$(xenstored_uc)_CINCLUDES-y += -I$(LIBXENTOOLS_BASE)/include -I$(xenstored_base) -I$(XENSTORED) -I$(XENSTORED)/include
$(xenstored_uc)_CINCLUDES-y += -I$($(xenstored_uc)_ORIGIN)/xen/tools/include
# Structures are copied through the registers of floating point otherwise. clang does
# not read musl's math.h with it: that is for tests.
$(xenstored_uc)_CFLAGS-$(call have_gcc) += -mgeneral-regs-only
$(xenstored_uc)_CFLAGS-y += -D_DEFAULT_SOURCE -DNO_LIVE_UPDATE -D__MINIOS__
$(xenstored_uc)_CFLAGS-y += -DINCLUDE_ENDIAN_H='<endian.h>' -DXEN_RUN_STORED='"/run/xenstored"'
