# SPDX-License-Identifier: BSD-3-Clause
#
# What musl's Makefile reads. What is missing here is in glue/ (memory, start
# and end, creation of threads) or has no meaning in an image (dynamic linking,
# vfork).
MALLOC_DIR = none
LIBC_OBJS = $(filter-out $(LEFT_OUT:%=obj/src/%.o),$(filter obj/src/%,$(ALL_OBJS)))
LEFT_OUT = malloc/calloc malloc/free malloc/libc_calloc malloc/lite_malloc malloc/memalign \
	malloc/posix_memalign malloc/realloc malloc/replaced \
	env/__libc_start_main env/__init_tls env/__stack_chk_fail exit/exit exit/_Exit exit/abort \
	ldso/% process/x86_64/vfork thread/__syscall_cp thread/pthread_cancel thread/x86_64/% \
	internal/vdso
