/* SPDX-License-Identifier: BSD-3-Clause */
#include <xenctrl.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uk/test.h>
#include <uk/thread.h>
#include <uk/util.h>
#include <uk/xensim.h>

#define DOM 5

static short ready(xenevtchn_handle *xce, int timeout_ms)
{
	struct pollfd p = { .fd = xenevtchn_fd(xce), .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0 ? p.revents : 0;
}

/* A handle with one port, that its first event (each new channel has one) has
 * been taken from. */
static xenevtchn_handle *open_bound(evtchn_port_t *remote, int *local)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);

	*remote = uk_xensim_port_offer(DOM);
	*local = xenevtchn_bind_interdomain(xce, DOM, *remote);
	UK_EXPECT(*local > 0);
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	UK_EXPECT_EQ(xenevtchn_pending(xce), *local);
	UK_EXPECT_EQ(xenevtchn_unmask(xce, *local), 0);
	return xce;
}

UK_TEST(xentools, test_event_masks_its_port_until_unmasked)
{
	evtchn_port_t remote;
	int local;
	xenevtchn_handle *xce = open_bound(&remote, &local);

	UK_EXPECT_EQ(ready(xce, 0), 0);
	uk_xensim_port_kick(remote);
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	UK_EXPECT_EQ(xenevtchn_pending(xce), local);
	UK_EXPECT_EQ(ready(xce, 0), 0);
	uk_xensim_port_kick(remote);
	UK_EXPECT_EQ(ready(xce, 0), 0);
	UK_EXPECT_EQ(xenevtchn_unmask(xce, local), 0);
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	xenevtchn_close(xce);
	UK_EXPECT(!uk_xensim_port_is_bound(remote));
	uk_xensim_port_close(remote);
}

UK_TEST(xentools, test_pending_gives_each_port_once)
{
	evtchn_port_t remote, other = uk_xensim_port_offer(DOM + 1);
	int local;
	xenevtchn_handle *xce = open_bound(&remote, &local);
	int second = xenevtchn_bind_interdomain(xce, DOM + 1, other);
	int a, b;

	uk_xensim_port_kick(remote);
	uk_xensim_port_kick(remote);
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	a = xenevtchn_pending(xce);
	b = xenevtchn_pending(xce);
	UK_EXPECT(a != b && a + b == local + second);
	UK_EXPECT_EQ(ready(xce, 0), 0);
	xenevtchn_close(xce);
	uk_xensim_port_close(remote);
	uk_xensim_port_close(other);
}

UK_TEST(xentools, test_kicks_are_one_when_the_program_polls)
{
	evtchn_port_t remote;
	int local;
	xenevtchn_handle *xce = open_bound(&remote, &local);
	unsigned int before = uk_xensim_port_kicks(remote);

	for (int i = 0; i < 4; i++)
		UK_EXPECT_EQ(xenevtchn_notify(xce, local), 0);
	UK_EXPECT_EQ(uk_xensim_port_kicks(remote), before);
	ready(xce, 0);
	UK_EXPECT_EQ(uk_xensim_port_kicks(remote), before + 1);
	xenevtchn_close(xce);
	uk_xensim_port_close(remote);
}

UK_TEST(xentools, test_kicks_go_out_when_the_program_does_something_else)
{
	evtchn_port_t remote;
	int local;
	xenevtchn_handle *xce = open_bound(&remote, &local);
	unsigned int before = uk_xensim_port_kicks(remote);

	xenevtchn_notify(xce, local);
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_port_kicks(remote), before + 1);
	/* A port that is closed has said all that it had to say */
	xenevtchn_notify(xce, local);
	UK_EXPECT_EQ(xenevtchn_unbind(xce, local), 0);
	UK_EXPECT_EQ(uk_xensim_port_kicks(remote), before + 2);
	xenevtchn_close(xce);
	uk_xensim_port_close(remote);
}

UK_TEST(xentools, test_ports_of_others_are_refused)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);

	UK_EXPECT_EQ(xenevtchn_notify(xce, 3), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(xenevtchn_unmask(xce, 100000), -1);
	UK_EXPECT_EQ(xenevtchn_unbind(xce, 0), -1);
	UK_EXPECT_EQ(xenevtchn_bind_interdomain(xce, DOM, 77), -1);
	xenevtchn_close(xce);
}

