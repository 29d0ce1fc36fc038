/*
 * LZ4 blocks by the distribution's liblz4, found at run time: without it this library loads all the same, and says so.
 *
 * The prototypes are those of lz4.h, whose functions named here have been stable since 1.7 (2015); the soname carries the ABI's version.
 */
#include "cloudscale_native.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static const char soname[] = "liblz4.so.1";

static struct {
    int (*version)(void);
    int (*compress)(const char *source, char *target, int length, int capacity);
    int (*decompress)(const char *source, char *target, int length, int capacity);
} lz4;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int32_t status = -ENOENT;

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has, and a copy of the bytes needs no cast. */
static int32_t resolve(void *library, const char *name, void *function_p)
{
    void *symbol = dlsym(library, name);

    if (symbol == NULL)
        return -ENOSYS;
    memcpy(function_p, &symbol, sizeof symbol);
    return 0;
}

/* The library stays loaded for good: nobody could tell when the last call has returned. */
static void load(void)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        return;
    status = resolve(library, "LZ4_versionNumber", &lz4.version);
    if (status == 0)
        status = resolve(library, "LZ4_compress_default", &lz4.compress);
    if (status == 0)
        status = resolve(library, "LZ4_decompress_safe", &lz4.decompress);
    if (status != 0)
        dlclose(library);
}

static int32_t loaded(void)
{
    pthread_once(&once, load);
    return status;
}

int32_t csn_lz4_version(void)
{
    int32_t absent = loaded();

    return absent != 0 ? absent : lz4.version();
}

int32_t csn_lz4_compress(const uint8_t *source, int32_t length, uint8_t *target, int32_t capacity)
{
    int32_t absent = loaded();
    int written;

    if (absent != 0)
        return absent;
    if (source == NULL || target == NULL || length < 0 || length > CSN_LZ4_MAX_LENGTH || capacity < 0)
        return -EINVAL;
    written = lz4.compress((const char *)source, (char *)target, length, capacity);
    return written > 0 ? written : -ENOSPC;
}

int32_t csn_lz4_decompress(const uint8_t *source, int32_t length, uint8_t *target, int32_t capacity)
{
    int32_t absent = loaded();
    int written;

    if (absent != 0)
        return absent;
    if (source == NULL || target == NULL || length < 0 || capacity < 0)
        return -EINVAL;
    written = lz4.decompress((const char *)source, (char *)target, length, capacity);
    return written >= 0 ? written : -EBADMSG;
}
