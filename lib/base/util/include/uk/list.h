/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intrusive doubly linked list.
 *
 * Rules
 * - A node is in at most one list; uk_list_del() leaves it self-linked, so
 *   uk_list_is_linked() tells and a second uk_list_del() is harmless.
 * - A static node or head starts with UK_LIST_INIT(name).
 */
#ifndef UK_LIST_H
#define UK_LIST_H

#include <stdbool.h>

#include <uk/util.h>

struct uk_list {
	struct uk_list *next;
	struct uk_list *prev;
};

#define UK_LIST_INIT(name) { .next = &(name), .prev = &(name) }

static inline void uk_list_init(struct uk_list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool uk_list_is_empty(const struct uk_list *head)
{
	return head->next == head;
}

static inline bool uk_list_is_linked(const struct uk_list *node)
{
	return node->next != node;
}

static inline void uk_list_insert_(struct uk_list *node, struct uk_list *prev,
				   struct uk_list *next)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

/** Insert @node at the front, or right after another node. */
static inline void uk_list_add(struct uk_list *head, struct uk_list *node)
{
	uk_list_insert_(node, head, head->next);
}

/** Insert @node at the end, or right before another node. */
static inline void uk_list_add_tail(struct uk_list *head, struct uk_list *node)
{
	uk_list_insert_(node, head->prev, head);
}

static inline void uk_list_del(struct uk_list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	uk_list_init(node);
}

/** Append all of @from to @head; @from is empty afterwards. */
static inline void uk_list_splice_tail(struct uk_list *head,
				       struct uk_list *from)
{
	if (uk_list_is_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	uk_list_init(from);
}

#define UK_LIST_ENTRY(node, type, member) UK_CONTAINER_OF(node, type, member)

/** First entry, or NULL. */
#define UK_LIST_FIRST(head, type, member)				\
	(uk_list_is_empty(head) ? NULL					\
				: UK_LIST_ENTRY((head)->next, type, member))

/** Remove and return the first node, or NULL. */
static inline struct uk_list *uk_list_pop(struct uk_list *head)
{
	struct uk_list *n = head->next;

	if (n == head)
		return NULL;
	uk_list_del(n);
	return n;
}

#define UK_LIST_FOREACH(it, head, member)				\
	for (it = UK_LIST_ENTRY((head)->next, __typeof__(*it), member);	\
	     &it->member != (head);					\
	     it = UK_LIST_ENTRY(it->member.next, __typeof__(*it), member))

/** As UK_LIST_FOREACH, and @it may be removed or freed in the body. */
#define UK_LIST_FOREACH_SAFE(it, tmp, head, member)			\
	for (it = UK_LIST_ENTRY((head)->next, __typeof__(*it), member),	\
	     tmp = UK_LIST_ENTRY(it->member.next, __typeof__(*it), member); \
	     &it->member != (head);					\
	     it = tmp,							\
	     tmp = UK_LIST_ENTRY(it->member.next, __typeof__(*it), member))

#endif /* UK_LIST_H */
