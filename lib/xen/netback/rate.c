/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rate= of a vif: so many bytes in so many microseconds, of what the guest
 * sends. The bucket may go into debt by one packet, so the size of a packet
 * need not be known before it is taken, and the average is exact. What exceeds
 * it waits in the guest's ring. Whatever takes work counts as the shortest frame at
 * least: an empty packet, a request.
 */
#include "netback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/param.h>
#include <uk/plat/time.h>

#define MAX_RATE_BYTES (1ull << 40)
#define MAX_RATE_USECS UINT32_MAX	/* as xl has it */
#define MIN_FRAME_BYTES 64u

static void on_refill(struct uk_timer *t)
{
	struct netback_rate *rate = UK_CONTAINER_OF(t, struct netback_rate, refill);
	struct netback_vif *vif = UK_CONTAINER_OF(rate, struct netback_vif, rate);

	for (unsigned int i = 0; i < vif->n_queues; i++)
		uk_xen_work_ready(&vif->queues[i].work);
}

int netback_rate_parse(struct netback_rate *rate, const char *text)
{
	char bytes[24];
	const char *comma = strchr(text, ',');
	uint64_t n, usecs;

	uk_timer_init(&rate->refill, on_refill);
	if (!comma || (size_t)(comma - text) >= sizeof(bytes))
		return -EINVAL;
	memcpy(bytes, text, (size_t)(comma - text));
	bytes[comma - text] = '\0';
	if (uk_parse_dec(bytes, MAX_RATE_BYTES, &n) || !n ||
	    uk_parse_dec(comma + 1, MAX_RATE_USECS, &usecs) || !usecs)
		return -EINVAL;
	rate->bytes = n;
	rate->period_ns = usecs * UK_NSEC_PER_USEC;
	rate->credit_bytes = (int64_t)n;
	rate->refilled_ns = uk_plat_mono_ns();
	return 0;
}

static void refill(struct netback_rate *rate)
{
	uint64_t now = uk_plat_mono_ns();
	uint64_t n_periods = (now - rate->refilled_ns) / rate->period_ns;

	if (!n_periods)
		return;
	rate->refilled_ns += n_periods * rate->period_ns;
	/* Full after as many periods as the largest debt can take */
	n_periods = UK_MIN(n_periods, UK_NET_MAX_BYTES / rate->bytes + 2);
	rate->credit_bytes = UK_MIN(rate->credit_bytes + (int64_t)(n_periods * rate->bytes),
				    (int64_t)rate->bytes);
}

bool netback_rate_has_credit(struct netback_vif *vif)
{
	struct netback_rate *rate = &vif->rate;

	if (!rate->bytes)
		return true;
	refill(rate);
	if (rate->credit_bytes > 0)
		return true;
	uk_timer_start(&rate->refill, rate->refilled_ns + rate->period_ns);
	return false;
}

void netback_rate_charge(struct netback_rate *rate, uint32_t bytes)
{
	if (rate->bytes)
		rate->credit_bytes -= UK_MAX(bytes, MIN_FRAME_BYTES);
}
