/* What the two halves of the fake share. Everything here is under `fake.lock`. */
#ifndef CSN_FAKE_INTERNAL_H
#define CSN_FAKE_INTERNAL_H

#include "csn_fake.h"

#include <infiniband/verbs.h>
#include <pthread.h>
#include <stdbool.h>

enum { MAX_QUEUES = 256 };

struct completion {
    struct completion *next;
    struct ibv_wc wc;
    struct fake_qp *qp;
    uint64_t due_us;
    uint64_t number;  /* of all completions, as their work was done */
    uint32_t places;  /* of the send queue that are free once it is polled */
    bool is_solicited;
};

struct completions {
    struct completion *first, **last;
};

struct send {
    struct send *next;
    struct ibv_send_wr wr;
    struct ibv_sge sges[16];
    uint8_t *inlined;
    uint32_t inlined_length;
};

struct receive {
    struct receive *next;
    uint64_t id;
    struct ibv_sge sges[4];
    int count;
};

struct receives {
    struct receive *first, **last;
    uint32_t count, capacity;
};

struct fake_qp {
    struct ibv_qp verbs; /* first, so that one is the other */
    struct fake_qp *peer;
    struct ibv_qp_cap cap;
    struct send *sends, **last_send;
    uint32_t places_used;
    uint32_t places_done; /* of requests that completed without a sign */
    struct receives receives;
    struct receives *from; /* its own, or those of a shared queue */
    struct completions held[2]; /* of sends, of receives: done, and not yet seen */
    uint64_t not_before_us;
    int rnr_tries, rnr_limit;
    bool is_ready, is_failed;
};

struct fake {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct fake_qp *qps[MAX_QUEUES];
    int qp_count;
    uint64_t random;
    int32_t delay_us;
    uint64_t completions, last_delivered;
    int32_t work_to_failure, work_status;
    char call[64];
    int32_t calls_to_failure, call_error;
    bool is_held, is_cut, is_removed, is_running;
    uintptr_t generation; /* of the engine's thread: one of an older generation ends */
    pthread_t engine;
    csn_fake_counts counts;
};

CSN_FAKE_API extern struct fake csn_fake;

/* Whether this call is the one that is to fail; then errno is set. */
CSN_FAKE_API bool csn_fake_fails(const char *function);
CSN_FAKE_API struct ibv_context *csn_fake_context(void);

/* For the half that connects; with the lock held. */
CSN_FAKE_API void csn_fake_join(struct fake_qp *one, struct fake_qp *other);
CSN_FAKE_API void csn_fake_break(struct fake_qp *qp);
CSN_FAKE_API struct ibv_qp *csn_fake_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *attributes);
CSN_FAKE_API void csn_fake_destroy_qp(struct ibv_qp *qp);

/* Set by the half that connects: tells every id that its device is gone. */
CSN_FAKE_API extern void (*csn_fake_on_removed)(void);

#endif
