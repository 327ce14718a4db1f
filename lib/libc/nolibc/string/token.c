/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of characters, and words between them. */
#include <string.h>

#include <stdbool.h>

/* Length of the part of @s whose characters are, or are not, in @set. */
static size_t span(const char *s, const char *set, bool is_in)
{
	size_t n = 0;

	while (s[n] && (strchr(set, s[n]) != NULL) == is_in)
		n++;
	return n;
}

size_t strspn(const char *s, const char *accept)
{
	return span(s, accept, true);
}

size_t strcspn(const char *s, const char *reject)
{
	return span(s, reject, false);
}

char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *strsep(char **s, const char *delim)
{
	char *word = *s, *end;

	if (!word)
		return NULL;
	end = strpbrk(word, delim);
	*s = end;
	if (end) {
		*end = '\0';
		*s = end + 1;
	}
	return word;
}

char *strtok_r(char *restrict s, const char *restrict delim,
	       char **restrict save)
{
	if (!s)
		s = *save;
	if (!s)
		return NULL;
	s += strspn(s, delim);
	*save = s;
	return *s ? strsep(save, delim) : NULL;
}

char *strtok(char *restrict s, const char *restrict delim)
{
	static char *save;

	return strtok_r(s, delim, &save);
}
