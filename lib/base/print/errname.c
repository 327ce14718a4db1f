/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of error numbers (the generic Linux numbering, which our errno.h
 * follows): one string of records, each the number in one byte and the name.
 */
#include <uk/print.h>

#include <string.h>

static const char names[] =
	"\x01" "EPERM\0"
	"\x02" "ENOENT\0"
	"\x04" "EINTR\0"
	"\x05" "EIO\0"
	"\x06" "ENXIO\0"
	"\x07" "E2BIG\0"
	"\x09" "EBADF\0"
	"\x0b" "EAGAIN\0"
	"\x0c" "ENOMEM\0"
	"\x0d" "EACCES\0"
	"\x0e" "EFAULT\0"
	"\x10" "EBUSY\0"
	"\x11" "EEXIST\0"
	"\x12" "EXDEV\0"
	"\x13" "ENODEV\0"
	"\x14" "ENOTDIR\0"
	"\x15" "EISDIR\0"
	"\x16" "EINVAL\0"
	"\x17" "ENFILE\0"
	"\x18" "EMFILE\0"
	"\x19" "ENOTTY\0"
	"\x1b" "EFBIG\0"
	"\x1c" "ENOSPC\0"
	"\x1d" "ESPIPE\0"
	"\x1e" "EROFS\0"
	"\x20" "EPIPE\0"
	"\x21" "EDOM\0"
	"\x22" "ERANGE\0"
	"\x23" "EDEADLK\0"
	"\x24" "ENAMETOOLONG\0"
	"\x26" "ENOSYS\0"
	"\x27" "ENOTEMPTY\0"
	"\x28" "ELOOP\0"
	"\x3d" "ENODATA\0"
	"\x3e" "ETIME\0"
	"\x47" "EPROTO\0"
	"\x4a" "EBADMSG\0"
	"\x4b" "EOVERFLOW\0"
	"\x54" "EILSEQ\0"
	"\x5a" "EMSGSIZE\0"
	"\x5f" "EOPNOTSUPP\0"
	"\x62" "EADDRINUSE\0"
	"\x63" "EADDRNOTAVAIL\0"
	"\x64" "ENETDOWN\0"
	"\x65" "ENETUNREACH\0"
	"\x67" "ECONNABORTED\0"
	"\x68" "ECONNRESET\0"
	"\x69" "ENOBUFS\0"
	"\x6a" "EISCONN\0"
	"\x6b" "ENOTCONN\0"
	"\x6c" "ESHUTDOWN\0"
	"\x6e" "ETIMEDOUT\0"
	"\x6f" "ECONNREFUSED\0"
	"\x71" "EHOSTUNREACH\0"
	"\x72" "EALREADY\0"
	"\x73" "EINPROGRESS\0"
	"\x74" "ESTALE\0"
	"\x7d" "ECANCELED\0";

const char *uk_errname(int err)
{
	static char number[12];
	unsigned int e = err < 0 ? 0u - (unsigned int)err : (unsigned int)err;

	if (IS_ENABLED(CONFIG_LIBPRINT_ERRNAMES)) {
		for (const char *p = names; *p; p += strlen(p) + 1)
			if ((unsigned char)*p == e)
				return p + 1;
	}
	uk_snprintf(number, sizeof(number), "E%u", e);
	return number;
}
