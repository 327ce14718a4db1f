/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart is made of its two ends: what is kept and the rings are put aside; the
 * device's directory goes, and the instance with it; then all of it comes back.
 */
#include "resume.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

struct left left[FE_MAX_QUEUES];
struct netback_rx_journal journal;

static struct netback_vif *vif;		/* of fe */
static unsigned long n_writes;

bool start_known(void)
{
	if (!start())
		return false;
	if (find_vif())
		return true;
	stop();
	return false;
}

bool find_vif(void)
{
	fill_tx(&fe, 100);
	fe_tx_send(&fe, 0, 100, 1);
	fe_tx_answer(&fe, 0, NULL);
	if (!uk_pktsim_wait(&wire, 1))
		return false;
	vif = UK_CONTAINER_OF(uk_pktsim_first(&wire)->from, struct netback_vif, netdev);
	uk_pktsim_clear(&wire);
	return true;
}

void leave(void)
{
	unsigned int n_watches = uk_xensim_xs_watches();

	journal = *netback_rx_journal;
	for (unsigned int i = 0; i < fe.n_queues; i++) {
		memcpy(left[i].tx, fe.queues[i].tx, UK_PAGE_SIZE);
		memcpy(left[i].rx, fe.queues[i].rx, UK_PAGE_SIZE);
		memcpy(left[i].bytes, vif->queues[i].kept, KEPT_BYTES);
		left[i].has_kept = true;
	}
	uk_frontsim_leave(&fe.sim);
	while (uk_xensim_port_is_bound(fe.queues[0].tx_port))
		uk_thread_yield();
	uk_pktsim_clear(&wire);
	/* Who is slow would take the nodes of the next life for its own */
	while (uk_xensim_xs_watches() == n_watches)
		uk_thread_yield();
	uk_thread_sleep_ns(3 * UK_NSEC_PER_MSEC);
}

static void put_back_kept(void)
{
	bool is_inherited;
	char name[32];
	void *kept;

	for (unsigned int i = 0; i < fe.n_queues; i++) {
		memcpy(fe.queues[i].tx, left[i].tx, UK_PAGE_SIZE);
		memcpy(fe.queues[i].rx, left[i].rx, UK_PAGE_SIZE);
		if (!left[i].has_kept)
			continue;
		uk_snprintf(name, sizeof(name), "netback/%u/%u/%u", fe.sim.dom, fe.sim.id, i);
		kept = uk_keep(name, KEPT_BYTES, &is_inherited);
		if (UK_EXPECT(kept && !is_inherited))
			memcpy(kept, left[i].bytes, KEPT_BYTES);
	}
	uk_keep_simulate_restart();
	*netback_rx_journal = journal;
	netback_resume_init();
}

void come_back(void)
{
	put_back_kept();
	uk_frontsim_write_be(&fe.sim, "mac", "00:16:3e:00:%02x:00", FE_DOM);
	uk_frontsim_write_be(&fe.sim, "bridge", "test");
	n_writes = uk_xensim_xs_image_writes();
	uk_frontsim_inherit(&fe.sim);
	for (int i = 0; i < 1000 && !uk_xensim_port_is_bound(fe.queues[0].tx_port) &&
			uk_xensim_xs_image_writes() == n_writes; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
}

bool is_resumed(void)
{
	return UK_EXPECT(uk_xensim_port_is_bound(fe.queues[0].tx_port)) &&
	       UK_EXPECT_EQ(uk_xensim_xs_image_writes(), n_writes) &&
	       UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 4);
}

void send_long(unsigned int q, uint16_t id)
{
	fill_tx(&fe, 1400);
	fe_tx_slot(&fe, q, 0, 0, 1400, NETTXF_more_data, id);
	fe_tx_slot(&fe, q, 0, 700, 700, 0, id + 1);
	fe_tx_push(&fe, q);
}