UK_TEST(xentools, test_descriptor_reads_ports_and_writes_unmask)
{
	evtchn_port_t remote, port = 0;
	int local;
	xenevtchn_handle *xce = open_bound(&remote, &local);
	int fd = xenevtchn_fd(xce);

	UK_EXPECT(xenevtchn_fdopen(NULL, fd, 0) == xce);
	UK_EXPECT(!xenevtchn_fdopen(NULL, 0, 0));
	uk_xensim_port_kick(remote);
	UK_EXPECT_EQ(read(fd, &port, sizeof(port)), sizeof(port));
	UK_EXPECT_EQ(port, local);
	uk_xensim_port_kick(remote);
	UK_EXPECT_EQ(ready(xce, 0), 0);
	UK_EXPECT_EQ(write(fd, &port, sizeof(port)), sizeof(port));
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	xenevtchn_close(xce);
	uk_xensim_port_close(remote);
}

UK_TEST(xentools, test_virq_is_an_event)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	int port = xenevtchn_bind_virq(xce, VIRQ_DOM_EXC);

	UK_EXPECT(port > 0);
	UK_EXPECT_EQ(ready(xce, 0), 0);
	uk_xensim_virq(port);
	UK_EXPECT_EQ(ready(xce, 100), POLLIN);
	UK_EXPECT_EQ(xenevtchn_pending(xce), port);
	xenevtchn_close(xce);
}

UK_TEST(xentools, test_grants_are_mapped_and_unmapped)
{
	static char page[4096] uk_aligned(4096), second[4096] uk_aligned(4096);
	grant_ref_t ref = uk_xensim_grant(DOM, page, false);
	grant_ref_t other = uk_xensim_grant(DOM, second, true);
	xengnttab_handle *xgt = xengnttab_open(NULL, 0);
	unsigned int before = uk_xensim_mappings();
	char *va;

	xengnttab_set_max_grants(xgt, 2);
	UK_EXPECT(!xengnttab_map_grant_ref(xgt, DOM + 1, ref, PROT_READ | PROT_WRITE));
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT(!xengnttab_map_grant_ref(xgt, DOM, other, PROT_READ | PROT_WRITE));
	va = xengnttab_map_grant_ref(xgt, DOM, ref, PROT_READ | PROT_WRITE);
	UK_EXPECT(va != NULL);
	UK_EXPECT(xengnttab_map_grant_ref(xgt, DOM, other, PROT_READ) != NULL);
	UK_EXPECT(!xengnttab_map_grant_ref(xgt, DOM, other, PROT_READ));
	UK_EXPECT_EQ(errno, ENOMEM);
	UK_EXPECT_EQ(uk_xensim_mappings(), before + 2);
	UK_EXPECT_EQ(xengnttab_unmap(xgt, va, 1), 0);
	UK_EXPECT_EQ(xengnttab_unmap(xgt, va, 1), -1);
	UK_EXPECT_EQ(uk_xensim_mappings(), before + 1);
	xengnttab_close(xgt);
	UK_EXPECT_EQ(uk_xensim_mappings(), before);
	UK_EXPECT(uk_xensim_grant_end(ref));
	UK_EXPECT(uk_xensim_grant_end(other));
}

UK_TEST(xentools, test_domains_are_listed_in_order)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_dominfo_t info[4];

	UK_EXPECT_EQ(xc_domain_getinfo(xch, 0, 4, info), -1);
	UK_EXPECT_EQ(errno, ESRCH);
	uk_xensim_domain_set(3, true, false, false);
	uk_xensim_domain_set(9, true, true, false);
	uk_xensim_domain_set(12, true, false, true);
	UK_EXPECT_EQ(xc_domain_getinfo(xch, 0, 4, info), 3);
	UK_EXPECT(info[0].domid == 3 && !info[0].shutdown && !info[0].dying);
	UK_EXPECT(info[1].domid == 9 && info[1].shutdown && !info[1].crashed);
	UK_EXPECT(info[2].domid == 12 && info[2].dying);
	UK_EXPECT_EQ(xc_domain_getinfo(xch, 4, 1, info), 1);
	UK_EXPECT_EQ(info[0].domid, 9);
	for (domid_t i = 3; i < 13; i++)
		uk_xensim_domain_set(i, false, false, false);
	xc_interface_close(xch);
}
