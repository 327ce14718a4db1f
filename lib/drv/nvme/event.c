/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the controller tells without being asked: that namespaces have changed. One
 * request for events is always with it; what it answers is looked after by the
 * controller's thread. Other kinds of events are not asked for, and those that come
 * nevertheless are passed over.
 */
#include "nvme_priv.h"

#include <errno.h>

#include <uk/plat/dma.h>
#include <uk/print.h>

static bool is_change(uint32_t event)
{
	return EVENT_TYPE(event) == EVENT_NOTICE && EVENT_INFO(event) == NOTICE_NAMESPACE;
}

void nvme_event_ask(struct nvme *n)
{
	struct nvme_cmd notices = {
		.opcode = ADMIN_SET_FEATURES, .dw10 = FEATURE_EVENTS, .dw11 = OAES_NAMESPACE,
	};
	struct nvme_cmd ask = { .opcode = ADMIN_ASK_EVENT, .id = EVENT_ID };

	if (!n->has_notices || nvme_admin(n, &notices))
		return;
	nvme_put(&n->admin, &ask);
	nvme_ring(&n->admin);
}

void nvme_event_take(struct nvme *n, const struct nvme_completion *answer)
{
	/* Refused: it would be refused again */
	if (answer->status >> 1)
		return;
	n->event = answer->result;
	n->has_event = true;
	uk_wait_wake_one(&n->trouble);
}

/* Reading its log lets the controller tell of the next one. */
static int read_log(struct nvme *n, uint8_t log)
{
	struct nvme_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .nsid = UINT32_MAX, .prp1 = uk_plat_dma_addr(n->page),
		.dw10 = log | (LOG_BYTES / 4 - 1) << 16,
	};

	return nvme_admin(n, &cmd);
}

void nvme_event_serve(struct nvme *n)
{
	uint32_t event = n->event;

	n->has_event = false;
	if (read_log(n, EVENT_LOG(event)) == -ETIMEDOUT) {
		n->is_lost = n->is_stuck = true;
		return;
	}
	nvme_event_ask(n);
	if (is_change(event))
		nvme_ns_look(n);
}
