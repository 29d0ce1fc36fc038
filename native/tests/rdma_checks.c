/* What holds on any device, the fake one and a real one. */
#define _DEFAULT_SOURCE
#include "rdma_pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_queries(const csn_device *unused, struct end *end)
{
    csn_device_info info;
    csn_port_info port;
    char names[4][CSN_NAME_LENGTH];
    csn_device *again;
    uint8_t gid[16];
    int32_t event;

    (void)unused;
    CHECK(csn_rdma_probe() >= 1);
    CHECK(csn_device_list(names, 4) >= 1);
    CHECK(csn_device_query(end->device, &info) == 0);
    CHECK(info.ports >= 1 && info.max_qps > 0 && info.max_cq_capacity > 2 * DEPTH && info.name[0] != 0);
    CHECK(csn_device_open(info.name, &again) == 0);
    CHECK(csn_device_close(again) == 0);
    CHECK(csn_device_open("no such device", &again) == -ENODEV);
    CHECK(csn_port_query(end->device, 1, &port) == 0);
    CHECK(port.state == 4 && port.mtu_bytes >= 256 && port.mtu_bytes <= 4096 && port.max_message_bytes > 0);
    CHECK(csn_port_query(end->device, 0, &port) == -EINVAL);
    CHECK(csn_gid_query(end->device, 1, 0, gid) == 0);
    CHECK(csn_device_take(end->device, &event) == 0);
    CHECK(end->limits.sends >= DEPTH && end->limits.inline_bytes >= 64);
}

static void check_parents(struct pair *pair)
{
    CHECK(csn_pd_destroy(pair->near.pd) == -EBUSY);
    CHECK(csn_cq_destroy(pair->near.cq) == -EBUSY);
    CHECK(csn_device_close(pair->near.device) == -EBUSY);
    CHECK(csn_id_destroy(pair->near.id) == -EBUSY);
    CHECK(csn_cm_destroy(pair->cm) == -EBUSY);
    CHECK(csn_qp_create(pair->near.id, pair->near.pd, pair->near.cq, pair->near.cq, NULL, &pair->near.limits, &pair->near.qp) == -EALREADY);
}

/* A send takes a receive, in order; its bytes and its number arrive. */
static void check_sends(struct pair *pair)
{
    csn_wr wr = request(&pair->near, &pair->far, CSN_WR_SEND_IMMEDIATE, 5);
    csn_wc wc = { .status = -1 };

    memcpy(pair->near.memory + MEMORY / 2, "small", 5);
    wr.immediate = 0x01020304;
    wr.flags |= CSN_WR_INLINE;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    CHECK(next_wc(&pair->far, &wc) == 0);
    CHECK(wc.status == CSN_WC_SUCCESS && wc.opcode == CSN_WC_RECEIVE && wc.length == 5 && wc.has_immediate && wc.immediate == 0x01020304);
    CHECK(memcmp(pair->far.memory + wc.id * 256, "small", 5) == 0);
    CHECK(post_receive(&pair->far, wc.id) == 1);

    /* From two places. */
    csn_sge sges[2] = { { pair->near.region.address + MEMORY / 2, 2, pair->near.region.local_key },
        { pair->near.region.address + MEMORY / 2 + 4, 1, pair->near.region.local_key } };

    wr = request(&pair->near, &pair->far, CSN_WR_SEND, 0);
    wr.sges = sges;
    wr.sge_count = 2;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    CHECK(next_wc(&pair->far, &wc) == 0);
    CHECK(wc.length == 3 && !wc.has_immediate && memcmp(pair->far.memory + wc.id * 256, "sml", 3) == 0);
    CHECK(post_receive(&pair->far, wc.id) == 1);
}

