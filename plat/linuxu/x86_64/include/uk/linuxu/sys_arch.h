/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux system calls on x86-64: number in rax, arguments in rdi rsi rdx r10 r8
 * r9; the CPU destroys rcx and r11 (syscall(2)).
 *
 * Rules: those of <uk/linuxu/sys.h>, by which it is included.
 */
#ifndef UK_LINUXU_SYS_ARCH_H
#define UK_LINUXU_SYS_ARCH_H

enum uk_linuxu_nr {
	UK_LINUXU_NR_READ = 0,
	UK_LINUXU_NR_WRITE = 1,
	UK_LINUXU_NR_CLOSE = 3,
	UK_LINUXU_NR_LSEEK = 8,
	UK_LINUXU_NR_MMAP = 9,
	UK_LINUXU_NR_MPROTECT = 10,
	UK_LINUXU_NR_RT_SIGACTION = 13,
	UK_LINUXU_NR_RT_SIGPROCMASK = 14,
	UK_LINUXU_NR_IOCTL = 16,
	UK_LINUXU_NR_READV = 19,
	UK_LINUXU_NR_WRITEV = 20,
	UK_LINUXU_NR_PREAD64 = 17,
	UK_LINUXU_NR_PWRITE64 = 18,
	UK_LINUXU_NR_GETPID = 39,
	UK_LINUXU_NR_SOCKET = 41,
	UK_LINUXU_NR_CONNECT = 42,
	UK_LINUXU_NR_SENDTO = 44,
	UK_LINUXU_NR_RECVFROM = 45,
	UK_LINUXU_NR_SHUTDOWN = 48,
	UK_LINUXU_NR_BIND = 49,
	UK_LINUXU_NR_LISTEN = 50,
	UK_LINUXU_NR_GETSOCKNAME = 51,
	UK_LINUXU_NR_GETPEERNAME = 52,
	UK_LINUXU_NR_SOCKETPAIR = 53,
	UK_LINUXU_NR_SETSOCKOPT = 54,
	UK_LINUXU_NR_GETSOCKOPT = 55,
	UK_LINUXU_NR_KILL = 62,
	UK_LINUXU_NR_FDATASYNC = 75,
	UK_LINUXU_NR_FCHMOD = 91,
	UK_LINUXU_NR_SIGALTSTACK = 131,
	UK_LINUXU_NR_ARCH_PRCTL = 158,
	UK_LINUXU_NR_CLOCK_GETTIME = 228,
	UK_LINUXU_NR_EXIT_GROUP = 231,
	UK_LINUXU_NR_OPENAT = 257,
	UK_LINUXU_NR_UNLINKAT = 263,
	UK_LINUXU_NR_PPOLL = 271,
	UK_LINUXU_NR_FALLOCATE = 285,
	UK_LINUXU_NR_ACCEPT4 = 288,
	UK_LINUXU_NR_SIGNALFD4 = 289,
	UK_LINUXU_NR_PIPE2 = 293,
	UK_LINUXU_NR_STATX = 332,
};

static inline long uk_linuxu_syscall(long nr, long a, long b, long c, long d,
				     long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ __volatile__("syscall"
			     : "+a"(nr)
			     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			       "r"(r9)
			     : "rcx", "r11", "memory", "cc");
	return nr;
}

#endif /* UK_LINUXU_SYS_ARCH_H */
