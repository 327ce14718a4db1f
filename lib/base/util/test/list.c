/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/list.h>
#include <uk/test.h>

struct item {
	int n;
	struct uk_list node;
};

static struct item items[4];

static void fill(struct uk_list *head, int from, int to)
{
	uk_list_init(head);
	for (int i = from; i < to; i++) {
		items[i].n = i;
		uk_list_add_tail(head, &items[i].node);
	}
}

/* The numbers in @head as decimal digits: 1, 2, 3 are 123 */
static int as_number(struct uk_list *head)
{
	struct item *it;
	int v = 0;

	UK_LIST_FOREACH(it, head, node)
		v = v * 10 + it->n + 1;
	return v;
}

UK_TEST(list, test_add_front_and_back_keeps_order)
{
	struct uk_list head = UK_LIST_INIT(head);

	UK_EXPECT(uk_list_is_empty(&head));
	fill(&head, 1, 3);
	items[0].n = 0;
	uk_list_add(&head, &items[0].node);
	UK_EXPECT_EQ(as_number(&head), 123);
	UK_EXPECT(UK_LIST_FIRST(&head, struct item, node) == &items[0]);
}

UK_TEST(list, test_del_twice_is_harmless)
{
	struct uk_list head;

	fill(&head, 0, 3);
	uk_list_del(&items[1].node);
	UK_EXPECT(!uk_list_is_linked(&items[1].node));
	uk_list_del(&items[1].node);
	UK_EXPECT_EQ(as_number(&head), 13);
}

UK_TEST(list, test_foreach_safe_allows_removal)
{
	struct item *it, *tmp;
	struct uk_list head;

	fill(&head, 0, 4);
	UK_LIST_FOREACH_SAFE(it, tmp, &head, node)
		if (it->n % 2)
			uk_list_del(&it->node);
	UK_EXPECT_EQ(as_number(&head), 13);
}

UK_TEST(list, test_splice_appends_in_order)
{
	struct uk_list a, b;

	fill(&a, 0, 2);
	fill(&b, 2, 4);
	uk_list_splice_tail(&a, &b);
	UK_EXPECT_EQ(as_number(&a), 1234);
	UK_EXPECT(uk_list_is_empty(&b));
	uk_list_splice_tail(&a, &b);
	UK_EXPECT_EQ(as_number(&a), 1234);
}

UK_TEST(list, test_pop_empties_from_the_front)
{
	struct uk_list head, *n;

	fill(&head, 0, 2);
	n = uk_list_pop(&head);
	UK_EXPECT(n == &items[0].node && !uk_list_is_linked(n));
	UK_EXPECT(uk_list_pop(&head) == &items[1].node);
	UK_EXPECT(!uk_list_pop(&head));
}
