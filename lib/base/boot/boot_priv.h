/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BOOT_PRIV_H
#define BOOT_PRIV_H

/** From here on boot phases are printed, if the parameter `bootstamps` asks
 *  for it; first those that have passed. */
void boot_stamps_show(void);

#endif /* BOOT_PRIV_H */
