/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

static unsigned int state = 1;

/* A linear congruential step, its weak low bits mixed with the high ones */
int rand_r(unsigned int *seed)
{
	unsigned int x;

	*seed = *seed * 747796405U + 2891336453U;
	x = ((*seed >> ((*seed >> 28) + 4)) ^ *seed) * 277803737U;
	return (int)((x ^ x >> 22) & RAND_MAX);
}

int rand(void)
{
	return rand_r(&state);
}

void srand(unsigned int seed)
{
	state = seed;
}
