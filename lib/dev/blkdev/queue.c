/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests on their way through a device. A request waits until all of it was
 * cut into commands; a command is idle, busy, or waits to be started again. A
 * request is done when it is cut, or one of its commands has failed, and none is
 * left under way.
 */
#include <uk/blkdev_queue.h>

#include <errno.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/util.h>

#include "blkdev_priv.h"

/* ---- The end of commands and requests ---- */

static void end_request(struct uk_blk_req *req, int err)
{
	if (err && !req->err) {
		req->err = err;
		uk_list_del(&req->node);	/* nothing more is cut from it */
	}
	if (req->n_parts || uk_list_is_linked(&req->node))
		return;
	if (req->op == UK_BLK_FLUSH)
		req->err = blkdev_judge_flush(req, req->err);
	req->done(req, req->err);
}

/* One line a second says enough of a disk that is dying. */
static void tell(struct uk_blk_queue *q, const struct uk_blk_cmd *cmd, int err)
{
	static const char *const names[] = {
		[UK_BLK_READ] = "read", [UK_BLK_WRITE] = "write", [UK_BLK_FLUSH] = "flush",
		[UK_BLK_DISCARD] = "discard", [UK_BLK_ZERO] = "zeroing",
	};
	uint64_t now = uk_plat_mono_ns();

	if (now < q->next_tell_ns)
		return;
	q->next_tell_ns = now + UK_NSEC_PER_SEC;
	uk_pr_warn("blkdev: %s: %s of %llu sectors from %llu has failed (%d)\n",
		   cmd->req->dev->name, names[cmd->req->op], (unsigned long long)cmd->n_sectors,
		   (unsigned long long)cmd->sector, err);
}

/* A disk may take long over a discard, and somebody may ask for many, or for all of a disk's
 * sectors: one command at a time, so that others find it free. */
static bool is_slow(const struct uk_blk_req *req)
{
	return req->op == UK_BLK_DISCARD || req->op == UK_BLK_ZERO;
}

void uk_blk_queue_done(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, int err)
{
	struct uk_blk_req *req = cmd->req;

	if (err)
		tell(q, cmd, err);
	else
		blkdev_note_written(req);
	uk_list_del(&cmd->node);
	cmd->is_started = false;
	uk_list_add(&q->idle, &cmd->node);
	q->n_slow -= is_slow(req);
	req->n_parts--;
	end_request(req, err);
}

struct uk_blk_cmd *uk_blk_queue_find(struct uk_blk_queue *q, unsigned int index)
{
	return index < q->n_cmds && q->cmds[index].is_started ? &q->cmds[index] : NULL;
}

/* ---- Starting ---- */

static void watch_over(struct uk_blk_queue *q, struct uk_blk_cmd *cmd)
{
	cmd->deadline_ns = uk_plat_mono_ns() + q->timeout_ns;
	if (!uk_timer_is_armed(&q->timer))
		uk_timer_start(&q->timer, cmd->deadline_ns);
}

/* The oldest that may be begun or gone on with. @return NULL: there is none. */
static struct uk_blk_req *next_req(struct uk_blk_queue *q)
{
	struct uk_blk_req *req;

	UK_LIST_FOREACH(req, &q->waiting, node)
		if (!is_slow(req) || !q->n_slow)
			return req;
	return NULL;
}

/* The next command to start, off its list. */
static struct uk_blk_cmd *next_cmd(struct uk_blk_queue *q, unsigned int *n_segs)
{
	struct uk_blk_cmd *cmd = UK_LIST_FIRST(&q->again, struct uk_blk_cmd, node);
	struct uk_blk_req *req;

	if (cmd) {
		*n_segs = 0;
		if (blkdev_has_data(cmd->req))
			blkdev_collect(q, cmd->req, cmd->first_sg, cmd->first_offset,
				(uint32_t)cmd->n_sectors * UK_BLK_SECTOR, n_segs);
		uk_list_del(&cmd->node);
		return cmd;
	}
	req = next_req(q);
	if (!req || uk_list_is_empty(&q->idle))
		return NULL;
	cmd = UK_LIST_ENTRY(uk_list_pop(&q->idle), struct uk_blk_cmd, node);
	q->n_slow += is_slow(req);
	if (blkdev_cut(q, req, cmd, n_segs)) {
		uk_list_del(&req->node);
	} else if (is_slow(req)) {
		/* Another one's turn */
		uk_list_del(&req->node);
		uk_list_add_tail(&q->waiting, &req->node);
	}
	return cmd;
}

static bool start_next(struct uk_blk_queue *q)
{
	unsigned int n_segs;
	struct uk_blk_cmd *cmd = next_cmd(q, &n_segs);
	int err;

	if (!cmd)
		return false;
	err = q->ops->start(q, cmd, q->segs, n_segs);
	if (err == -EAGAIN) {
		uk_list_add(&q->again, &cmd->node);
		return false;
	}
	if (err) {
		uk_blk_queue_done(q, cmd, err);
		return true;
	}
	cmd->is_started = true;
	watch_over(q, cmd);
	uk_list_add_tail(&q->busy, &cmd->node);
	return true;
}

void uk_blk_queue_run(struct uk_blk_queue *q)
{
	bool has_started = false;

	/* A done() that submits is served by the loop that called it */
	if (q->is_running || q->is_stopped)
		return;
	q->is_running = true;
	while (!q->is_stopped && start_next(q))
		has_started = true;
	q->is_running = false;
	if (has_started)
		q->ops->kick(q);
}

