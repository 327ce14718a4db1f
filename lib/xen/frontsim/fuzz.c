/* SPDX-License-Identifier: BSD-3-Clause */
/* A fuzzer's main loop, and the ways of its frontends. */
#include <uk/xen/frontsim_fuzz.h>

#include <stdarg.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/linuxu/input.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define MAX_ACTIONS 200
#define A_WHILE_NS (100 * UK_NSEC_PER_MSEC)
#define FIRST_DOM 3
#define DOM_STEP 2

/* ---- What does not hold ---- */

void uk_frontsim_must(const char *file, int line, const char *what, bool holds)
{
	if (holds)
		return;
	uk_console_printf("%s:%d: must hold: %s\n", file, line, what);
	uk_bug("what must hold does not");
}

/* The frontends of the unit tests expect things. */
void uk_test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	uk_frontsim_must(file, line, text, false);
}

void uk_test_error(const char *fmt, ...)
{
	uk_frontsim_must(__FILE_NAME__, __LINE__, fmt, false);
}

/* ---- Inputs ---- */

/* From a block of its own: the sanitizer sees who reads past its end. */
static void play(const struct uk_frontsim_fuzz *target, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = uk_malloc(len);
	struct uk_frontsim_input in;

	must(copy);
	memcpy(copy, bytes, len);
	uk_frontsim_input_init(&in, copy, len);
	for (unsigned int i = 0; i < MAX_ACTIONS && uk_frontsim_input_next(&in); i++) {
		in.action %= target->n_actions;
		target->act(&in);
		if (!in.is_silent)
			uk_thread_sleep_ns(1);
	}
	uk_free(copy);
}

void uk_frontsim_fuzz_run(const struct uk_frontsim_fuzz *target)
{
	struct uk_frontsim_use base, now;
	const uint8_t *bytes;
	const char *differs;
	size_t len;

	uk_xensim_xs_rm("error");
	base = uk_frontsim_use();
	for (;;) {
		uk_linuxu_input_next(&bytes, &len);
		play(target, bytes, len);
		target->finish();
		uk_xensim_xs_rm("error");
		now = uk_frontsim_use();
		differs = uk_frontsim_use_differs(&base, &now);
		if (differs)
			uk_frontsim_must(__FILE_NAME__, __LINE__, differs, false);
	}
}

/* ---- Lives ---- */

domid_t uk_frontsim_hostile_dom(unsigned int i)
{
	domid_t dom = (domid_t)(FIRST_DOM + i * DOM_STEP);

	uk_xensim_domain_set(dom, true, false, false);
	return dom;
}

void uk_frontsim_settle(void)
{
	uk_thread_sleep_ns(A_WHILE_NS);
}

void uk_frontsim_reopen(const struct uk_frontsim *f)
{
	uk_frontsim_set_state(f, "6");
	uk_frontsim_settle();
	uk_frontsim_set_state(f, "1");
	uk_frontsim_settle();
}

void uk_frontsim_leave_unanswered(const struct uk_frontsim *f)
{
	if (uk_frontsim_be_state(f) >= 0)
		uk_frontsim_detach_begin(f);
}

void uk_frontsim_end_domain(const struct uk_frontsim *f)
{
	uk_xensim_xs_rm(f->fe);
	uk_xensim_domain_set(f->dom, false, true, true);
	uk_xensim_domain_end(f->dom);
	uk_frontsim_settle();
}

void uk_frontsim_take_away(const struct uk_frontsim *f)
{
	uk_frontsim_settle();
	if (uk_frontsim_be_state(f) >= 0)
		must(uk_frontsim_detach(f));
	uk_frontsim_settle();
	must(uk_frontsim_be_state(f) < 0);
}
