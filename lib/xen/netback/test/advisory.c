/* SPDX-License-Identifier: BSD-3-Clause */
/* Attacks of Xen's advisories that need more than a bad slot
 * (doc/backend-security.md). */
#include <string.h>

#include "common.h"

#include <uk/test.h>

static char bytes[17 * UK_PAGE_SIZE];

/* XSA-155: the slot is rewritten while its packet is under way. What was found good
 * is what is used, to the end. */
UK_TEST(netback, test_slot_rewritten_after_it_was_taken_changes_nothing)
{
	struct netif_tx_request *slot;
	uint16_t id;

	if (!start())
		return;
	fill_tx(&fe, 1400);
	slot = fe_tx_slot(&fe, 0, 0, 0, 1400, 0, 5);
	fe_tx_push(&fe, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	*slot = (struct netif_tx_request) {
		.gref = 4000, .offset = 4095, .size = 65535, .flags = 0xffff, .id = 6,
	};
	UK_EXPECT(uk_pktsim_read(uk_pktsim_first(&wire), bytes) && is_sent(&fe, bytes, 1400));
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 5);
	expect_alive(&fe);
	stop();
}

/* XSA-155: the headers were copied, and decide; the page they came from is the
 * guest's, who may make it say something else. */
UK_TEST(netback, test_headers_rewritten_after_they_were_read_change_nothing)
{
	if (!start())
		return;
	fill_tx(&fe, 1400);
	fe_tx_send(&fe, 0, 1400, 5);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	memset(fe.tx_data, 0xff, 160);
	UK_EXPECT(uk_pktsim_read(uk_pktsim_first(&wire), bytes));
	UK_EXPECT(!memcmp(bytes, wire.dev.mac, 6) && !memcmp(bytes + 6, fe.addr, 6));
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	stop();
}

/* XSA-349: changes of a watched node are hints. While they wait they take no memory,
 * and so many of them cost as little as some. */
UK_TEST(netback, test_flood_of_state_changes_is_bounded)
{
	if (!start())
		return;
	UK_EXPECT(uk_frontsim_flood(&fe.sim) < 100);
	expect_alive(&fe);
	stop();
}

/* XSA-432: as many slots as there may be, all of them within what is kept of a
 * packet's headers. XSA-448: among them some without a byte. */
UK_TEST(netback, test_headers_in_as_many_slots_as_there_may_be)
{
	if (!start())
		return;
	fill_tx(&fe, 68);
	fe_tx_slot(&fe, 0, 0, 0, 68, NETTXF_more_data, 0);
	for (uint16_t i = 1; i < 17; i++)
		fe_tx_slot(&fe, 0, 0, 0, 0, NETTXF_more_data, i);
	fe_tx_slot(&fe, 0, 0, 67, 1, 0, 17);
	fe_tx_push(&fe, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->head_bytes, 68);
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->n_frags, 0);
	UK_EXPECT(is_sent(&fe, (char *)uk_pktsim_first(&wire)->head, 68));
	for (unsigned int i = 0; i < 18; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	stop();
}
