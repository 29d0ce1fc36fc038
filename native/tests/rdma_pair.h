/* Two ends of a connection within one process, for the tests over the fake device and over a real one. */
#ifndef RDMA_PAIR_H
#define RDMA_PAIR_H

#include "cloudscale_native.h"

enum { MEMORY = 1 << 16, DEPTH = 64, RECEIVES = 32, PATIENCE_MS = 10000, REQUEST_ID = 1000 };

extern int failures;

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
void check(int condition, const char *text, const char *file, int line);

struct end {
    csn_device *device;
    csn_pd *pd;
    csn_cq *cq;
    csn_srq *srq;
    csn_id *id;
    csn_qp *qp;
    csn_mr *mr;
    csn_mr_info region;
    csn_qp_limits limits;
    uint8_t *memory;
};

struct pair {
    csn_cm *cm;
    csn_id *listener;
    struct end near, far; /* near has called, far has listened */
};

struct pair_options {
    csn_address address;   /* where to listen; port 0 finds one */
    int use_srq;
    int receives;          /* posted at each end, of RECEIVES; id i has 256 bytes at 256 * i */
    int inline_bytes;
    int rnr_retries;
};

struct pair_options pair_defaults(void);

/* Connects; on failure nothing is left. Returns 0 or -errno. */
int32_t pair_open(struct pair *pair, const struct pair_options *options);
void pair_close(struct pair *pair);

/* The next event, which has to come in time; -ETIMEDOUT if it does not. */
int32_t next_event(csn_cm *cm, csn_cm_event *event);

/* The next completion of an end, polled; *wc is left alone and -ETIMEDOUT returned if none comes. */
int32_t next_wc(struct end *end, csn_wc *wc);

int32_t post_receive(struct end *end, uint64_t id);
csn_wr request(const struct end *from, const struct end *to, uint32_t opcode, uint32_t length);

/* Posts one signalled request and waits for how it ends; returns its status. */
int32_t do_request(struct end *end, csn_wr wr);

int64_t objects(void);

/* The checks that hold on any device. */
void check_device(const csn_address *address);

#endif
