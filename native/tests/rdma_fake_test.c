/* The shim over the fake device: everything that goes wrong, in every place where it can. */
#include "csn_fake.h"
#include "rdma_pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const csn_address anywhere = { .family = 4, .bytes = { 127, 0, 0, 1 } };

static int32_t fake_objects(void)
{
    csn_fake_counts counts;

    csn_fake_count(&counts);
    return counts.objects;
}

/* Each call that can fail does, once; whatever was made before it is ended. */
static void check_every_failure(void)
{
    struct pair_options options = pair_defaults();
    int planted, after, errors = 0;

    options.use_srq = 1;
    for (after = 0, planted = 0; !planted; after++) {
        struct pair pair;
        int32_t status;

        csn_fake_reset(1, 0);
        csn_fake_fail_call(NULL, after, ENOMEM);
        status = pair_open(&pair, &options);
        planted = csn_fake_is_planted();
        if (status == 0)
            pair_close(&pair);
        else
            errors++;
        CHECK(planted || status == -ENOMEM || status == -ENODEV);
        CHECK(objects() == 0 && fake_objects() == 0);
        if (failures > 0) {
            fprintf(stderr, "with call %d\n", after);
            return;
        }
    }
    CHECK(errors > 20);
}

/* Eight connections at once: each queue keeps its order, and the queues do not. */
static void check_reordering(uint64_t seed)
{
    enum { PAIRS = 8, MESSAGES = 200 };
    struct pair pairs[PAIRS];
    struct pair_options options = pair_defaults();
    csn_fake_counts counts;
    uint32_t next[PAIRS] = { 0 };
    uint32_t sent[PAIRS] = { 0 };
    int i, left = PAIRS * MESSAGES;

    csn_fake_reset(seed, 50);
    for (i = 0; i < PAIRS; i++)
        CHECK(pair_open(&pairs[i], &options) == 0);
    while (left > 0 && failures == 0)
        for (i = 0; i < PAIRS; i++) {
            struct pair *pair = &pairs[i];
            csn_wc wc[64];
            int32_t count, j;

            if (sent[i] < MESSAGES && sent[i] - next[i] < RECEIVES) {
                csn_wr wr = request(&pair->near, &pair->far, CSN_WR_SEND_IMMEDIATE, 8);

                wr.immediate = sent[i]++;
                wr.flags = sent[i] % 8 == 0 ? CSN_WR_SIGNALED : 0;
                CHECK(csn_qp_post(pair->near.qp, &wr, 1) == 1);
            }
            count = csn_cq_poll(pair->far.cq, wc, 64);
            for (j = 0; j < count; j++) {
                CHECK(wc[j].status == CSN_WC_SUCCESS && wc[j].immediate == next[i]++);
                CHECK(post_receive(&pair->far, wc[j].id) == 1);
                left--;
            }
            csn_cq_poll(pair->near.cq, wc, 64);
        }
    csn_fake_count(&counts);
    CHECK(counts.reordered > 100);
    CHECK(counts.overruns == 0);
    for (i = 0; i < PAIRS; i++)
        pair_close(&pairs[i]);
    CHECK(objects() == 0 && fake_objects() == 0);
    if (failures > 0)
        fprintf(stderr, "with seed %llu\n", (unsigned long long)seed);
}

/* A queue that never asks for a sign is full one day, and says so instead of forgetting. */
static void check_full_queue(void)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    csn_wr batch[DEPTH + 1];
    int i;

    csn_fake_reset(3, 0);
    CHECK(pair_open(&pair, &options) == 0);
    for (i = 0; i <= DEPTH; i++) {
        batch[i] = request(&pair.near, &pair.far, CSN_WR_WRITE, 8);
        batch[i].flags = 0;
    }
    CHECK(csn_qp_post(pair.near.qp, batch, DEPTH + 1) == DEPTH);
    CHECK(csn_qp_post(pair.near.qp, batch, 1) == -ENOMEM);
    pair_close(&pair);
}

