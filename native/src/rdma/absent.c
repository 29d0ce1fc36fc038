/*
 * Every function of RDMA, for a build without the headers of libibverbs and librdmacm: it is not there, and says so. Compiled instead of the other files of
 * this folder.
 */
#include "cloudscale_native.h"

#include <errno.h>
#include <string.h>

/* Nobody looks at what they are given. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

int32_t csn_rdma_probe(void)
{
    return -ENOSYS;
}

int32_t csn_rdma_live(csn_live *live)
{
    if (live == NULL)
        return -EINVAL;
    memset(live, 0, sizeof *live);
    return 0;
}

int32_t csn_device_list(char (*names)[CSN_NAME_LENGTH], int32_t capacity)
{
    return -ENOSYS;
}

int32_t csn_device_open(const char *name, csn_device **device_p)
{
    return -ENOSYS;
}

int32_t csn_device_close(csn_device *device)
{
    return -ENOSYS;
}

int32_t csn_device_query(csn_device *device, csn_device_info *info)
{
    return -ENOSYS;
}

int32_t csn_port_query(csn_device *device, int32_t port, csn_port_info *info)
{
    return -ENOSYS;
}

int32_t csn_gid_query(csn_device *device, int32_t port, int32_t index, uint8_t gid[16])
{
    return -ENOSYS;
}

int32_t csn_device_descriptor(csn_device *device)
{
    return -ENOSYS;
}

int32_t csn_device_take(csn_device *device, int32_t *event_p)
{
    return -ENOSYS;
}

int32_t csn_pd_create(csn_device *device, csn_pd **pd_p)
{
    return -ENOSYS;
}

int32_t csn_pd_destroy(csn_pd *pd)
{
    return -ENOSYS;
}

int32_t csn_mr_create(csn_pd *pd, void *address, uint64_t length, uint32_t access, csn_mr **mr_p)
{
    return -ENOSYS;
}

int32_t csn_mr_destroy(csn_mr *mr)
{
    return -ENOSYS;
}

int32_t csn_mr_query(const csn_mr *mr, csn_mr_info *info)
{
    return -ENOSYS;
}

int32_t csn_mr_reregister(csn_mr *mr, void *address, uint64_t length, uint32_t access)
{
    return -ENOSYS;
}

int32_t csn_cq_create(csn_device *device, int32_t capacity, csn_cq **cq_p)
{
    return -ENOSYS;
}

int32_t csn_cq_destroy(csn_cq *cq)
{
    return -ENOSYS;
}

int32_t csn_cq_poll(csn_cq *cq, csn_wc *wc, int32_t capacity)
{
    return -ENOSYS;
}

int32_t csn_cq_arm(csn_cq *cq, int32_t solicited_only)
{
    return -ENOSYS;
}

int32_t csn_cq_descriptor(csn_cq *cq)
{
    return -ENOSYS;
}

int32_t csn_cq_take(csn_cq *cq)
{
    return -ENOSYS;
}

int32_t csn_cm_create(csn_cm **cm_p)
{
    return -ENOSYS;
}

int32_t csn_cm_destroy(csn_cm *cm)
{
    return -ENOSYS;
}

int32_t csn_cm_descriptor(csn_cm *cm)
{
    return -ENOSYS;
}

int32_t csn_cm_take(csn_cm *cm, csn_cm_event *event)
{
    return -ENOSYS;
}

int32_t csn_id_create(csn_cm *cm, uint64_t tag, csn_id **id_p)
{
    return -ENOSYS;
}

int32_t csn_id_destroy(csn_id *id)
{
    return -ENOSYS;
}

int32_t csn_id_tag(csn_id *id, uint64_t tag)
{
    return -ENOSYS;
}

int32_t csn_id_bind(csn_id *id, const csn_address *address)
{
    return -ENOSYS;
}

int32_t csn_id_listen(csn_id *id, int32_t backlog)
{
    return -ENOSYS;
}

int32_t csn_id_resolve_address(csn_id *id, const csn_address *address, int32_t timeout_ms)
{
    return -ENOSYS;
}

int32_t csn_id_resolve_route(csn_id *id, int32_t timeout_ms)
{
    return -ENOSYS;
}

int32_t csn_id_connect(csn_id *id, const csn_cm_parameters *parameters)
{
    return -ENOSYS;
}

int32_t csn_id_accept(csn_id *id, const csn_cm_parameters *parameters)
{
    return -ENOSYS;
}

int32_t csn_id_reject(csn_id *id, const uint8_t *data, int32_t length)
{
    return -ENOSYS;
}

int32_t csn_id_disconnect(csn_id *id)
{
    return -ENOSYS;
}

int32_t csn_id_device(csn_id *id, csn_device **device_p)
{
    return -ENOSYS;
}

int32_t csn_id_address(csn_id *id, csn_address *local, csn_address *remote)
{
    return -ENOSYS;
}

int32_t csn_qp_create(csn_id *id, csn_pd *pd, csn_cq *send_cq, csn_cq *receive_cq, csn_srq *srq, csn_qp_limits *limits, csn_qp **qp_p)
{
    return -ENOSYS;
}

int32_t csn_qp_destroy(csn_qp *qp)
{
    return -ENOSYS;
}

int32_t csn_qp_number(const csn_qp *qp, uint32_t *number_p)
{
    return -ENOSYS;
}

int32_t csn_qp_fail(csn_qp *qp)
{
    return -ENOSYS;
}

int32_t csn_srq_create(csn_pd *pd, int32_t depth, int32_t sges, csn_srq **srq_p)
{
    return -ENOSYS;
}

int32_t csn_srq_destroy(csn_srq *srq)
{
    return -ENOSYS;
}

int32_t csn_qp_post(csn_qp *qp, const csn_wr *requests, int32_t count)
{
    return -ENOSYS;
}

int32_t csn_qp_post_receive(csn_qp *qp, const csn_receive *receives, int32_t count)
{
    return -ENOSYS;
}

int32_t csn_srq_post_receive(csn_srq *srq, const csn_receive *receives, int32_t count)
{
    return -ENOSYS;
}
