/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux system calls on ARM (EABI): number in r7, arguments in r0 to r5
 * (syscall(2)). Calls that take a time are the ones with 64-bit seconds; mmap
 * is mmap2, whose offset counts pages.
 *
 * Rules: those of <uk/linuxu/sys.h>, by which it is included.
 */
#ifndef UK_LINUXU_SYS_ARCH_H
#define UK_LINUXU_SYS_ARCH_H

enum uk_linuxu_nr {
	UK_LINUXU_NR_READ = 3,
	UK_LINUXU_NR_WRITE = 4,
	UK_LINUXU_NR_CLOSE = 6,
	UK_LINUXU_NR_LSEEK = 19,
	UK_LINUXU_NR_GETPID = 20,
	UK_LINUXU_NR_KILL = 37,
	UK_LINUXU_NR_IOCTL = 54,
	UK_LINUXU_NR_MPROTECT = 125,
	UK_LINUXU_NR_READV = 145,
	UK_LINUXU_NR_WRITEV = 146,
	UK_LINUXU_NR_RT_SIGACTION = 174,
	UK_LINUXU_NR_RT_SIGPROCMASK = 175,
	UK_LINUXU_NR_SIGALTSTACK = 186,
	UK_LINUXU_NR_MMAP = 192,		/* mmap2 */
	UK_LINUXU_NR_EXIT_GROUP = 248,
	UK_LINUXU_NR_SOCKET = 281,
	UK_LINUXU_NR_OPENAT = 322,
	UK_LINUXU_NR_SIGNALFD4 = 355,
	UK_LINUXU_NR_PIPE2 = 359,
	UK_LINUXU_NR_CLOCK_GETTIME = 403,	/* clock_gettime64 */
	UK_LINUXU_NR_PPOLL = 414,		/* ppoll_time64 */
};

static inline long uk_linuxu_syscall(long nr, long a, long b, long c, long d,
				     long e, long f)
{
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;

	__asm__ __volatile__("svc #0"
			     : "+r"(r0)
			     : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4),
			       "r"(r5)
			     : "memory", "cc");
	return r0;
}

#endif /* UK_LINUXU_SYS_ARCH_H */
