/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The formatter behind every message. One pass over the format, output cut at
 * the end of the buffer while the length goes on counting, as C11 wants it.
 * Deliberately without floating point, wide characters and %n.
 */
#include <uk/print.h>

#include <stdbool.h>
#include <stdint.h>

#define FL_LEFT (1u << 0)
#define FL_PLUS (1u << 1)
#define FL_SPACE (1u << 2)
#define FL_ALT (1u << 3)
#define FL_ZERO (1u << 4)
#define FL_SIGNED (1u << 5)
#define FL_UPPER (1u << 6)

/* 64 bits in octal */
#define MAX_DIGITS 22

struct out {
	char *buf;
	size_t size;
	size_t len;
};

struct spec {
	unsigned int flags;
	int width;
	int precision; /* -1: not given */
	unsigned int arg_bytes;
};

static void put(struct out *o, char c)
{
	if (o->len < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_bytes(struct out *o, const char *s, size_t n)
{
	while (n--)
		put(o, *s++);
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

/* @s within its field of spaces */
static void put_text(struct out *o, const struct spec *sp, const char *s, int n)
{
	if (!(sp->flags & FL_LEFT))
		pad(o, ' ', sp->width - n);
	put_bytes(o, s, (size_t)n);
	if (sp->flags & FL_LEFT)
		pad(o, ' ', sp->width - n);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	int n = 0;

	if (!s)
		s = "(null)";
	while ((sp->precision < 0 || n < sp->precision) && s[n])
		n++;
	put_text(o, sp, s, n);
}

/* Digits of @v, written downwards from @end; none for 0. */
static char *digits(char *end, uint64_t v, unsigned int base, bool is_upper)
{
	const char *set = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";

	/* 64-bit division is a call on 32-bit CPUs: only as long as needed */
	for (; v > UINTPTR_MAX; v /= base)
		*--end = set[v % base];
	for (uintptr_t w = (uintptr_t)v; w; w /= base)
		*--end = set[w % base];
	return end;
}

static const char *prefix_of(const struct spec *sp, unsigned int base, uint64_t v, bool is_neg)
{
	if (sp->flags & FL_SIGNED)
		return is_neg ? "-" : sp->flags & FL_PLUS ? "+" : sp->flags & FL_SPACE ? " " : "";
	if (base == 16 && (sp->flags & FL_ALT) && v)
		return sp->flags & FL_UPPER ? "0X" : "0x";
	return "";
}

static void put_number(struct out *o, const struct spec *sp, uint64_t v, unsigned int base)
{
	bool is_neg = (sp->flags & FL_SIGNED) && (int64_t)v < 0;
	const char *prefix = prefix_of(sp, base, v, is_neg);
	int n_prefix = (prefix[0] != 0) + (prefix[0] && prefix[1]);
	char tmp[MAX_DIGITS];
	char *end = tmp + sizeof(tmp);
	char *p = digits(end, is_neg ? 0 - v : v, base, sp->flags & FL_UPPER);
	int n = (int)(end - p);
	int zeros = (sp->precision < 0 ? 1 : sp->precision) - n;

	if (base == 8 && (sp->flags & FL_ALT) && zeros <= 0)
		zeros = 1;
	if ((sp->flags & (FL_ZERO | FL_LEFT)) == FL_ZERO && sp->precision < 0)
		zeros = UK_MAX(zeros, sp->width - n_prefix - n);
	zeros = UK_MAX(zeros, 0);

	if (!(sp->flags & FL_LEFT))
		pad(o, ' ', sp->width - n_prefix - zeros - n);
	put_bytes(o, prefix, (size_t)n_prefix);
	pad(o, '0', zeros);
	put_bytes(o, p, (size_t)n);
	if (sp->flags & FL_LEFT)
		pad(o, ' ', sp->width - n_prefix - zeros - n);
}

static unsigned int flag_of(char c)
{
	switch (c) {
	case '-':
		return FL_LEFT;
	case '+':
		return FL_PLUS;
	case ' ':
		return FL_SPACE;
	case '#':
		return FL_ALT;
	case '0':
		return FL_ZERO;
	default:
		return 0;
	}
}

static const char *parse_int(const char *f, int *val)
{
	int v = 0;

	for (; *f >= '0' && *f <= '9'; f++)
		v = v < 100000 ? v * 10 + (*f - '0') : v;
	*val = v;
	return f;
}

static const char *parse_length(const char *f, struct spec *sp)
{
	sp->arg_bytes = sizeof(int);
	switch (*f) {
	case 'h':
		sp->arg_bytes = f[1] == 'h' ? sizeof(char) : sizeof(short);
		return f[1] == 'h' ? f + 2 : f + 1;
	case 'l':
		sp->arg_bytes = f[1] == 'l' ? sizeof(long long) : sizeof(long);
		return f[1] == 'l' ? f + 2 : f + 1;
	case 'j':
		sp->arg_bytes = sizeof(intmax_t);
		return f + 1;
	case 'z':
	case 't':
		sp->arg_bytes = sizeof(size_t);
		return f + 1;
	default:
		return f;
	}
}

static uint64_t unsigned_arg(const struct spec *sp, va_list *ap)
{
	switch (sp->arg_bytes) {
	case 1:
		return (unsigned char)va_arg(*ap, unsigned int);
	case 2:
		return (unsigned short)va_arg(*ap, unsigned int);
	case 8:
		return va_arg(*ap, uint64_t);
	default:
		return va_arg(*ap, unsigned int);
	}
}

static uint64_t signed_arg(const struct spec *sp, va_list *ap)
{
	switch (sp->arg_bytes) {
	case 1:
		return (uint64_t)(signed char)va_arg(*ap, int);
	case 2:
		return (uint64_t)(short)va_arg(*ap, int);
	case 8:
		return va_arg(*ap, uint64_t);
	default:
		return (uint64_t)(int64_t)va_arg(*ap, int);
	}
}

/* Everything between '%' and the conversion character */
static const char *parse_spec(const char *f, struct spec *sp, va_list *ap)
{
	unsigned int fl;

	*sp = (struct spec){ .precision = -1 };
	for (; (fl = flag_of(*f)); f++)
		sp->flags |= fl;
	if (*f == '*') {
		sp->width = va_arg(*ap, int);
		if (sp->width < 0) {
			sp->flags |= FL_LEFT;
			sp->width = -sp->width;
		}
		f++;
	} else {
		f = parse_int(f, &sp->width);
	}
	if (*f == '.') {
		if (*++f == '*') {
			sp->precision = va_arg(*ap, int);
			f++;
		} else {
			f = parse_int(f, &sp->precision);
		}
	}
	return parse_length(f, sp);
}

static void convert(struct out *o, struct spec *sp, char conv, va_list *ap)
{
	char c;

	switch (conv) {
	case 'd':
	case 'i':
		sp->flags |= FL_SIGNED;
		put_number(o, sp, signed_arg(sp, ap), 10);
		break;
	case 'u':
		put_number(o, sp, unsigned_arg(sp, ap), 10);
		break;
	case 'o':
		put_number(o, sp, unsigned_arg(sp, ap), 8);
		break;
	case 'X':
		sp->flags |= FL_UPPER;
		put_number(o, sp, unsigned_arg(sp, ap), 16);
		break;
	case 'x':
		put_number(o, sp, unsigned_arg(sp, ap), 16);
		break;
	case 'p':
		sp->flags |= FL_ALT;
		put_number(o, sp, (uintptr_t)va_arg(*ap, void *), 16);
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		put_text(o, sp, &c, 1);
		break;
	case 's':
		put_string(o, sp, va_arg(*ap, const char *));
		break;
	default: /* '%', and what we do not know: shown as it is */
		put(o, conv);
	}
}

int uk_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	/* The last byte of the buffer belongs to the NUL */
	struct out o = { .buf = buf, .size = size ? size - 1 : 0 };
	struct spec sp;
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &sp, &args);
		if (!*fmt)
			break;
		convert(&o, &sp, *fmt++, &args);
	}
	va_end(args);
	if (size)
		buf[UK_MIN(o.len, o.size)] = '\0';
	return (int)o.len;
}

int uk_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = uk_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
