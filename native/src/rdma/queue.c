/* Queue pairs, shared receive queues, and what is posted to them. */
#include "rdma.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(csn_sge) == 16 && sizeof(csn_wr) == 80 && sizeof(csn_receive) == 24, "the sizes of both sides");
_Static_assert(CSN_WR_WRITE == IBV_WR_RDMA_WRITE && CSN_WR_WRITE_IMMEDIATE == IBV_WR_RDMA_WRITE_WITH_IMM, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WR_SEND == IBV_WR_SEND && CSN_WR_SEND_IMMEDIATE == IBV_WR_SEND_WITH_IMM, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WR_READ == IBV_WR_RDMA_READ, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WR_COMPARE_SWAP == IBV_WR_ATOMIC_CMP_AND_SWP && CSN_WR_FETCH_ADD == IBV_WR_ATOMIC_FETCH_AND_ADD, "opcodes have the numbers of libibverbs");
_Static_assert(CSN_WR_FENCE == IBV_SEND_FENCE && CSN_WR_SIGNALED == IBV_SEND_SIGNALED, "flags have the numbers of libibverbs");
_Static_assert(CSN_WR_SOLICITED == IBV_SEND_SOLICITED && CSN_WR_INLINE == IBV_SEND_INLINE, "flags have the numbers of libibverbs");

/* So many requests are chained for one doorbell. */
enum { LOT = 32 };

int32_t csn_qp_create(csn_id *id, csn_pd *pd, csn_cq *send_cq, csn_cq *receive_cq, csn_srq *srq, csn_qp_limits *limits, csn_qp **qp_p)
{
    struct ibv_qp_init_attr attributes;
    csn_qp *qp;
    int32_t status;

    if (id == NULL || pd == NULL || send_cq == NULL || receive_cq == NULL || limits == NULL || qp_p == NULL)
        return -EINVAL;
    if (id->children != 0)
        return -EALREADY;
    if (id->verbs->verbs != pd->device->verbs)
        return -EXDEV;
    qp = calloc(1, sizeof *qp);
    if (qp == NULL)
        return -ENOMEM;
    memset(&attributes, 0, sizeof attributes);
    attributes.qp_type = IBV_QPT_RC;
    attributes.send_cq = send_cq->verbs;
    attributes.recv_cq = receive_cq->verbs;
    attributes.srq = srq == NULL ? NULL : srq->verbs;
    attributes.cap.max_send_wr = limits->sends;
    attributes.cap.max_recv_wr = srq == NULL ? limits->receives : 0;
    attributes.cap.max_send_sge = limits->send_sges;
    attributes.cap.max_recv_sge = srq == NULL ? limits->receive_sges : 0;
    attributes.cap.max_inline_data = limits->inline_bytes;
    status = csn_status(csn_rdmacm.create_qp(id->verbs, pd->verbs, &attributes));
    if (status != 0) {
        free(qp);
        return status;
    }
    qp->id = id;
    qp->pd = pd;
    qp->send_cq = send_cq;
    qp->receive_cq = receive_cq;
    qp->srq = srq;
    qp->verbs = id->verbs->qp;
    id->children++;
    pd->children++;
    send_cq->children++;
    receive_cq->children++;
    if (srq != NULL)
        srq->children++;
    csn_counts.qps++;
    limits->sends = attributes.cap.max_send_wr;
    limits->receives = attributes.cap.max_recv_wr;
    limits->send_sges = attributes.cap.max_send_sge;
    limits->receive_sges = attributes.cap.max_recv_sge;
    limits->inline_bytes = attributes.cap.max_inline_data;
    *qp_p = qp;
    return 0;
}

int32_t csn_qp_destroy(csn_qp *qp)
{
    if (qp == NULL)
        return -EINVAL;
    csn_rdmacm.destroy_qp(qp->id->verbs);
    qp->id->children--;
    qp->pd->children--;
    qp->send_cq->children--;
    qp->receive_cq->children--;
    if (qp->srq != NULL)
        qp->srq->children--;
    csn_counts.qps--;
    free(qp);
    return 0;
}

int32_t csn_qp_number(const csn_qp *qp, uint32_t *number_p)
{
    if (qp == NULL || number_p == NULL)
        return -EINVAL;
    *number_p = qp->verbs->qp_num;
    return 0;
}

int32_t csn_qp_fail(csn_qp *qp)
{
    struct ibv_qp_attr attributes = { .qp_state = IBV_QPS_ERR };

    return qp == NULL ? -EINVAL : csn_status(csn_verbs.modify_qp(qp->verbs, &attributes, IBV_QP_STATE));
}

int32_t csn_srq_create(csn_pd *pd, int32_t depth, int32_t sges, csn_srq **srq_p)
{
    struct ibv_srq_init_attr attributes;
    csn_srq *srq;
    int32_t status;

    if (pd == NULL || depth < 1 || sges < 0 || srq_p == NULL)
        return -EINVAL;
    srq = calloc(1, sizeof *srq);
    if (srq == NULL)
        return -ENOMEM;
    memset(&attributes, 0, sizeof attributes);
    attributes.attr.max_wr = (uint32_t)depth;
    attributes.attr.max_sge = (uint32_t)sges;
    srq->pd = pd;
    srq->verbs = csn_verbs.create_srq(pd->verbs, &attributes);
    if (srq->verbs == NULL) {
        status = csn_errno();
        free(srq);
        return status;
    }
    pd->children++;
    csn_counts.srqs++;
    *srq_p = srq;
    return 0;
}

