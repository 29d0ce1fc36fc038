/* The wire and the device: does work, keeps completions back, and hands them over in an order of its own. */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fake csn_fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .random = 1, .work_to_failure = -1, .calls_to_failure = -1 };

uint64_t fake_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint32_t random_below(uint32_t limit)
{
    csn_fake.random ^= csn_fake.random << 13;
    csn_fake.random ^= csn_fake.random >> 7;
    csn_fake.random ^= csn_fake.random << 17;
    return (uint32_t)((csn_fake.random >> 16) % limit);
}

/* ---- Completions ---- */

static void hold_completion(struct fake_qp *qp, int side, struct ibv_wc wc, uint32_t places, bool is_solicited)
{
    struct completion *held = calloc(1, sizeof *held);
    struct completions *list = &qp->held[side];
    uint32_t delay = csn_fake.delay_us > 0 ? random_below((uint32_t)csn_fake.delay_us + 1) : 0;

    wc.qp_num = qp->verbs.qp_num;
    held->wc = wc;
    held->qp = qp;
    held->places = places;
    held->is_solicited = is_solicited;
    held->number = ++csn_fake.completions;
    held->due_us = delay > 0 ? fake_now_us() + delay : 0;
    if (list->first == NULL)
        list->last = &list->first;
    *list->last = held;
    list->last = &held->next;
}

/* Errors free no place and come for every request; success comes only if asked for, and answers for the silent ones before it. */
static void complete_send(struct fake_qp *qp, const struct ibv_send_wr *wr, enum ibv_wc_status status, uint32_t length)
{
    static const enum ibv_wc_opcode opcodes[] = {
        [IBV_WR_RDMA_WRITE] = IBV_WC_RDMA_WRITE, [IBV_WR_RDMA_WRITE_WITH_IMM] = IBV_WC_RDMA_WRITE, [IBV_WR_SEND] = IBV_WC_SEND,
        [IBV_WR_SEND_WITH_IMM] = IBV_WC_SEND, [IBV_WR_RDMA_READ] = IBV_WC_RDMA_READ, [IBV_WR_ATOMIC_CMP_AND_SWP] = IBV_WC_COMP_SWAP,
        [IBV_WR_ATOMIC_FETCH_AND_ADD] = IBV_WC_FETCH_ADD,
    };
    struct ibv_wc wc = { .wr_id = wr->wr_id, .status = status, .opcode = opcodes[wr->opcode], .byte_len = length };

    qp->places_done++;
    if (status == IBV_WC_SUCCESS && (wr->send_flags & IBV_SEND_SIGNALED) == 0)
        return;
    hold_completion(qp, 0, wc, qp->places_done, false);
    qp->places_done = 0;
}

static void pop_send(struct fake_qp *qp)
{
    struct send *send = qp->sends;

    qp->sends = send->next;
    free(send->inlined);
    free(send);
}

static struct receive *pop_receive(struct receives *list)
{
    struct receive *receive = list->first;

    list->first = receive->next;
    list->count--;
    return receive;
}

void csn_fake_break(struct fake_qp *qp)
{
    qp->is_failed = true;
    qp->verbs.state = IBV_QPS_ERR;
    while (qp->sends != NULL) {
        complete_send(qp, &qp->sends->wr, IBV_WC_WR_FLUSH_ERR, 0);
        pop_send(qp);
    }
    while (qp->from == &qp->receives && qp->receives.first != NULL) {
        struct receive *receive = pop_receive(&qp->receives);

        hold_completion(qp, 1, (struct ibv_wc){ .wr_id = receive->id, .status = IBV_WC_WR_FLUSH_ERR, .opcode = IBV_WC_RECV }, 0, false);
        free(receive);
    }
    pthread_cond_broadcast(&csn_fake.moved);
}

/* ---- Work ---- */

static void *local_bytes(const struct fake_qp *qp, const struct ibv_sge *sge)
{
    struct fake_mr *mr = fake_region(sge->lkey);

    return mr != NULL && mr->verbs.pd == qp->verbs.pd && fake_covers(mr, sge->addr, sge->length) ? (void *)(uintptr_t)sge->addr : NULL;
}

static void *remote_bytes(const struct fake_qp *qp, uint32_t key, uint64_t address, uint64_t length, int right)
{
    struct fake_mr *mr = fake_region(key);

    return mr != NULL && mr->verbs.pd == qp->peer->verbs.pd && (mr->access & right) != 0 && fake_covers(mr, address, length) ? (void *)(uintptr_t)address : NULL;
}

