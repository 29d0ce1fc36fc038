/* Wakers, and waiting for several descriptors. */
#include "cloudscale_native.h"

#include <errno.h>
#include <stdio.h>

static int failures;

static void expect(int32_t actual, int32_t expected, const char *what)
{
    if (actual != expected) {
        fprintf(stderr, "%s: expected %d, got %d\n", what, expected, actual);
        failures++;
    }
}

int main(void)
{
    int32_t wakers[2] = { csn_waker_create(), csn_waker_create() };

    expect(wakers[0] >= 0 && wakers[1] >= 0, 1, "two wakers");
    expect(csn_wait(wakers, 2, 0), 0, "nobody has signalled");
    expect(csn_waker_signal(wakers[1]), 0, "signal");
    expect(csn_waker_signal(wakers[1]), 0, "signal again");
    expect(csn_wait(wakers, 2, -1), 2, "the second is ready");
    expect(csn_waker_signal(wakers[0]), 0, "signal the first");
    expect(csn_wait(wakers, 2, -1), 3, "both are ready");
    expect(csn_waker_clear(wakers[1]), 0, "clear");
    expect(csn_wait(wakers, 2, -1), 1, "two signals were one");
    expect(csn_waker_clear(wakers[1]), 0, "clear what is clear");
    expect(csn_wait(wakers, 0, 0), -EINVAL, "none to wait for");
    expect(csn_wait(wakers, 32, 0), -EINVAL, "too many to wait for");
    expect(csn_wait(NULL, 1, 0), -EINVAL, "no descriptors");
    expect(csn_waker_destroy(wakers[0]), 0, "destroy");
    expect(csn_waker_destroy(wakers[1]), 0, "destroy the other");
    expect(csn_waker_signal(wakers[1]), -EBADF, "it is gone");
    return failures == 0 ? 0 : 1;
}