static void check_failed_work(void)
{
    static const int32_t statuses[] = { CSN_WC_LOCAL_PROTECTION, CSN_WC_REMOTE_OPERATION, CSN_WC_RETRY_EXCEEDED };
    struct pair_options options = pair_defaults();
    size_t i;

    for (i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct pair pair;
        csn_wr wr;
        csn_wc wc;

        csn_fake_reset(4 + i, 20);
        CHECK(pair_open(&pair, &options) == 0);
        csn_fake_fail_work(1, statuses[i]);
        wr = request(&pair.near, &pair.far, CSN_WR_WRITE, 8);
        CHECK(do_request(&pair.near, wr) == CSN_WC_SUCCESS);
        wr.flags = 0; /* a failure is told also to who has not asked */
        wr.id = REQUEST_ID;
        CHECK(csn_qp_post(pair.near.qp, &wr, 1) == 1);
        do
            CHECK(next_wc(&pair.near, &wc) == 0);
        while (wc.id != REQUEST_ID && failures == 0);
        CHECK(wc.status == statuses[i]);
        pair_close(&pair);
    }
}

static void check_cut(void)
{
    struct pair_options options = pair_defaults();
    struct pair pair;

    csn_fake_reset(8, 0);
    CHECK(pair_open(&pair, &options) == 0);
    csn_fake_cut(1);
    CHECK(do_request(&pair.near, request(&pair.near, &pair.far, CSN_WR_WRITE, 8)) == CSN_WC_RETRY_EXCEEDED);
    pair_close(&pair);
}

static void check_hold(void)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    csn_wr wr;
    csn_wc wc;

    csn_fake_reset(9, 0);
    CHECK(pair_open(&pair, &options) == 0);
    csn_fake_hold(1);
    wr = request(&pair.near, &pair.far, CSN_WR_SEND, 8);
    CHECK(csn_qp_post(pair.near.qp, &wr, 1) == 1);
    CHECK(csn_cq_poll(pair.far.cq, &wc, 1) == 0);
    while (csn_fake_step())
        ;
    CHECK(csn_cq_poll(pair.far.cq, &wc, 1) == 1 && wc.status == CSN_WC_SUCCESS);
    CHECK(csn_cq_poll(pair.near.cq, &wc, 1) == 1 && wc.status == CSN_WC_SUCCESS);
    csn_fake_hold(0);
    pair_close(&pair);
}

static void check_removal(void)
{
    struct pair_options options = pair_defaults();
    struct pair pair;
    csn_cm_event event;
    int32_t number = 0;
    int32_t descriptor;
    csn_wc wc;

    csn_fake_reset(10, 0);
    CHECK(pair_open(&pair, &options) == 0);
    csn_fake_remove();
    descriptor = csn_device_descriptor(pair.near.device);
    CHECK(csn_wait(&descriptor, 1, PATIENCE_MS) == 1);
    CHECK(csn_device_take(pair.near.device, &number) == 1 && number == 8);
    CHECK(next_event(pair.cm, &event) == 0 && event.kind == CSN_CM_DEVICE_REMOVED);
    CHECK(next_wc(&pair.near, &wc) == 0 && wc.status == CSN_WC_FLUSHED);
    pair_close(&pair);
    csn_fake_reset(1, 0);
}

static void check_churn(void)
{
    struct pair_options options = pair_defaults();
    int i;

    csn_fake_reset(11, 0);
    for (i = 0; i < 300; i++) {
        struct pair pair;

        options.use_srq = i % 2;
        CHECK(pair_open(&pair, &options) == 0);
        if (i % 3 == 0)
            CHECK(do_request(&pair.near, request(&pair.near, &pair.far, CSN_WR_READ, 100)) == CSN_WC_SUCCESS);
        if (i % 3 == 1)
            csn_id_disconnect(pair.far.id);
        pair_close(&pair);
    }
    CHECK(objects() == 0 && fake_objects() == 0);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t last = argc > 1 ? seed : 5;

    csn_fake_reset(2, 20);
    check_device(&anywhere);
    check_every_failure();
    for (; seed <= last; seed++)
        check_reordering(seed);
    check_full_queue();
    check_failed_work();
    check_cut();
    check_hold();
    check_removal();
    check_churn();
    return failures == 0 ? 0 : 1;
}