static uint32_t total(const struct ibv_sge *sges, int count)
{
    uint32_t sum = 0;

    while (count-- > 0)
        sum += sges[count].length;
    return sum;
}

/* Between the places of a request and one run of bytes; false if a key of ours is wrong. */
static bool copy(const struct fake_qp *qp, struct ibv_sge *sges, int count, uint8_t *run, bool gathers, uint32_t length)
{
    for (int i = 0; i < count && length > 0; i++) {
        uint32_t part = sges[i].length < length ? sges[i].length : length;
        uint8_t *bytes = local_bytes(qp, &sges[i]);

        if (bytes == NULL)
            return false;
        memcpy(gathers ? run : bytes, gathers ? bytes : run, part);
        run += part;
        length -= part;
    }
    return true;
}

static enum ibv_wc_status deliver(struct fake_qp *qp, struct send *send, uint8_t *bytes, uint32_t length)
{
    bool is_write = send->wr.opcode == IBV_WR_RDMA_WRITE_WITH_IMM;
    struct receive *receive = pop_receive(qp->peer->from);
    struct ibv_wc wc = { .wr_id = receive->id, .byte_len = length, .opcode = is_write ? IBV_WC_RECV_RDMA_WITH_IMM : IBV_WC_RECV };
    enum ibv_wc_status status = IBV_WC_SUCCESS;

    if (send->wr.opcode != IBV_WR_SEND) {
        wc.wc_flags = IBV_WC_WITH_IMM;
        wc.imm_data = send->wr.imm_data;
    }
    if (!is_write && total(receive->sges, receive->count) < length) {
        wc.status = IBV_WC_LOC_LEN_ERR;
        status = IBV_WC_REM_INV_REQ_ERR;
    } else if (!is_write && !copy(qp->peer, receive->sges, receive->count, bytes, false, length)) {
        wc.status = IBV_WC_LOC_PROT_ERR;
        status = IBV_WC_REM_OP_ERR;
    }
    free(receive);
    hold_completion(qp->peer, 1, wc, 0, (send->wr.send_flags & IBV_SEND_SOLICITED) != 0);
    if (status != IBV_WC_SUCCESS)
        csn_fake_break(qp->peer);
    return status;
}

static enum ibv_wc_status do_atomic(struct fake_qp *qp, struct send *send)
{
    uint64_t *target = remote_bytes(qp, send->wr.wr.atomic.rkey, send->wr.wr.atomic.remote_addr, 8, IBV_ACCESS_REMOTE_ATOMIC);
    uint64_t before = send->wr.wr.atomic.compare_add;

    if (target == NULL)
        return IBV_WC_REM_ACCESS_ERR;
    if (((uintptr_t)target & 7) != 0)
        return IBV_WC_REM_INV_REQ_ERR;
    if (send->wr.opcode == IBV_WR_ATOMIC_FETCH_AND_ADD)
        before = __atomic_fetch_add(target, before, __ATOMIC_SEQ_CST);
    else
        __atomic_compare_exchange_n(target, &before, send->wr.wr.atomic.swap, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return copy(qp, send->sges, send->wr.num_sge, (uint8_t *)&before, false, 8) ? IBV_WC_SUCCESS : IBV_WC_LOC_PROT_ERR;
}

static enum ibv_wc_status do_work(struct fake_qp *qp, struct send *send, uint32_t length)
{
    uint64_t address = send->wr.wr.rdma.remote_addr;
    uint32_t key = send->wr.wr.rdma.rkey;
    uint8_t *target = NULL;
    uint8_t *run;
    enum ibv_wc_status status = IBV_WC_SUCCESS;

