/* SPDX-License-Identifier: BSD-3-Clause */
/* Getting a TAP device. Specification: Linux, tuntap.rst, if_tun.h, netdevice(7). */
#include "tap_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/linuxu/sys.h>
#include <uk/print.h>

#define DEVICE "/dev/net/tun"

/* ioctl(2)'s numbers for an int, or a pointer that counts as one */
#define TUN_IOCTL(number) (1ul << 30 | sizeof(int) << 16 | 'T' << 8 | (number))
#define TUNSETIFF TUN_IOCTL(202)
#define TUNSETOFFLOAD TUN_IOCTL(208)
#define TUNSETVNETHDRSZ TUN_IOCTL(216)
#define SIOCGIFMTU 0x8921
#define SIOCGIFHWADDR 0x8927

#define IFF_TAP 0x0002
#define IFF_NO_PI 0x1000
#define IFF_VNET_HDR 0x4000

/* What we take from it */
#define TUN_F_CSUM 1
#define TUN_F_TSO4 2
#define TUN_F_TSO6 4

#define AF_UNIX 1
#define SOCK_DGRAM 2

#define DEFAULT_MTU_BYTES 1500
#define MIN_MTU_BYTES 68		/* RFC 791 */

struct ifreq {
	char name[TAP_NAME_BYTES];
	union {
		uint16_t flags;
		int32_t mtu;
		struct {
			uint16_t family;
			uint8_t addr[14];
		} hw;
		uint64_t room[3];
	};
};

/* ---- Errors ---- */

static void cannot_open(const char *name, int err)
{
	const char *what = "";

	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		what = ": load the module with \"modprobe tun\"; a container must be given the device";
	else if (err == -EACCES || err == -EPERM)
		what = ": this user may not; run as root, or let the user have " DEVICE;
	uk_pr_err("tap: %s: " DEVICE " cannot be opened (%s)%s\n", name, uk_errname(err), what);
}

static void cannot_attach(const char *name, int err)
{
	if (err == -EPERM)
		uk_pr_err("tap: %s: not permitted: as root, \"ip tuntap add dev %s mode tap "
			  "user NAME\" lets user NAME have it; or run with CAP_NET_ADMIN\n",
			  name, name);
	else if (err == -EBUSY)
		uk_pr_err("tap: %s: another program has it open\n", name);
	else if (err == -EINVAL)
		uk_pr_err("tap: %s: it exists and is of another kind; it wants to be made with "
			  "\"ip tuntap add dev %s mode tap\", without multi_queue\n", name, name);
	else
		uk_pr_err("tap: %s: cannot be had (%s)\n", name, uk_errname(err));
}

/* ---- Its properties ---- */

static int set_offloads(int fd, const char *name)
{
	int hdr_bytes = 10, err;

	err = uk_linuxu_ioctl(fd, TUNSETVNETHDRSZ, &hdr_bytes);
	if (!err)
		err = (int)uk_linuxu_call3(UK_LINUXU_NR_IOCTL, fd, TUNSETOFFLOAD,
					   TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
	if (err)
		uk_pr_err("tap: %s: it cannot leave checksums and segmentation to us (%s)\n", name,
			  uk_errname(err));
	return err;
}

static uint16_t mtu_of(struct ifreq *req)
{
	long s = uk_linuxu_call3(UK_LINUXU_NR_SOCKET, AF_UNIX, SOCK_DGRAM | UK_LINUXU_O_CLOEXEC, 0);
	int32_t mtu = 0;

	if (s >= 0 && !uk_linuxu_ioctl((int)s, SIOCGIFMTU, req))
		mtu = req->mtu;
	if (s >= 0)
		uk_linuxu_close((int)s);
	if (mtu < MIN_MTU_BYTES || mtu > (int32_t)UK_NET_MAX_BYTES - 18)
		return DEFAULT_MTU_BYTES;
	return (uint16_t)mtu;
}

static int ask(int fd, const char *name, uint8_t *mac, uint16_t *mtu_bytes)
{
	struct ifreq req = { .flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int err;

	strlcpy(req.name, name, sizeof(req.name));
	err = uk_linuxu_ioctl(fd, TUNSETIFF, &req);
	if (err) {
		cannot_attach(name, err);
		return err;
	}
	err = set_offloads(fd, name);
	if (err)
		return err;
	err = uk_linuxu_ioctl(fd, SIOCGIFHWADDR, &req);
	if (err)
		return err;
	memcpy(mac, req.hw.addr, UK_NET_MAC_BYTES);
	*mtu_bytes = mtu_of(&req);
	return 0;
}

int tap_open(const char *name, uint8_t *mac, uint16_t *mtu_bytes)
{
	int fd = uk_linuxu_open(DEVICE, UK_LINUXU_O_RDWR | UK_LINUXU_O_NONBLOCK |
				UK_LINUXU_O_CLOEXEC, 0);
	int err;

	if (fd < 0) {
		cannot_open(name, fd);
		return fd;
	}
	err = ask(fd, name, mac, mtu_bytes);
	if (err) {
		uk_linuxu_close(fd);
		return err;
	}
	return fd;
}