static void check_one_sided(struct pair *pair)
{
    uint8_t *near = pair->near.memory + MEMORY / 2;
    uint8_t *far = pair->far.memory + MEMORY / 2;
    csn_wr wr = request(&pair->near, &pair->far, CSN_WR_WRITE, 10000);
    csn_wc wc = { .status = -1 };
    uint64_t value;
    int i;

    for (i = 0; i < 10000; i++)
        near[i] = (uint8_t)(i * 7);
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    wr = request(&pair->near, &pair->far, CSN_WR_WRITE_IMMEDIATE, 0);
    wr.immediate = 99;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    CHECK(next_wc(&pair->far, &wc) == 0); /* only now may its processor look */
    CHECK(wc.opcode == CSN_WC_RECEIVE_WRITE && wc.length == 0 && wc.immediate == 99);
    CHECK(memcmp(near, far, 10000) == 0);
    CHECK(post_receive(&pair->far, wc.id) == 1);

    memset(near, 0, 10000);
    CHECK(do_request(&pair->near, request(&pair->near, &pair->far, CSN_WR_READ, 10000)) == CSN_WC_SUCCESS);
    CHECK(memcmp(near, far, 10000) == 0);

    value = 40;
    memcpy(far, &value, 8);
    wr = request(&pair->near, &pair->far, CSN_WR_FETCH_ADD, 8);
    wr.add = 2;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    memcpy(&value, near, 8);
    CHECK(value == 40);
    memcpy(&value, far, 8);
    CHECK(value == 42);
    wr = request(&pair->near, &pair->far, CSN_WR_COMPARE_SWAP, 8);
    wr.add = 41;
    wr.swap = 7;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    memcpy(&value, far, 8);
    CHECK(value == 42); /* it was not 41 */
    wr.add = 42;
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    memcpy(&value, far, 8);
    CHECK(value == 7);
}

/* Many posted at once, only the last with a sign; all have happened when it comes. */
static void check_batch(struct pair *pair)
{
    csn_wr batch[DEPTH];
    csn_wc wc = { .status = -1 };
    int round, i;

    for (round = 0; round < 10; round++) {
        for (i = 0; i < DEPTH - 1; i++) {
            batch[i] = request(&pair->near, &pair->far, CSN_WR_WRITE, 8);
            batch[i].remote_address += (uint64_t)i * 8;
            batch[i].local.address += (uint64_t)i * 8;
            batch[i].flags = i == DEPTH - 2 ? CSN_WR_SIGNALED : 0;
            batch[i].id = (uint64_t)(round * 1000 + i);
            pair->near.memory[MEMORY / 2 + i * 8] = (uint8_t)(round + i);
        }
        CHECK(csn_qp_post(pair->near.qp, batch, DEPTH - 1) == DEPTH - 1);
        CHECK(next_wc(&pair->near, &wc) == 0);
        CHECK(wc.status == CSN_WC_SUCCESS && wc.id == (uint64_t)(round * 1000 + DEPTH - 2));
        CHECK(csn_cq_poll(pair->near.cq, &wc, 1) == 0); /* the others are silent */
        CHECK(memcmp(pair->near.memory + MEMORY / 2, pair->far.memory + MEMORY / 2, (DEPTH - 1) * 8) == 0);
    }
    batch[0].opcode = 77;
    CHECK(csn_qp_post(pair->near.qp, batch, 1) == -EINVAL);
    batch[0] = request(&pair->near, &pair->far, CSN_WR_WRITE, 8);
    batch[1] = batch[0];
    batch[1].flags = 1u << 20;
    CHECK(csn_qp_post(pair->near.qp, batch, 2) == 1); /* the one before the wrong one is on its way */
    CHECK(next_wc(&pair->near, &wc) == 0);
}

static void check_notification(struct pair *pair)
{
    int32_t descriptor = csn_cq_descriptor(pair->far.cq);
    csn_wr wr = request(&pair->near, &pair->far, CSN_WR_SEND, 1);
    csn_wc wc;

    while (csn_cq_poll(pair->far.cq, &wc, 1) > 0)
        ;
    csn_cq_take(pair->far.cq);
    CHECK(csn_wait(&descriptor, 1, 0) == 0);
    CHECK(csn_cq_arm(pair->far.cq, 0) == 0);
    CHECK(do_request(&pair->near, wr) == CSN_WC_SUCCESS);
    CHECK(csn_wait(&descriptor, 1, PATIENCE_MS) == 1);
    CHECK(csn_cq_take(pair->far.cq) == 1);
    CHECK(csn_wait(&descriptor, 1, 0) == 0);
    CHECK(next_wc(&pair->far, &wc) == 0);
    CHECK(post_receive(&pair->far, wc.id) == 1);
}