    if (send->wr.opcode == IBV_WR_ATOMIC_CMP_AND_SWP || send->wr.opcode == IBV_WR_ATOMIC_FETCH_AND_ADD)
        return do_atomic(qp, send);
    if (send->wr.opcode == IBV_WR_RDMA_READ) {
        run = length > 0 ? remote_bytes(qp, key, address, length, IBV_ACCESS_REMOTE_READ) : NULL;
        if (length > 0 && run == NULL)
            return IBV_WC_REM_ACCESS_ERR;
        return copy(qp, send->sges, send->wr.num_sge, run, false, length) ? IBV_WC_SUCCESS : IBV_WC_LOC_PROT_ERR;
    }
    run = malloc(length > 0 ? length : 1);
    if (send->inlined != NULL)
        memcpy(run, send->inlined, length);
    else if (!copy(qp, send->sges, send->wr.num_sge, run, true, length))
        status = IBV_WC_LOC_PROT_ERR;
    if (status == IBV_WC_SUCCESS && send->wr.opcode != IBV_WR_SEND && send->wr.opcode != IBV_WR_SEND_WITH_IMM && length > 0) {
        target = remote_bytes(qp, key, address, length, IBV_ACCESS_REMOTE_WRITE);
        if (target == NULL)
            status = IBV_WC_REM_ACCESS_ERR;
        else
            memcpy(target, run, length);
    }
    if (status == IBV_WC_SUCCESS && send->wr.opcode != IBV_WR_RDMA_WRITE)
        status = deliver(qp, send, run, length);
    free(run);
    return status;
}

/* Does the first request of a queue, unless the receiver is not ready. */
static void work(struct fake_qp *qp)
{
    struct send *send = qp->sends;
    uint32_t length = send->inlined != NULL ? send->inlined_length : total(send->sges, send->wr.num_sge);
    bool takes_receive = send->wr.opcode == IBV_WR_SEND || send->wr.opcode == IBV_WR_SEND_WITH_IMM || send->wr.opcode == IBV_WR_RDMA_WRITE_WITH_IMM;
    enum ibv_wc_status status;

    if (csn_fake.work_to_failure == 0)
        status = (enum ibv_wc_status)csn_fake.work_status;
    else if (csn_fake.is_cut || csn_fake.is_removed || qp->peer == NULL || qp->peer->is_failed)
        status = IBV_WC_RETRY_EXC_ERR;
    else if (takes_receive && qp->peer->from->first == NULL) {
        csn_fake.counts.receiver_not_ready++;
        if (qp->rnr_limit == 7 || qp->rnr_tries++ < qp->rnr_limit) {
            qp->not_before_us = fake_now_us() + 100;
            return;
        }
        status = IBV_WC_RNR_RETRY_EXC_ERR;
    } else
        status = do_work(qp, send, length);
    if (csn_fake.work_to_failure >= 0)
        csn_fake.work_to_failure--;
    qp->rnr_tries = 0;
    csn_fake.counts.requests++;
    complete_send(qp, &send->wr, status, length);
    pop_send(qp);
    if (status == IBV_WC_SUCCESS)
        return;
    csn_fake_break(qp);
    if (status == IBV_WC_REM_ACCESS_ERR || status == IBV_WC_REM_INV_REQ_ERR || status == IBV_WC_REM_OP_ERR)
        csn_fake_break(qp->peer); /* who is attacked ends the connection, too */
}

static void hand_over(struct fake_qp *qp, int side)
{
    struct completion *held = qp->held[side].first;

    qp->held[side].first = held->next;
    if (held->number < csn_fake.last_delivered)
        csn_fake.counts.reordered++;
    csn_fake.last_delivered = held->number;
    fake_complete((struct fake_cq *)(side == 0 ? qp->verbs.send_cq : qp->verbs.recv_cq), held);
}

/* Moves one thing, chosen at random among all that can move now. Returns 0, or when to look again: UINT64_MAX if nothing waits for time. */
static uint64_t step(void)
{
    uint64_t now = fake_now_us();
    uint64_t later = UINT64_MAX;
    uint32_t choices = 0;
    struct fake_qp *chosen = NULL;
    int what = 0;

    for (int i = 0; i < csn_fake.qp_count; i++)
        for (int kind = 0; kind < 3; kind++) {
            struct fake_qp *qp = csn_fake.qps[i];
            uint64_t due;

            if (kind == 2 ? qp->sends == NULL || !qp->is_ready : qp->held[kind].first == NULL)
                continue;
            due = kind == 2 ? qp->not_before_us : qp->held[kind].first->due_us;
            if (due > now) {
                later = due < later ? due : later;
                continue;
            }
            if (random_below(++choices) == 0) {
                chosen = qp;
                what = kind;
            }
        }
    if (choices == 0)
        return later;
    if (what == 2)
        work(chosen);
    else
        hand_over(chosen, what);
    return 0;
}

static void *run(void *generation)
{
    pthread_mutex_lock(&csn_fake.lock);
    while (csn_fake.generation == (uintptr_t)generation) {
        uint64_t later = csn_fake.is_held ? UINT64_MAX : step();

        if (later == UINT64_MAX) {
            pthread_cond_wait(&csn_fake.moved, &csn_fake.lock);
        } else if (later != 0) {
            struct timespec until = { .tv_sec = (time_t)(later / 1000000), .tv_nsec = (long)(later % 1000000) * 1000 };

            pthread_cond_timedwait(&csn_fake.moved, &csn_fake.lock, &until);
        }
    }
    pthread_mutex_unlock(&csn_fake.lock);
    return NULL;
}

void fake_start_engine(void)
{
    if (csn_fake.is_running)
        return;
    csn_fake.is_running = pthread_create(&csn_fake.engine, NULL, run, (void *)csn_fake.generation) == 0;
}

/* Called with the lock, which it gives up meanwhile. */
void fake_stop_engine(void)
{
    pthread_t engine = csn_fake.engine;

    if (!csn_fake.is_running)
        return;
    csn_fake.generation++;
    csn_fake.is_running = false;
    pthread_cond_broadcast(&csn_fake.moved);
    pthread_mutex_unlock(&csn_fake.lock);
    pthread_join(engine, NULL);
    pthread_mutex_lock(&csn_fake.lock);
}

/* ---- What tests say ---- */

void (*csn_fake_on_removed)(void);

void csn_fake_reset(uint64_t seed, int32_t delay_us)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.random = seed * 2654435761u + 88172645463325252u;
    csn_fake.delay_us = delay_us;
    csn_fake.work_to_failure = csn_fake.calls_to_failure = -1;
    csn_fake.is_held = csn_fake.is_cut = csn_fake.is_removed = false;
    csn_fake.counts = (csn_fake_counts){ .objects = csn_fake.counts.objects };
    pthread_cond_broadcast(&csn_fake.moved);
    pthread_mutex_unlock(&csn_fake.lock);
}

