/* Waiting for descriptors, and waking whoever does. */
#include "cloudscale_native.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 31 };

int32_t csn_wait(const int32_t *descriptors, int32_t count, int32_t timeout_ms)
{
    struct pollfd entries[MAX_DESCRIPTORS];
    int32_t ready = 0;
    int32_t i;

    if (descriptors == NULL || count < 1 || count > MAX_DESCRIPTORS)
        return -EINVAL;
    for (i = 0; i < count; i++)
        entries[i] = (struct pollfd){ .fd = descriptors[i], .events = POLLIN };
    if (poll(entries, (nfds_t)count, timeout_ms) < 0)
        return errno == EINTR ? 0 : -errno;
    for (i = 0; i < count; i++)
        if (entries[i].revents != 0) /* an error is news, too: whoever reads next learns which */
            ready |= (int32_t)(1u << i);
    return ready;
}

int32_t csn_waker_create(void)
{
    int waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    return waker < 0 ? -errno : waker;
}

int32_t csn_waker_signal(int32_t waker)
{
    uint64_t one = 1;

    return write(waker, &one, sizeof one) == (ssize_t)sizeof one || errno == EAGAIN ? 0 : -errno;
}

int32_t csn_waker_clear(int32_t waker)
{
    uint64_t count;

    return read(waker, &count, sizeof count) == (ssize_t)sizeof count || errno == EAGAIN ? 0 : -errno;
}

int32_t csn_waker_destroy(int32_t waker)
{
    return close(waker) == 0 ? 0 : -errno;
}
