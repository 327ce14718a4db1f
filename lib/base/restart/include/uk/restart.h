/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting again in the same domain, and memory that outlives it.
 *
 * Rules
 * - A life is the time from one start of the image to the next. A new life has
 *   the initial data, an empty heap and new threads; of the old one there is
 *   kept memory and what is outside the domain: devices, peers, xenstore.
 * - The old life may have ended in any state, with kept memory half written or
 *   written over by a bug. The allocator checks its own records. What is in a
 *   block is the reader's to check, as if a peer had written it, before the
 *   first use.
 * - A block is known by its name and belongs to one user at a time. The
 *   library's name goes first: "netback/3/0/tx".
 * - Without LIBRESTART, and on platforms that cannot restart, kept memory is
 *   zeroed memory and nothing is ever inherited.
 * - Not callable from event context but for uk_restart() and uk_restart_count().
 */
#ifndef UK_RESTART_H
#define UK_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/util.h>

/** Longest name of kept memory, without its NUL. */
#define UK_KEEP_NAME_MAX 43

/** How long a device is waited for that is to stop. */
#define UK_RESTART_STOP_NS 1000000000ull

/** A driver whose device writes to memory by itself. */
struct uk_restart_stop {
	/* Stop the device. Called before a restart, in any state of locks and
	 * of the heap, on any stack: registers only. When it returns the
	 * device touches no memory any more: it is waited for, busily, up to
	 * UK_RESTART_STOP_NS, and a PCI device loses the bus in any case
	 * (uk_pci_disable_at_stop()). A fault in it ends the domain, whose
	 * memory the device may yet write to. */
	void (*fn)(void *arg);
	void *arg;
	struct uk_restart_stop *next;
};

/*
 * Attributes for static variables (initially 0) that outlive a restart as kept
 * memory does, and for arrays of whole pages, which need a name of their own.
 */
#if IS_ENABLED(CONFIG_LIBRESTART)
#define uk_kept __attribute__((section(".bss.uk_kept")))
#define uk_kept_pages(name) __attribute__((section(".bss.uk_kept.pages." name)))
#else
#define uk_kept
#define uk_kept_pages(name) __attribute__((section(".bss.page_aligned." name)))
#endif

#if IS_ENABLED(CONFIG_LIBRESTART)

/**
 * The kept memory @name, aligned to 16 bytes, of whole pages to a page. Stays
 * until uk_keep_free(), over any number of restarts. One from an earlier life
 * that has another size is freed, and made anew.
 * @is_inherited: set; false: it is new and zeroed.
 * @return NULL: no room, or somebody has it in this life already.
 */
void *uk_keep(const char *name, size_t size_bytes, bool *is_inherited);

/** @kept: from uk_keep(), or NULL. */
void uk_keep_free(void *kept);

/** Bytes that nobody keeps anything in; in one piece or in several. */
size_t uk_keep_room(void);

/** Have @stop->fn called before a restart; @stop stays for good. */
void uk_restart_at_stop(struct uk_restart_stop *stop);

/** Restarts so far. 0: the first life. */
unsigned int uk_restart_count(void);

/** Start again. Where that is not possible the domain ends, as by a crash.
 *  @why: for the log of the next life. */
void uk_restart(const char *why) uk_noreturn;

/** What the next life will say this one has ended of. */
void uk_restart_note_end(const char *why);

/** For the crash screen: start again, unless too many lives have ended so of
 *  late (parameter restart.max). @return: the domain has to end. */
void uk_restart_after_crash(void);

/** For tests: what is kept now is found, by uk_keep(), as by a new life. */
void uk_keep_simulate_restart(void);

#else

static inline void *uk_keep(const char *name uk_unused, size_t size_bytes, bool *is_inherited)
{
	void *p = uk_memalign(size_bytes % UK_PAGE_SIZE ? 16 : UK_PAGE_SIZE, size_bytes);

	*is_inherited = false;
	return p ? __builtin_memset(p, 0, size_bytes) : NULL;
}

static inline void uk_keep_free(void *kept)
{
	uk_free(kept);
}

static inline size_t uk_keep_room(void)
{
	return SIZE_MAX;
}

static inline void uk_restart_at_stop(struct uk_restart_stop *stop uk_unused)
{
}

static inline unsigned int uk_restart_count(void)
{
	return 0;
}

static inline void uk_restart_note_end(const char *why uk_unused)
{
}

static inline void uk_restart_after_crash(void)
{
}

#endif
#endif /* UK_RESTART_H */
