/* What the engine and the verbs of the fake share; within one library. */
#ifndef CSN_FAKE_ENGINE_H
#define CSN_FAKE_ENGINE_H

#include "fake.h"

struct fake_mr {
    struct ibv_mr verbs;
    struct fake_mr *next;
    int access;
};

struct fake_cq {
    struct ibv_cq verbs;
    struct completions ready;
    int count;
    bool is_armed, only_solicited;
    unsigned int unacknowledged;
};

uint64_t fake_now_us(void);
void fake_start_engine(void);
void fake_stop_engine(void);

/* The region of a key, or NULL; whether it covers a range. */
struct fake_mr *fake_region(uint32_t key);
bool fake_covers(const struct fake_mr *mr, uint64_t address, uint64_t length);

/* Puts a completion, which it takes over, into a queue, and notifies whoever armed it. */
void fake_complete(struct fake_cq *cq, struct completion *completion);

void fake_async_event(enum ibv_event_type type);

#endif
