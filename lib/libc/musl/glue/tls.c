/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Thread-local variables. They lie below the descriptor of their thread, which
 * a register points to. An image that has none leaves the register alone.
 */
#include <string.h>

#include "pthread_impl.h"

#include <uk/plat/tls.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "glue.h"

#define TLS_ALIGN ((uintptr_t)64)	/* as in tls.ld */

#ifdef MUSL_NO_TLS	/* the register is not ours */
#define uk_tls_image NULL
#define FILE_BYTES ((size_t)0)
#define BYTES ((size_t)0)
#else
extern const char uk_tls_image[], uk_tls_file_bytes[], uk_tls_bytes[];	/* set by tls.ld */
#define FILE_BYTES ((size_t)uk_tls_file_bytes)
#define BYTES ((size_t)uk_tls_bytes)
#endif

bool uk_thread_has_tls;

/* Fill in what lies below @desc. */
static void copy_image(pthread_t desc)
{
	char *to = (char *)desc - UK_ALIGN_UP(BYTES, TLS_ALIGN);

	if (FILE_BYTES)
		memcpy(to, uk_tls_image, FILE_BYTES);
	memset(to + FILE_BYTES, 0, BYTES - FILE_BYTES);
}

/* Of the @mem of a new thread, __libc.tls_size bytes: a table of modules, which
 * only dynamic linking would need; variables; descriptor. */
void *__copy_tls(unsigned char *mem)
{
	uintptr_t end = (uintptr_t)mem + __libc.tls_size - sizeof(struct pthread);
	pthread_t desc = (pthread_t)UK_ALIGN_DOWN(end, TLS_ALIGN);

	desc->dtv = (uintptr_t *)mem;
	desc->dtv[0] = 0;
	copy_image(desc);
	return desc;
}

void musl_tls_init(pthread_t main_thread)
{
	__libc.tls_align = TLS_ALIGN;
	__libc.tls_size = 2 * sizeof(void *) + UK_ALIGN_UP(BYTES, TLS_ALIGN) + TLS_ALIGN +
			  UK_ALIGN_UP(sizeof(struct pthread), 16);
	uk_thread_has_tls = BYTES != 0;
	if (!uk_thread_has_tls)
		return;
	copy_image(main_thread);
	uk_plat_tls_set((uintptr_t)main_thread);
}
