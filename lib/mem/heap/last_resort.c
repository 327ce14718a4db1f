/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked for memory when there is none. */
#include <uk/heap_driver.h>

static bool (*release)(size_t size);

void uk_heap_set_last_resort(bool (*fn)(size_t size))
{
	release = fn;
}

void *uk_heap_get_hard(size_t align, size_t size)
{
	void *p = NULL;

	while (!p && release && release(size))
		p = uk_heap_get(align, size);
	return p;
}
