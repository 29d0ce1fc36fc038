/* Completion queues, each with a channel of its own. */
#include "rdma.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert(sizeof(csn_wc) == 40, "csn_wc is 40 bytes on both sides");
_Static_assert(CSN_WC_LOCAL_PROTECTION == IBV_WC_LOC_PROT_ERR && CSN_WC_FLUSHED == IBV_WC_WR_FLUSH_ERR, "statuses have the numbers of libibverbs");
_Static_assert(CSN_WC_REMOTE_INVALID == IBV_WC_REM_INV_REQ_ERR && CSN_WC_REMOTE_ACCESS == IBV_WC_REM_ACCESS_ERR, "statuses have the numbers of libibverbs");
_Static_assert(CSN_WC_REMOTE_OPERATION == IBV_WC_REM_OP_ERR && CSN_WC_RETRY_EXCEEDED == IBV_WC_RETRY_EXC_ERR, "statuses have the numbers of libibverbs");
_Static_assert(CSN_WC_RNR_EXCEEDED == IBV_WC_RNR_RETRY_EXC_ERR && CSN_WC_LOCAL_QP == IBV_WC_LOC_QP_OP_ERR, "statuses have the numbers of libibverbs");
_Static_assert(CSN_WC_WRITE == IBV_WC_RDMA_WRITE && CSN_WC_READ == IBV_WC_RDMA_READ && CSN_WC_SEND == IBV_WC_SEND, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WC_COMPARE_SWAP == IBV_WC_COMP_SWAP && CSN_WC_FETCH_ADD == IBV_WC_FETCH_ADD, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WC_RECEIVE == IBV_WC_RECV && CSN_WC_RECEIVE_WRITE == IBV_WC_RECV_RDMA_WITH_IMM, "opcodes have the numbers of libibverbs");

enum { LOT = 64 };

int32_t csn_cq_create(csn_device *device, int32_t capacity, csn_cq **cq_p)
{
    csn_cq *cq;
    int32_t status;

    if (device == NULL || capacity < 1 || cq_p == NULL)
        return -EINVAL;
    cq = calloc(1, sizeof *cq);
    if (cq == NULL)
        return -ENOMEM;
    cq->device = device;
    cq->channel = csn_verbs.create_channel(device->verbs);
    if (cq->channel == NULL) {
        status = csn_errno();
        goto err_free;
    }
    status = csn_nonblocking(cq->channel->fd);
    if (status != 0)
        goto err_destroy_channel;
    cq->verbs = csn_verbs.create_cq(device->verbs, capacity, cq, cq->channel, 0);
    if (cq->verbs == NULL) {
        status = csn_errno();
        goto err_destroy_channel;
    }
    device->children++;
    csn_counts.cqs++;
    *cq_p = cq;
    return 0;

err_destroy_channel:
    csn_verbs.destroy_channel(cq->channel);
err_free:
    free(cq);
    return status;
}

int32_t csn_cq_destroy(csn_cq *cq)
{
    int32_t status;

    if (cq == NULL)
        return -EINVAL;
    if (cq->children != 0)
        return -EBUSY;
    csn_cq_take(cq); /* an event that nobody has taken goes with the channel; one that was taken has been acknowledged */
    status = csn_status(csn_verbs.destroy_cq(cq->verbs));
    if (status != 0)
        return status;
    csn_verbs.destroy_channel(cq->channel);
    cq->device->children--;
    csn_counts.cqs--;
    free(cq);
    return 0;
}

int32_t csn_cq_poll(csn_cq *cq, csn_wc *wc, int32_t capacity)
{
    struct ibv_wc taken[LOT];
    int32_t count, i;

    if (cq == NULL || wc == NULL || capacity < 0)
        return -EINVAL;
    count = ibv_poll_cq(cq->verbs, capacity < LOT ? capacity : LOT, taken);
    if (count < 0)
        return csn_errno();
    for (i = 0; i < count; i++) {
        const struct ibv_wc *from = &taken[i];
        uint32_t has_immediate = from->status == IBV_WC_SUCCESS && (from->wc_flags & IBV_WC_WITH_IMM) != 0;

        /* Of a request that failed only these are defined: id, status, queue pair, and the vendor's word on it. */
        wc[i] = (csn_wc){
            .id = from->wr_id,
            .status = (int32_t)from->status,
            .opcode = from->status == IBV_WC_SUCCESS ? (int32_t)from->opcode : 0,
            .length = from->status == IBV_WC_SUCCESS ? from->byte_len : 0,
            .immediate = has_immediate ? be32toh(from->imm_data) : 0,
            .has_immediate = has_immediate,
            .qp_number = from->qp_num,
            .vendor_error = from->status == IBV_WC_SUCCESS ? 0 : from->vendor_err,
        };
    }
    return count;
}

int32_t csn_cq_arm(csn_cq *cq, int32_t solicited_only)
{
    return cq == NULL ? -EINVAL : csn_status(ibv_req_notify_cq(cq->verbs, solicited_only != 0));
}

int32_t csn_cq_descriptor(csn_cq *cq)
{
    return cq == NULL ? -EINVAL : cq->channel->fd;
}

int32_t csn_cq_take(csn_cq *cq)
{
    struct ibv_cq *of;
    void *context;
    unsigned int count = 0;

    if (cq == NULL)
        return -EINVAL;
    while (csn_verbs.get_cq_event(cq->channel, &of, &context) == 0)
        count++;
    if (count > 0)
        csn_verbs.ack_cq_events(cq->verbs, count);
    return (int32_t)count;
}