void csn_fake_fail_call(const char *function, int32_t after, int32_t error)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.call[0] = 0;
    if (function != NULL)
        strncpy(csn_fake.call, function, sizeof csn_fake.call - 1);
    csn_fake.calls_to_failure = after;
    csn_fake.call_error = error;
    pthread_mutex_unlock(&csn_fake.lock);
}

int32_t csn_fake_is_planted(void)
{
    int32_t waits;

    pthread_mutex_lock(&csn_fake.lock);
    waits = csn_fake.calls_to_failure >= 0;
    pthread_mutex_unlock(&csn_fake.lock);
    return waits;
}

bool csn_fake_fails(const char *function)
{
    bool fails = false;

    pthread_mutex_lock(&csn_fake.lock);
    if (csn_fake.calls_to_failure >= 0 && (csn_fake.call[0] == 0 || strcmp(csn_fake.call, function) == 0)) {
        fails = csn_fake.calls_to_failure == 0;
        csn_fake.calls_to_failure--;
    }
    pthread_mutex_unlock(&csn_fake.lock);
    if (fails)
        errno = csn_fake.call_error;
    return fails;
}

void csn_fake_fail_work(int32_t after, int32_t status)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.work_to_failure = after;
    csn_fake.work_status = status;
    pthread_mutex_unlock(&csn_fake.lock);
}

void csn_fake_hold(int32_t held)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.is_held = held != 0;
    pthread_cond_broadcast(&csn_fake.moved);
    pthread_mutex_unlock(&csn_fake.lock);
}

int32_t csn_fake_step(void)
{
    uint64_t later;

    pthread_mutex_lock(&csn_fake.lock);
    later = step();
    pthread_mutex_unlock(&csn_fake.lock);
    return later == 0;
}

void csn_fake_cut(int32_t cut)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.is_cut = cut != 0;
    pthread_mutex_unlock(&csn_fake.lock);
}

void csn_fake_remove(void)
{
    pthread_mutex_lock(&csn_fake.lock);
    csn_fake.is_removed = true;
    for (int i = 0; i < csn_fake.qp_count; i++)
        csn_fake_break(csn_fake.qps[i]);
    fake_async_event(IBV_EVENT_DEVICE_FATAL);
    if (csn_fake_on_removed != NULL)
        csn_fake_on_removed();
    pthread_mutex_unlock(&csn_fake.lock);
}

void csn_fake_count(csn_fake_counts *counts)
{
    pthread_mutex_lock(&csn_fake.lock);
    *counts = csn_fake.counts;
    pthread_mutex_unlock(&csn_fake.lock);
}
