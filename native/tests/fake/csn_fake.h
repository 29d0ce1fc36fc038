/*
 * A device that is none: libibverbs.so.1 and librdmacm.so.1 of the tests' build, which move bytes within this process and do it badly on purpose.
 *
 * It takes the place of the real libraries by their names: load it first, and the loader gives it to whoever asks for them. One thread plays wire and device. It
 * keeps what reliable connections promise (order within each queue, every byte once) and nothing else: completions of different queue pairs come in
 * any order, late if told so; a queue's places are free again when the completion has been polled, as with real devices.
 */
#ifndef CSN_FAKE_H
#define CSN_FAKE_H

#include <stdint.h>

#define CSN_FAKE_API __attribute__((visibility("default")))

/* Starts over: what happens next depends on `seed`; completions come up to `delay_us` late. Faults that were planted and counts are forgotten. */
CSN_FAKE_API void csn_fake_reset(uint64_t seed, int32_t delay_us);

/* The call of `function` after `after` others fails, once; NULL counts all calls that can. */
CSN_FAKE_API void csn_fake_fail_call(const char *function, int32_t after, int32_t error);

/* Whether a planted fault is still waiting for its call. */
CSN_FAKE_API int32_t csn_fake_is_planted(void);

/* The work request after `after` others ends with a status of libibverbs, and its queue pair with it. */
CSN_FAKE_API void csn_fake_fail_work(int32_t after, int32_t status);

/* Nothing moves while held; csn_fake_step then moves one thing, and returns whether there was one. */
CSN_FAKE_API void csn_fake_hold(int32_t held);
CSN_FAKE_API int32_t csn_fake_step(void);

/* Pulls the cable: whatever is sent runs out of retries. */
CSN_FAKE_API void csn_fake_cut(int32_t cut);

/* The device dies, as one that is unplugged: events everywhere, and no work is done any more. It is back after csn_fake_reset. */
CSN_FAKE_API void csn_fake_remove(void);

typedef struct csn_fake_counts {
    int32_t requests;   /* work requests done */
    int32_t receiver_not_ready;
    int32_t reordered;  /* completions that came before an earlier one of another queue */
    int32_t overruns;   /* completions that no completion queue had room for */
    int32_t notifications;
    int32_t objects;    /* made and not ended: domains, regions, queues, ids, channels */
} csn_fake_counts;

CSN_FAKE_API void csn_fake_count(csn_fake_counts *counts);

#endif