/* What the other side must not let us do ends the connection, on both sides, and says why. */
static void check_refusals(const csn_address *address)
{
    struct pair_options options = pair_defaults();
    int kind;

    options.address = *address;
    for (kind = 0; kind < 3; kind++) {
        struct pair pair;
        csn_wr wr;
        csn_wc wc;

        CHECK(pair_open(&pair, &options) == 0);
        wr = request(&pair.near, &pair.far, kind == 2 ? CSN_WR_READ : CSN_WR_WRITE, 64);
        if (kind == 1)
            wr.remote_address = pair.far.region.address + MEMORY - 63; /* one byte too far */
        else
            wr.remote_key ^= 0x5500;
        CHECK(do_request(&pair.near, wr) == CSN_WC_REMOTE_ACCESS);
        CHECK(next_wc(&pair.near, &wc) == 0 && wc.status == CSN_WC_FLUSHED); /* a receive */
        CHECK(do_request(&pair.near, wr) == CSN_WC_FLUSHED);
        pair_close(&pair);
    }
}

static void check_receiver_not_ready(const csn_address *address)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    csn_wc wc;

    options.address = *address;
    options.receives = 0;
    options.rnr_retries = 1;
    CHECK(pair_open(&pair, &options) == 0);
    CHECK(do_request(&pair.near, request(&pair.near, &pair.far, CSN_WR_SEND, 8)) == CSN_WC_RNR_EXCEEDED);
    pair_close(&pair);

    options.rnr_retries = 7; /* it waits as long as it takes */
    CHECK(pair_open(&pair, &options) == 0);
    csn_wr wr = request(&pair.near, &pair.far, CSN_WR_SEND, 8);
    CHECK(csn_qp_post(pair.near.qp, &wr, 1) == 1);
    CHECK(post_receive(&pair.far, 5) == 1);
    CHECK(next_wc(&pair.far, &wc) == 0 && wc.id == 5 && wc.status == CSN_WC_SUCCESS);
    CHECK(next_wc(&pair.near, &wc) == 0 && wc.status == CSN_WC_SUCCESS);
    pair_close(&pair);
}

static void check_disconnect(const csn_address *address)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    csn_cm_event event;
    csn_wc wc;
    int i;

    options.address = *address;
    CHECK(pair_open(&pair, &options) == 0);
    CHECK(csn_id_disconnect(pair.near.id) == 0);
    CHECK(next_event(pair.cm, &event) == 0 && event.kind == CSN_CM_DISCONNECTED);
    CHECK(csn_id_disconnect(pair.far.id) == 0);
    for (i = 0; i < RECEIVES && failures == 0; i++) {
        CHECK(next_wc(&pair.near, &wc) == 0 && wc.status == CSN_WC_FLUSHED && wc.id == (uint64_t)i);
        CHECK(next_wc(&pair.far, &wc) == 0 && wc.status == CSN_WC_FLUSHED);
    }
    pair_close(&pair);
}

