/* Finds libibverbs and librdmacm at run time; without them this library loads all the same, and says so. */
#include "rdma.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

struct csn_verbs csn_verbs;
struct csn_rdmacm csn_rdmacm;
struct csn_counts csn_counts;

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

static int32_t resolve_all(void *verbs, void *cm)
{
    int32_t result = 0;

#define VERB(member, symbol, type, arguments) \
    if (result == 0)                          \
        result = resolve(verbs, symbol, &csn_verbs.member);
#define CM(member, symbol, type, arguments) \
    if (result == 0)                        \
        result = resolve(cm, symbol, &csn_rdmacm.member);
    CSN_VERBS_FUNCTIONS(VERB)
    CSN_CM_FUNCTIONS(CM)
#undef VERB
#undef CM
    return result;
}

/* They stay loaded for good: devices have threads and descriptors of their own. */
static void load(void)
{
    void *verbs = dlopen("libibverbs.so.1", RTLD_NOW | RTLD_LOCAL);
    void *cm;

    if (verbs == NULL)
        return;
    cm = dlopen("librdmacm.so.1", RTLD_NOW | RTLD_LOCAL);
    if (cm == NULL) {
        dlclose(verbs);
        return;
    }
    status = resolve_all(verbs, cm);
    /* A child process that is forked while memory is registered must not take pages away; kernels from 5.12 on see to it themselves, and then this does nothing. */
    if (status == 0)
        csn_verbs.fork_init();
}

int32_t csn_rdma_load(void)
{
    pthread_once(&once, load);
    return status;
}

int32_t csn_errno(void)
{
    return errno > 0 ? -errno : -EIO;
}

int32_t csn_status(int result)
{
    return result == 0 ? 0 : result == -1 ? csn_errno() : result > 0 ? -result : result;
}

int32_t csn_nonblocking(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);

    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : -errno;
}
