#define _DEFAULT_SOURCE
#include "rdma_pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int failures;

void check(int condition, const char *text, const char *file, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    failures++;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct pair_options pair_defaults(void)
{
    return (struct pair_options){ .address = { .family = 4, .bytes = { 127, 0, 0, 1 } }, .receives = RECEIVES, .inline_bytes = 64, .rnr_retries = 7 };
}

int32_t next_event(csn_cm *cm, csn_cm_event *event)
{
    int32_t descriptor = csn_cm_descriptor(cm);
    int64_t deadline = now_ms() + PATIENCE_MS;

    for (;;) {
        int32_t taken = csn_cm_take(cm, event);

        if (taken < 0)
            return taken;
        if (taken == 1 && event->kind != CSN_CM_TIMEWAIT_OVER)
            return 0;
        if (now_ms() > deadline)
            return -ETIMEDOUT;
        if (taken == 0)
            csn_wait(&descriptor, 1, 100);
    }
}

int32_t next_wc(struct end *end, csn_wc *wc)
{
    int32_t descriptor = csn_cq_descriptor(end->cq);
    int64_t deadline = now_ms() + PATIENCE_MS;

    for (;;) {
        int32_t taken = csn_cq_poll(end->cq, wc, 1);

        if (taken != 0)
            return taken < 0 ? taken : 0;
        if (now_ms() > deadline)
            return -ETIMEDOUT;
        csn_cq_arm(end->cq, 0);
        taken = csn_cq_poll(end->cq, wc, 1);
        if (taken != 0)
            return taken < 0 ? taken : 0;
        csn_wait(&descriptor, 1, 100);
        csn_cq_take(end->cq);
    }
}

int32_t post_receive(struct end *end, uint64_t id)
{
    csn_receive receive = { .id = id, .local = { end->region.address + id * 256, 256, end->region.local_key } };

    return end->srq != NULL ? csn_srq_post_receive(end->srq, &receive, 1) : csn_qp_post_receive(end->qp, &receive, 1);
}

csn_wr request(const struct end *from, const struct end *to, uint32_t opcode, uint32_t length)
{
    return (csn_wr){
        .opcode = opcode,
        .flags = CSN_WR_SIGNALED,
        .local = { from->region.address + MEMORY / 2, length, from->region.local_key },
        .remote_address = to->region.address + MEMORY / 2,
        .remote_key = to->region.remote_key,
    };
}

int32_t do_request(struct end *end, csn_wr wr)
{
    csn_wc wc = { .status = -1 };

    wr.flags |= CSN_WR_SIGNALED;
    wr.id = REQUEST_ID;
    CHECK(csn_qp_post(end->qp, &wr, 1) == 1);
    /* When the connection ends, receives may be flushed before the request that ended it is heard of. */
    do
        CHECK(next_wc(end, &wc) == 0);
    while (wc.id != REQUEST_ID && wc.status == CSN_WC_FLUSHED);
    CHECK(wc.id == REQUEST_ID);
    return wc.status;
}

int64_t objects(void)
{
    csn_live live;

    csn_rdma_live(&live);
    CHECK(live.mrs > 0 || live.mr_bytes == 0);
    return live.devices + live.pds + live.mrs + live.cqs + live.srqs + live.cms + live.ids + live.qps;
}

static void end_close(struct end *end)
{
    if (end->qp != NULL)
        csn_qp_destroy(end->qp);
    if (end->srq != NULL)
        csn_srq_destroy(end->srq);
    if (end->mr != NULL)
        csn_mr_destroy(end->mr);
    if (end->cq != NULL)
        csn_cq_destroy(end->cq);
    if (end->pd != NULL)
        csn_pd_destroy(end->pd);
    if (end->device != NULL)
        csn_device_close(end->device);
    if (end->id != NULL)
        csn_id_destroy(end->id);
    free(end->memory);
}

/* All but the connection, once the id knows its device. */
static int32_t end_open(struct end *end, const struct pair_options *options)
{
    const uint32_t access = CSN_ACCESS_LOCAL_WRITE | CSN_ACCESS_REMOTE_WRITE | CSN_ACCESS_REMOTE_READ | CSN_ACCESS_REMOTE_ATOMIC;
    int32_t status = csn_id_device(end->id, &end->device);
    int i;

    end->memory = aligned_alloc(4096, MEMORY);
    memset(end->memory, 0, MEMORY);
    end->limits = (csn_qp_limits){ DEPTH, RECEIVES, 4, 1, (uint32_t)options->inline_bytes };
    if (status == 0)
        status = csn_pd_create(end->device, &end->pd);
    if (status == 0)
        status = csn_cq_create(end->device, 2 * DEPTH, &end->cq);
    if (status == 0)
        status = csn_mr_create(end->pd, end->memory, MEMORY, access, &end->mr);
    if (status == 0)
        status = csn_mr_query(end->mr, &end->region);
    if (status == 0 && options->use_srq)
        status = csn_srq_create(end->pd, RECEIVES, 1, &end->srq);
    if (status == 0)
        status = csn_qp_create(end->id, end->pd, end->cq, end->cq, end->srq, &end->limits, &end->qp);
    for (i = 0; i < options->receives && status == 0; i++)
        status = post_receive(end, (uint64_t)i) == 1 ? 0 : -EIO;
    return status;
}

static int32_t expect(csn_cm *cm, int32_t kind, csn_cm_event *event)
{
    int32_t status = next_event(cm, event);

    if (status != 0)
        return status;
    return event->kind == kind ? 0 : event->status < 0 ? event->status : -ECONNREFUSED;
}

static int32_t connect_ends(struct pair *pair, const struct pair_options *options)
{
    static const uint8_t hello[] = "hello";
    const csn_cm_parameters parameters = { .data = hello, .data_length = sizeof hello, .max_reads = 4, .max_reads_initiated = 4, .retries = 7,
        .rnr_retries = (uint8_t)options->rnr_retries };
    csn_address address = options->address;
    csn_address remote;
    csn_cm_event event;
    int32_t status = csn_cm_create(&pair->cm);

    if (status == 0)
        status = csn_id_create(pair->cm, 1, &pair->listener);
    if (status == 0)
        status = csn_id_bind(pair->listener, &address);
    if (status == 0)
        status = csn_id_listen(pair->listener, 4);
    if (status == 0)
        status = csn_id_address(pair->listener, &address, &remote);
    if (status == 0)
        status = csn_id_create(pair->cm, 2, &pair->near.id);
    if (status == 0)
        status = csn_id_resolve_address(pair->near.id, &address, 2000);
    if (status == 0)
        status = expect(pair->cm, CSN_CM_ADDRESS, &event);
    if (status == 0)
        status = csn_id_resolve_route(pair->near.id, 2000);
    if (status == 0)
        status = expect(pair->cm, CSN_CM_ROUTE, &event);
    if (status == 0)
        status = end_open(&pair->near, options);
    if (status == 0)
        status = csn_id_connect(pair->near.id, &parameters);
    if (status == 0)
        status = expect(pair->cm, CSN_CM_REQUEST, &event);
    if (status == 0) {
        pair->far.id = event.id;
        CHECK(event.tag == 1);
        CHECK(event.data_length >= (int32_t)sizeof hello && memcmp(event.data, hello, sizeof hello) == 0);
        csn_id_tag(event.id, 3);
        status = end_open(&pair->far, options);
    }
    if (status == 0)
        status = csn_id_accept(pair->far.id, &parameters);
    if (status == 0)
        status = expect(pair->cm, CSN_CM_ESTABLISHED, &event);
    if (status == 0)
        status = expect(pair->cm, CSN_CM_ESTABLISHED, &event);
    return status;
}

int32_t pair_open(struct pair *pair, const struct pair_options *options)
{
    int32_t status;

    memset(pair, 0, sizeof *pair);
    status = connect_ends(pair, options);
    if (status != 0)
        pair_close(pair);
    return status;
}

void pair_close(struct pair *pair)
{
    end_close(&pair->near);
    end_close(&pair->far);
    if (pair->listener != NULL)
        csn_id_destroy(pair->listener);
    if (pair->cm != NULL)
        csn_cm_destroy(pair->cm);
}