/* Nobody listens, or who listens ends before it has asked who calls: either way the caller is told. */
static void check_nobody_answers(const csn_address *address, int listens)
{
    csn_address nowhere = *address, remote;
    csn_cm *called = NULL;
    csn_id *listener = NULL;
    csn_cm *cm = NULL;
    csn_id *id = NULL;
    csn_cm_event event;
    struct end end = { 0 };
    csn_cm_parameters parameters = { .retries = 7 };

    if (listens) {
        nowhere.port = 0;
        CHECK(csn_cm_create(&called) == 0);
        CHECK(csn_id_create(called, 1, &listener) == 0);
        CHECK(csn_id_bind(listener, &nowhere) == 0);
        CHECK(csn_id_listen(listener, 4) == 0);
        CHECK(csn_id_address(listener, &nowhere, &remote) == 0);
    } else
        nowhere.port = 19;
    CHECK(csn_cm_create(&cm) == 0);
    CHECK(csn_id_create(cm, 7, &id) == 0);
    CHECK(csn_id_device(id, &end.device) == -ENODEV);
    CHECK(csn_id_resolve_address(id, &nowhere, 2000) == 0);
    CHECK(next_event(cm, &event) == 0 && event.kind == CSN_CM_ADDRESS && event.tag == 7 && event.id == id);
    CHECK(csn_id_resolve_route(id, 2000) == 0);
    CHECK(next_event(cm, &event) == 0 && event.kind == CSN_CM_ROUTE);
    CHECK(csn_id_device(id, &end.device) == 0);
    CHECK(csn_pd_create(end.device, &end.pd) == 0);
    CHECK(csn_cq_create(end.device, 16, &end.cq) == 0);
    end.limits = (csn_qp_limits){ 4, 4, 1, 1, 0 };
    CHECK(csn_qp_create(id, end.pd, end.cq, end.cq, NULL, &end.limits, &end.qp) == 0);
    CHECK(csn_id_connect(id, &parameters) == 0);
    if (listens) {
        CHECK(csn_id_destroy(listener) == 0);
        CHECK(csn_cm_take(called, &event) == 0);
        CHECK(csn_cm_destroy(called) == 0);
    }
    CHECK(next_event(cm, &event) == 0 && event.kind == CSN_CM_REJECTED && event.status != 0);
    nowhere.family = 9;
    CHECK(csn_id_bind(id, &nowhere) == -EAFNOSUPPORT);
    csn_qp_destroy(end.qp);
    csn_cq_destroy(end.cq);
    csn_pd_destroy(end.pd);
    csn_device_close(end.device);
    csn_id_destroy(id);
    csn_cm_destroy(cm);
}

static void check_memory(struct end *end)
{
    csn_mr *mr;
    csn_mr_info info;
    uint8_t *memory = aligned_alloc(4096, 8192);
    int32_t status;

    CHECK(csn_mr_create(end->pd, memory, 4096, CSN_ACCESS_REMOTE_WRITE, &mr) < 0); /* who may be written to by others, may be by itself */
    CHECK(csn_mr_create(end->pd, memory, 0, CSN_ACCESS_LOCAL_WRITE, &mr) == -EINVAL);
    CHECK(csn_mr_create(end->pd, memory, 4096, CSN_ACCESS_LOCAL_WRITE, &mr) == 0);
    status = csn_mr_reregister(mr, memory, 8192, CSN_ACCESS_LOCAL_WRITE);
    CHECK(status == 0 || status == -EOPNOTSUPP);
    CHECK(csn_mr_query(mr, &info) == 0);
    CHECK(info.address == (uint64_t)(uintptr_t)memory && info.length == (status == 0 ? 8192 : 4096));
    CHECK(csn_mr_destroy(mr) == 0);
    status = csn_mr_create(end->pd, memory, 4096, CSN_ACCESS_LOCAL_WRITE | CSN_ACCESS_ON_DEMAND, &mr);
    CHECK(status == 0 || status == -EOPNOTSUPP || status == -EINVAL);
    if (status == 0)
        csn_mr_destroy(mr);
    free(memory);
}

void check_device(const csn_address *address)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    int32_t status;

    options.address = *address;
    for (options.use_srq = 0; options.use_srq < 2; options.use_srq++) {
        status = pair_open(&pair, &options);
        if (status != 0) {
            fprintf(stderr, "cannot connect: %s\n", strerror(-status));
            failures++;
            return;
        }
        check_queries(pair.near.device, &pair.near);
        check_parents(&pair);
        check_sends(&pair);
        check_one_sided(&pair);
        check_batch(&pair);
        check_notification(&pair);
        check_memory(&pair.near);
        pair_close(&pair);
        CHECK(objects() == 0);
    }
    check_refusals(address);
    check_receiver_not_ready(address);
    check_disconnect(address);
    check_nobody_answers(address, 0);
    check_nobody_answers(address, 1);
    CHECK(objects() == 0);
}
