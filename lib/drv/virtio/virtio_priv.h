/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef VIRTIO_PRIV_H
#define VIRTIO_PRIV_H

#include <uk/virtio_bus.h>

/* ---- pci.c ---- */
/* Look for devices of @drv's on PCI. */
void virtio_pci_register(struct uk_virtio_driver *drv);

#endif /* VIRTIO_PRIV_H */
