/* Protection domains and memory regions. */
#include "rdma.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert(CSN_ACCESS_LOCAL_WRITE == IBV_ACCESS_LOCAL_WRITE, "rights have the numbers of libibverbs");
_Static_assert(CSN_ACCESS_REMOTE_WRITE == IBV_ACCESS_REMOTE_WRITE, "rights have the numbers of libibverbs");
_Static_assert(CSN_ACCESS_REMOTE_READ == IBV_ACCESS_REMOTE_READ, "rights have the numbers of libibverbs");
_Static_assert(CSN_ACCESS_REMOTE_ATOMIC == IBV_ACCESS_REMOTE_ATOMIC, "rights have the numbers of libibverbs");
_Static_assert(CSN_ACCESS_ON_DEMAND == IBV_ACCESS_ON_DEMAND, "rights have the numbers of libibverbs");

static const uint32_t known_rights =
    CSN_ACCESS_LOCAL_WRITE | CSN_ACCESS_REMOTE_WRITE | CSN_ACCESS_REMOTE_READ | CSN_ACCESS_REMOTE_ATOMIC | CSN_ACCESS_ON_DEMAND;

int32_t csn_pd_create(csn_device *device, csn_pd **pd_p)
{
    csn_pd *pd;
    int32_t status;

    if (device == NULL || pd_p == NULL)
        return -EINVAL;
    pd = calloc(1, sizeof *pd);
    if (pd == NULL)
        return -ENOMEM;
    pd->device = device;
    pd->verbs = csn_verbs.alloc_pd(device->verbs);
    if (pd->verbs == NULL) {
        status = csn_errno();
        free(pd);
        return status;
    }
    device->children++;
    csn_counts.pds++;
    *pd_p = pd;
    return 0;
}

int32_t csn_pd_destroy(csn_pd *pd)
{
    int32_t status;

    if (pd == NULL)
        return -EINVAL;
    if (pd->children != 0)
        return -EBUSY;
    status = csn_status(csn_verbs.dealloc_pd(pd->verbs));
    if (status != 0)
        return status;
    pd->device->children--;
    csn_counts.pds--;
    free(pd);
    return 0;
}

int32_t csn_mr_create(csn_pd *pd, void *address, uint64_t length, uint32_t access, csn_mr **mr_p)
{
    csn_mr *mr;
    int32_t status;

    if (pd == NULL || address == NULL || length == 0 || length > SIZE_MAX || (access & ~known_rights) != 0 || mr_p == NULL)
        return -EINVAL;
    mr = calloc(1, sizeof *mr);
    if (mr == NULL)
        return -ENOMEM;
    mr->pd = pd;
    mr->verbs = csn_verbs.reg_mr(pd->verbs, address, (size_t)length, (int)access);
    if (mr->verbs == NULL) {
        status = csn_errno();
        free(mr);
        return status;
    }
    pd->children++;
    csn_counts.mrs++;
    csn_counts.mr_bytes += (long long)length;
    *mr_p = mr;
    return 0;
}

int32_t csn_mr_destroy(csn_mr *mr)
{
    long long length;
    int32_t status;

    if (mr == NULL)
        return -EINVAL;
    length = (long long)mr->verbs->length;
    status = csn_status(csn_verbs.dereg_mr(mr->verbs));
    if (status != 0)
        return status;
    mr->pd->children--;
    csn_counts.mrs--;
    csn_counts.mr_bytes -= length;
    free(mr);
    return 0;
}

int32_t csn_mr_query(const csn_mr *mr, csn_mr_info *info)
{
    if (mr == NULL || info == NULL)
        return -EINVAL;
    info->address = (uint64_t)(uintptr_t)mr->verbs->addr;
    info->length = mr->verbs->length;
    info->local_key = mr->verbs->lkey;
    info->remote_key = mr->verbs->rkey;
    return 0;
}

int32_t csn_mr_reregister(csn_mr *mr, void *address, uint64_t length, uint32_t access)
{
    long long before;
    int result;

    if (mr == NULL || address == NULL || length == 0 || length > SIZE_MAX || (access & ~known_rights) != 0)
        return -EINVAL;
    before = (long long)mr->verbs->length;
    errno = 0;
    result = csn_verbs.rereg_mr(mr->verbs, IBV_REREG_MR_CHANGE_TRANSLATION | IBV_REREG_MR_CHANGE_ACCESS, mr->pd->verbs, address, (size_t)length, (int)access);
    if (result != 0) /* IBV_REREG_MR_ERR_INPUT is -1; errno says what the device thought */
        return errno == ENOSYS || errno == EPROTONOSUPPORT || errno == 0 ? -EOPNOTSUPP : -errno;
    csn_counts.mr_bytes += (long long)length - before;
    return 0;
}