int32_t csn_srq_destroy(csn_srq *srq)
{
    int32_t status;

    if (srq == NULL)
        return -EINVAL;
    if (srq->children != 0)
        return -EBUSY;
    status = csn_status(csn_verbs.destroy_srq(srq->verbs));
    if (status != 0)
        return status;
    srq->pd->children--;
    csn_counts.srqs--;
    free(srq);
    return 0;
}

static int32_t fill_sges(const csn_wr *from, struct ibv_sge *to)
{
    const csn_sge *places = from->sges != NULL ? from->sges : &from->local;
    uint32_t count = from->sges != NULL ? from->sge_count : from->local.length > 0;
    uint32_t i;

    if (count > CSN_SGE_MAX)
        return -EINVAL;
    for (i = 0; i < count; i++)
        to[i] = (struct ibv_sge){ .addr = places[i].address, .length = places[i].length, .lkey = places[i].local_key };
    return (int32_t)count;
}

static int32_t fill_send(const csn_wr *from, struct ibv_sge *sges, struct ibv_send_wr *to)
{
    int32_t count = fill_sges(from, sges);

    if (count < 0 || from->opcode > CSN_WR_FETCH_ADD || from->flags > (CSN_WR_FENCE | CSN_WR_SIGNALED | CSN_WR_SOLICITED | CSN_WR_INLINE))
        return -EINVAL;
    to->wr_id = from->id;
    to->sg_list = sges;
    to->num_sge = count;
    to->opcode = (enum ibv_wr_opcode)from->opcode;
    to->send_flags = from->flags;
    to->imm_data = htobe32(from->immediate);
    if (from->opcode == CSN_WR_COMPARE_SWAP || from->opcode == CSN_WR_FETCH_ADD) {
        to->wr.atomic.remote_addr = from->remote_address;
        to->wr.atomic.rkey = from->remote_key;
        to->wr.atomic.compare_add = from->add;
        to->wr.atomic.swap = from->swap;
    } else {
        to->wr.rdma.remote_addr = from->remote_address;
        to->wr.rdma.rkey = from->remote_key;
    }
    return 0;
}

/* Posts one chain; returns how many were taken, or why not even one. */
static int32_t post_lot(csn_qp *qp, const csn_wr *requests, int32_t count)
{
    struct ibv_send_wr chain[LOT];
    struct ibv_sge sges[LOT][CSN_SGE_MAX];
    struct ibv_send_wr *refused = NULL;
    int32_t status = 0;
    int32_t i;

    for (i = 0; i < count; i++) {
        status = fill_send(&requests[i], sges[i], &chain[i]);
        if (status != 0)
            break;
        chain[i].next = NULL;
        if (i > 0)
            chain[i - 1].next = &chain[i];
    }
    if (i == 0)
        return status;
    count = i;
    status = csn_status(ibv_post_send(qp->verbs, chain, &refused));
    if (status == 0)
        return count;
    return refused == NULL || refused == chain ? status : (int32_t)(refused - chain);
}

int32_t csn_qp_post(csn_qp *qp, const csn_wr *requests, int32_t count)
{
    int32_t posted = 0;

    if (qp == NULL || requests == NULL || count < 0)
        return -EINVAL;
    while (posted < count) {
        int32_t lot = count - posted < LOT ? count - posted : LOT;
        int32_t taken = post_lot(qp, requests + posted, lot);

        if (taken < 0)
            return posted > 0 ? posted : taken;
        posted += taken;
        if (taken < lot)
            break;
    }
    return posted;
}

static int32_t post_receives(csn_qp *qp, csn_srq *srq, const csn_receive *receives, int32_t count)
{
    int32_t posted = 0;

    if (receives == NULL || count < 0)
        return -EINVAL;
    while (posted < count) {
        struct ibv_recv_wr chain[LOT];
        struct ibv_sge sges[LOT];
        struct ibv_recv_wr *refused = NULL;
        int32_t lot = count - posted < LOT ? count - posted : LOT;
        int32_t status, i;

        for (i = 0; i < lot; i++) {
            const csn_receive *from = &receives[posted + i];

            sges[i] = (struct ibv_sge){ .addr = from->local.address, .length = from->local.length, .lkey = from->local.local_key };
            chain[i] = (struct ibv_recv_wr){
                .wr_id = from->id,
                .next = i + 1 < lot ? &chain[i + 1] : NULL,
                .sg_list = &sges[i],
                .num_sge = from->local.length > 0,
            };
        }
        status = csn_status(qp != NULL ? ibv_post_recv(qp->verbs, chain, &refused) : ibv_post_srq_recv(srq->verbs, chain, &refused));
        if (status != 0) {
            posted += refused == NULL ? 0 : (int32_t)(refused - chain);
            return posted > 0 ? posted : status;
        }
        posted += lot;
    }
    return posted;
}

int32_t csn_qp_post_receive(csn_qp *qp, const csn_receive *receives, int32_t count)
{
    return qp == NULL ? -EINVAL : post_receives(qp, NULL, receives, count);
}

int32_t csn_srq_post_receive(csn_srq *srq, const csn_receive *receives, int32_t count)
{
    return srq == NULL ? -EINVAL : post_receives(NULL, srq, receives, count);
}
