/* SPDX-License-Identifier: BSD-3-Clause */
/* The system calls a library may implement: name and number of arguments, as
 * on Linux. Define UK_CALL(name, n_args) and include this; the macro is gone
 * afterwards. */

/* Descriptors */
UK_CALL(read, 3) UK_CALL(write, 3) UK_CALL(readv, 3) UK_CALL(writev, 3)
UK_CALL(pread64, 4) UK_CALL(pwrite64, 4) UK_CALL(preadv, 5) UK_CALL(pwritev, 5)
UK_CALL(lseek, 3) UK_CALL(close, 1) UK_CALL(dup, 1) UK_CALL(dup2, 2) UK_CALL(dup3, 3)
UK_CALL(fcntl, 3) UK_CALL(ioctl, 3) UK_CALL(flock, 2) UK_CALL(fstat, 2)
UK_CALL(fsync, 1) UK_CALL(fdatasync, 1) UK_CALL(ftruncate, 2) UK_CALL(fallocate, 4)
UK_CALL(fadvise64, 4) UK_CALL(sendfile, 4) UK_CALL(getdents64, 3) UK_CALL(sync, 0)

/* Waiting for descriptors */
UK_CALL(poll, 3) UK_CALL(ppoll, 5) UK_CALL(select, 5) UK_CALL(pselect6, 6)
UK_CALL(epoll_create, 1) UK_CALL(epoll_create1, 1) UK_CALL(epoll_ctl, 4)
UK_CALL(epoll_wait, 4) UK_CALL(epoll_pwait, 6)

/* Descriptors that are no files */
UK_CALL(pipe, 1) UK_CALL(pipe2, 2) UK_CALL(eventfd, 1) UK_CALL(eventfd2, 2)
UK_CALL(timerfd_create, 2) UK_CALL(timerfd_settime, 4) UK_CALL(timerfd_gettime, 2)
UK_CALL(signalfd, 3) UK_CALL(signalfd4, 4) UK_CALL(memfd_create, 2)

/* Names of files */
UK_CALL(open, 3) UK_CALL(openat, 4) UK_CALL(creat, 2) UK_CALL(stat, 2) UK_CALL(lstat, 2)
UK_CALL(newfstatat, 4) UK_CALL(statx, 5) UK_CALL(access, 2) UK_CALL(faccessat, 3)
UK_CALL(faccessat2, 4) UK_CALL(truncate, 2) UK_CALL(rename, 2) UK_CALL(renameat, 4)
UK_CALL(renameat2, 5) UK_CALL(mkdir, 2) UK_CALL(mkdirat, 3) UK_CALL(rmdir, 1) UK_CALL(link, 2)
UK_CALL(linkat, 5) UK_CALL(unlink, 1) UK_CALL(unlinkat, 3) UK_CALL(symlink, 2)
UK_CALL(symlinkat, 3) UK_CALL(readlink, 3) UK_CALL(readlinkat, 4) UK_CALL(mknod, 3)
UK_CALL(mknodat, 4) UK_CALL(chmod, 2) UK_CALL(fchmod, 2) UK_CALL(fchmodat, 3)
UK_CALL(chown, 3) UK_CALL(fchown, 3) UK_CALL(lchown, 3) UK_CALL(fchownat, 5)
UK_CALL(utimensat, 4) UK_CALL(chdir, 1) UK_CALL(fchdir, 1) UK_CALL(getcwd, 2)
UK_CALL(statfs, 2) UK_CALL(fstatfs, 2) UK_CALL(umask, 1)

/* Memory */
UK_CALL(mmap, 6) UK_CALL(munmap, 2) UK_CALL(mremap, 5) UK_CALL(mprotect, 3)
UK_CALL(madvise, 3) UK_CALL(msync, 3) UK_CALL(mincore, 3) UK_CALL(brk, 1)
UK_CALL(mlock, 2) UK_CALL(munlock, 2) UK_CALL(mlockall, 1) UK_CALL(munlockall, 0)

/* Time */
UK_CALL(clock_gettime, 2) UK_CALL(clock_settime, 2) UK_CALL(clock_getres, 2)
UK_CALL(clock_nanosleep, 4) UK_CALL(nanosleep, 2) UK_CALL(gettimeofday, 2) UK_CALL(time, 1)
UK_CALL(times, 1) UK_CALL(alarm, 1) UK_CALL(getitimer, 2) UK_CALL(setitimer, 3)

/* Threads */
UK_CALL(futex, 6) UK_CALL(sched_yield, 0) UK_CALL(gettid, 0) UK_CALL(set_tid_address, 1)
UK_CALL(exit, 1) UK_CALL(tkill, 2) UK_CALL(tgkill, 3) UK_CALL(set_robust_list, 2)
UK_CALL(membarrier, 3) UK_CALL(getcpu, 3) UK_CALL(sched_getaffinity, 3)
UK_CALL(sched_setaffinity, 3) UK_CALL(arch_prctl, 2)

/* Signals */
UK_CALL(rt_sigaction, 4) UK_CALL(rt_sigprocmask, 4) UK_CALL(rt_sigpending, 2)
UK_CALL(rt_sigsuspend, 2) UK_CALL(rt_sigtimedwait, 4) UK_CALL(sigaltstack, 2)
UK_CALL(kill, 2) UK_CALL(pause, 0)

/* The process */
UK_CALL(getpid, 0) UK_CALL(getppid, 0) UK_CALL(getpgrp, 0) UK_CALL(getpgid, 1)
UK_CALL(setpgid, 2) UK_CALL(getsid, 1) UK_CALL(setsid, 0) UK_CALL(getuid, 0)
UK_CALL(geteuid, 0) UK_CALL(getgid, 0) UK_CALL(getegid, 0) UK_CALL(setuid, 1)
UK_CALL(setgid, 1) UK_CALL(setreuid, 2) UK_CALL(setregid, 2) UK_CALL(setresuid, 3)
UK_CALL(setresgid, 3) UK_CALL(getresuid, 3) UK_CALL(getresgid, 3) UK_CALL(getgroups, 2)
UK_CALL(setgroups, 2) UK_CALL(exit_group, 1) UK_CALL(clone, 5) UK_CALL(fork, 0)
UK_CALL(vfork, 0) UK_CALL(execve, 3) UK_CALL(wait4, 4) UK_CALL(waitid, 5) UK_CALL(uname, 1)
UK_CALL(sysinfo, 1) UK_CALL(getrlimit, 2) UK_CALL(setrlimit, 2) UK_CALL(prlimit64, 4)
UK_CALL(getrusage, 2) UK_CALL(getpriority, 2) UK_CALL(setpriority, 3) UK_CALL(prctl, 5)
UK_CALL(getrandom, 3) UK_CALL(syslog, 3) UK_CALL(reboot, 4) UK_CALL(sethostname, 2)

/* Sockets */
UK_CALL(socket, 3) UK_CALL(socketpair, 4) UK_CALL(bind, 3) UK_CALL(listen, 2)
UK_CALL(accept, 3) UK_CALL(accept4, 4) UK_CALL(connect, 3) UK_CALL(shutdown, 2)
UK_CALL(sendto, 6) UK_CALL(recvfrom, 6) UK_CALL(sendmsg, 3) UK_CALL(recvmsg, 3)
UK_CALL(sendmmsg, 4) UK_CALL(recvmmsg, 5) UK_CALL(getsockname, 3) UK_CALL(getpeername, 3)
UK_CALL(setsockopt, 5) UK_CALL(getsockopt, 5)

#undef UK_CALL
