/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux system calls on arm64: number in x8, arguments in x0 to x5
 * (syscall(2)); numbers of asm-generic/unistd.h.
 *
 * Rules: those of <uk/linuxu/sys.h>, by which it is included.
 */
#ifndef UK_LINUXU_SYS_ARCH_H
#define UK_LINUXU_SYS_ARCH_H

enum uk_linuxu_nr {
	UK_LINUXU_NR_IOCTL = 29,
	UK_LINUXU_NR_OPENAT = 56,
	UK_LINUXU_NR_CLOSE = 57,
	UK_LINUXU_NR_PIPE2 = 59,
	UK_LINUXU_NR_LSEEK = 62,
	UK_LINUXU_NR_READ = 63,
	UK_LINUXU_NR_WRITE = 64,
	UK_LINUXU_NR_READV = 65,
	UK_LINUXU_NR_WRITEV = 66,
	UK_LINUXU_NR_PPOLL = 73,
	UK_LINUXU_NR_SIGNALFD4 = 74,
	UK_LINUXU_NR_EXIT_GROUP = 94,
	UK_LINUXU_NR_CLOCK_GETTIME = 113,
	UK_LINUXU_NR_KILL = 129,
	UK_LINUXU_NR_SIGALTSTACK = 132,
	UK_LINUXU_NR_RT_SIGACTION = 134,
	UK_LINUXU_NR_RT_SIGPROCMASK = 135,
	UK_LINUXU_NR_GETPID = 172,
	UK_LINUXU_NR_SOCKET = 198,
	UK_LINUXU_NR_MMAP = 222,
	UK_LINUXU_NR_MPROTECT = 226,
};

static inline long uk_linuxu_syscall(long nr, long a, long b, long c, long d,
				     long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ __volatile__("svc #0"
			     : "+r"(x0)
			     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4),
			       "r"(x5)
			     : "memory", "cc");
	return x0;
}

#endif /* UK_LINUXU_SYS_ARCH_H */