static int refuse(const struct uk_blk_queue *q, const struct uk_blkdev *dev,
		  const struct uk_blk_req *req)
{
	if (q->dead)
		return q->dead;
	return (req->op == UK_BLK_DISCARD && !dev->info.can_discard) ||
			       (req->op == UK_BLK_ZERO && !dev->info.can_zero) ? -EOPNOTSUPP : 0;
}

static bool is_empty(const struct uk_blkdev *dev, const struct uk_blk_req *req)
{
	if (req->op == UK_BLK_FLUSH)
		return !dev->info.can_flush;
	return blkdev_has_data(req) ? !req->n_sg : !req->n_sectors;
}

void uk_blk_queue_submit(struct uk_blk_queue *q, struct uk_blkdev *dev, struct uk_blk_req *req)
{
	int err = refuse(q, dev, req);

	blkdev_begin_flush(req);
	if (err || is_empty(dev, req)) {
		req->done(req, err || req->op != UK_BLK_FLUSH ? err : blkdev_judge_flush(req, 0));
		return;
	}
	req->dev = dev;
	req->n_parts = 0;
	req->next_sg = 0;
	req->next_offset = 0;
	req->n_cut = 0;
	req->err = 0;
	uk_list_add_tail(&q->waiting, &req->node);
	uk_blk_queue_run(q);
}

/* ---- When something goes wrong ---- */

static void on_timer(struct uk_timer *t)
{
	struct uk_blk_queue *q = UK_CONTAINER_OF(t, struct uk_blk_queue, timer);
	struct uk_blk_cmd *oldest = UK_LIST_FIRST(&q->busy, struct uk_blk_cmd, node);
	uint64_t now = uk_plat_mono_ns();

	if (!oldest)
		return;
	if (oldest->deadline_ns > now) {
		uk_timer_start(t, oldest->deadline_ns);
		return;
	}
	uk_timer_start(t, now + q->timeout_ns);
	q->ops->stuck(q);
}

void uk_blk_queue_stop(struct uk_blk_queue *q)
{
	q->is_stopped = true;
}

void uk_blk_queue_again(struct uk_blk_queue *q)
{
	struct uk_list late = UK_LIST_INIT(late), *node;
	uint64_t now = uk_plat_mono_ns();
	struct uk_blk_cmd *cmd, *next;

	UK_LIST_FOREACH_SAFE(cmd, next, &q->busy, node) {
		cmd->is_started = false;
		if (cmd->deadline_ns > now || ++cmd->n_expired < q->max_expired)
			continue;
		uk_list_del(&cmd->node);
		uk_list_add_tail(&late, &cmd->node);
	}
	/* Before what waited for room already */
	uk_list_splice_tail(&q->busy, &q->again);
	uk_list_splice_tail(&q->again, &q->busy);
	while ((node = uk_list_pop(&late)))
		uk_blk_queue_done(q, UK_LIST_ENTRY(node, struct uk_blk_cmd, node), -ETIMEDOUT);
	q->is_stopped = false;
	uk_blk_queue_run(q);
}

bool uk_blk_queue_is_late(struct uk_blk_queue *q)
{
	struct uk_blk_cmd *oldest = UK_LIST_FIRST(&q->busy, struct uk_blk_cmd, node);

	if (!oldest)
		return false;
	if (oldest->deadline_ns <= uk_plat_mono_ns())
		return true;
	uk_timer_start(&q->timer, oldest->deadline_ns);
	return false;
}

static void fail_all(struct uk_blk_queue *q, struct uk_list *cmds, int err)
{
	struct uk_blk_cmd *cmd;

	while ((cmd = UK_LIST_FIRST(cmds, struct uk_blk_cmd, node)))
		uk_blk_queue_done(q, cmd, err);
}

void uk_blk_queue_kill(struct uk_blk_queue *q, int err)
{
	q->dead = err;
	fail_all(q, &q->busy, err);
	uk_blk_queue_abandon(q, err);
}

void uk_blk_queue_abandon(struct uk_blk_queue *q, int err)
{
	struct uk_blk_req *req;

	q->dead = err;
	fail_all(q, &q->again, err);
	while ((req = UK_LIST_FIRST(&q->waiting, struct uk_blk_req, node)))
		end_request(req, err);
}

int uk_blk_queue_init(struct uk_blk_queue *q, const struct uk_blk_queue_ops *ops,
		      unsigned int n_cmds, unsigned int max_segs)
{
	*q = (struct uk_blk_queue) {
		.ops = ops, .n_cmds = n_cmds, .max_segs = max_segs,
		.max_discard_sectors = UINT64_MAX, .max_zero_sectors = UINT64_MAX,
	};
	q->cmds = uk_calloc(n_cmds, sizeof(*q->cmds));
	q->segs = uk_calloc(max_segs, sizeof(*q->segs));
	if (!q->cmds || !q->segs) {
		uk_free(q->cmds);
		uk_free(q->segs);
		return -ENOMEM;
	}
	uk_list_init(&q->waiting);
	uk_list_init(&q->again);
	uk_list_init(&q->busy);
	uk_list_init(&q->idle);
	for (unsigned int i = 0; i < n_cmds; i++)
		uk_list_add_tail(&q->idle, &q->cmds[i].node);
	uk_timer_init(&q->timer, on_timer);
	return 0;
}

void uk_blk_queue_free(struct uk_blk_queue *q)
{
	uk_timer_stop(&q->timer);
	uk_free(q->cmds);
	uk_free(q->segs);
}
