/* The functions of libibverbs that the product uses. */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#undef ibv_reg_mr
#undef ibv_query_port

struct fake_channel {
    struct ibv_comp_channel verbs;
    struct fake_cq *waiting[64];
    int count;
};

struct fake_srq {
    struct ibv_srq verbs;
    struct receives receives;
};

static struct ibv_device device = { .name = "fake0", .node_type = IBV_NODE_CA, .transport_type = IBV_TRANSPORT_IB };
static struct ibv_device *devices[] = { &device, NULL };
static struct ibv_context context;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct fake_mr *regions;
static uint32_t next_key = 0x1000, next_qp_number = 17;
static enum ibv_event_type async_events[16];
static int async_count;

static void lock(void) { pthread_mutex_lock(&csn_fake.lock); }
static void unlock(void) { pthread_mutex_unlock(&csn_fake.lock); }

static void count(int32_t change)
{
    lock();
    csn_fake.counts.objects += change;
    unlock();
}

/* ---- Queues of receives ---- */

static int post_receives(struct receives *list, struct fake_qp *qp, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
    int status = 0;

    lock();
    for (; wr != NULL && status == 0; wr = wr->next) {
        struct receive *receive;

        *bad = wr;
        if (list->count >= list->capacity || wr->num_sge > 4) {
            status = wr->num_sge > 4 ? EINVAL : ENOMEM;
            break;
        }
        receive = calloc(1, sizeof *receive);
        receive->id = wr->wr_id;
        receive->count = wr->num_sge;
        if (wr->num_sge > 0)
            memcpy(receive->sges, wr->sg_list, (size_t)wr->num_sge * sizeof *receive->sges);
        if (list->first == NULL)
            list->last = &list->first;
        *list->last = receive;
        list->last = &receive->next;
        list->count++;
    }
    if (qp != NULL && qp->is_failed)
        csn_fake_break(qp); /* flushes what was just posted */
    pthread_cond_broadcast(&csn_fake.moved);
    unlock();
    return status;
}

static void free_receives(struct receives *list)
{
    while (list->first != NULL) {
        struct receive *next = list->first->next;

        free(list->first);
        list->first = next;
    }
}

static int post_recv(struct ibv_qp *verbs, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
    struct fake_qp *qp = (struct fake_qp *)verbs;

    return post_receives(&qp->receives, qp, wr, bad);
}

static int post_srq_recv(struct ibv_srq *srq, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
    return post_receives(&((struct fake_srq *)srq)->receives, NULL, wr, bad);
}

static int post_one(struct fake_qp *qp, struct ibv_send_wr *wr)
{
    uint32_t length = 0;
    struct send *send;

    for (int i = 0; i < wr->num_sge; i++)
        length += wr->sg_list[i].length;
    if (wr->num_sge > (int)qp->cap.max_send_sge || ((wr->send_flags & IBV_SEND_INLINE) != 0 && length > qp->cap.max_inline_data))
        return EINVAL;
    if (qp->places_used >= qp->cap.max_send_wr)
        return ENOMEM;
    send = calloc(1, sizeof *send);
    send->wr = *wr;
    if (wr->num_sge > 0)
        memcpy(send->sges, wr->sg_list, (size_t)wr->num_sge * sizeof *send->sges);
    if ((wr->send_flags & IBV_SEND_INLINE) != 0) {
        send->inlined = malloc(length > 0 ? length : 1);
        for (int i = 0; i < wr->num_sge; i++) {
            memcpy(send->inlined + send->inlined_length, (void *)(uintptr_t)wr->sg_list[i].addr, wr->sg_list[i].length);
            send->inlined_length += wr->sg_list[i].length;
        }
    }
    if (qp->sends == NULL)
        qp->last_send = &qp->sends;
    *qp->last_send = send;
    qp->last_send = &send->next;
    qp->places_used++;
    return 0;
}

static int post_send(struct ibv_qp *verbs, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
    struct fake_qp *qp = (struct fake_qp *)verbs;
    int status = 0;

    lock();
    for (; wr != NULL && status == 0; wr = wr->next) {
        *bad = wr;
        status = !qp->is_ready && !qp->is_failed ? EINVAL : post_one(qp, wr);
    }
    if (qp->is_failed)
        csn_fake_break(qp);
    pthread_cond_broadcast(&csn_fake.moved);
    unlock();
    return status;
}

/* ---- Completion queues ---- */

static void notify(struct fake_cq *cq)
{
    struct fake_channel *channel = (struct fake_channel *)cq->verbs.channel;
    uint64_t one = 1;

    cq->is_armed = false;
    if (channel == NULL || channel->count == 64)
        return;
    channel->waiting[channel->count++] = cq;
    csn_fake.counts.notifications++;
    if (write(channel->verbs.fd, &one, sizeof one) != sizeof one)
        abort();
}

void fake_complete(struct fake_cq *cq, struct completion *completion)
{
    bool wakes = cq->is_armed && (!cq->only_solicited || completion->is_solicited || completion->wc.status != IBV_WC_SUCCESS);

    if (cq->count == cq->verbs.cqe) {
        csn_fake.counts.overruns++;
        fake_async_event(IBV_EVENT_CQ_ERR);
        free(completion);
        return;
    }
    completion->next = NULL;
    if (cq->ready.first == NULL)
        cq->ready.last = &cq->ready.first;
    *cq->ready.last = completion;
    cq->ready.last = &completion->next;
    cq->count++;
    if (wakes)
        notify(cq);
}

static int poll_cq(struct ibv_cq *verbs, int capacity, struct ibv_wc *wc)
{
    struct fake_cq *cq = (struct fake_cq *)verbs;
    int taken = 0;

    lock();
    for (; taken < capacity && cq->ready.first != NULL; taken++) {
        struct completion *first = cq->ready.first;

        wc[taken] = first->wc;
        first->qp->places_used -= first->places;
        cq->ready.first = first->next;
        cq->count--;
        free(first);
    }
    unlock();
    return taken;
}

static int req_notify_cq(struct ibv_cq *verbs, int solicited_only)
{
    struct fake_cq *cq = (struct fake_cq *)verbs;

    lock();
    cq->is_armed = true;
    cq->only_solicited = solicited_only != 0;
    unlock();
    return 0;
}

static void forget(struct completions *list, const struct fake_qp *qp, int *counted)
{
    struct completion **at = &list->first;

    while (*at != NULL) {
        struct completion *here = *at;

        if (qp != NULL && here->qp != qp) {
            at = &here->next;
            continue;
        }
        *at = here->next;
        free(here);
        if (counted != NULL)
            (*counted)--;
    }
    list->last = at;
}

/* ---- Devices ---- */

static void open_context(void)
{
    context.device = &device;
    context.async_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    context.num_comp_vectors = 1;
    context.ops.poll_cq = poll_cq;
    context.ops.req_notify_cq = req_notify_cq;
    context.ops.post_send = post_send;
    context.ops.post_recv = post_recv;
    context.ops.post_srq_recv = post_srq_recv;
}

struct ibv_context *csn_fake_context(void)
{
    pthread_once(&once, open_context);
    return &context;
}

int ibv_fork_init(void) { return 0; }

struct ibv_device **ibv_get_device_list(int *count_p)
{
    if (csn_fake_fails("ibv_get_device_list"))
        return NULL;
    *count_p = 1;
    return devices;
}

void ibv_free_device_list(struct ibv_device **list) { (void)list; }

const char *ibv_get_device_name(struct ibv_device *of) { return of->name; }

__be64 ibv_get_device_guid(struct ibv_device *of)
{
    (void)of;
    return htobe64(0x0123456789abcdef);
}

int ibv_query_device(struct ibv_context *of, struct ibv_device_attr *attributes)
{
    (void)of;
    if (csn_fake_fails("ibv_query_device"))
        return errno;
    *attributes = (struct ibv_device_attr){
        .max_mr_size = UINT64_MAX, .phys_port_cnt = 1, .max_qp = MAX_QUEUES, .max_qp_wr = 4096, .max_sge = 16, .max_cq = 64, .max_cqe = 65536,
        .max_mr = 65536, .max_srq = 64, .max_srq_wr = 4096, .max_qp_rd_atom = 16, .max_qp_init_rd_atom = 16, .atomic_cap = IBV_ATOMIC_HCA,
    };
    return 0;
}

int ibv_query_port(struct ibv_context *of, uint8_t port, struct _compat_ibv_port_attr *compat)
{
    struct ibv_port_attr *attributes = (struct ibv_port_attr *)compat;

    (void)of;
    if (port != 1)
        return EINVAL;
    attributes->state = csn_fake.is_removed ? IBV_PORT_DOWN : IBV_PORT_ACTIVE;
    attributes->active_mtu = IBV_MTU_4096;
    attributes->max_msg_sz = 1u << 30;
    attributes->gid_tbl_len = 1;
    attributes->link_layer = IBV_LINK_LAYER_ETHERNET;
    return 0;
}

int ibv_query_gid(struct ibv_context *of, uint8_t port, int index, union ibv_gid *gid)
{
    static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };

    (void)of;
    if (port != 1 || index != 0) {
        errno = EINVAL;
        return -1;
    }
    memcpy(gid->raw, mapped, sizeof mapped);
    return 0;
}

void fake_async_event(enum ibv_event_type type)
{
    uint64_t one = 1;

    if (async_count == 16)
        return;
    async_events[async_count++] = type;
    if (write(csn_fake_context()->async_fd, &one, sizeof one) != sizeof one)
        abort();
}

int ibv_get_async_event(struct ibv_context *of, struct ibv_async_event *event)
{
    uint64_t one;

    lock();
    if (read(of->async_fd, &one, sizeof one) != sizeof one) {
        unlock();
        return -1;
    }
    event->event_type = async_events[0];
    memmove(async_events, async_events + 1, (size_t)--async_count * sizeof *async_events);
    unlock();
    return 0;
}

void ibv_ack_async_event(struct ibv_async_event *event) { (void)event; }

/* ---- Memory ---- */

struct ibv_pd *ibv_alloc_pd(struct ibv_context *of)
{
    struct ibv_pd *pd;

    if (csn_fake_fails("ibv_alloc_pd"))
        return NULL;
    pd = calloc(1, sizeof *pd);
    pd->context = of;
    count(+1);
    return pd;
}

int ibv_dealloc_pd(struct ibv_pd *pd)
{
    count(-1);
    free(pd);
    return 0;
}

struct ibv_mr *ibv_reg_mr(struct ibv_pd *pd, void *address, size_t length, int access)
{
    struct fake_mr *mr;

    if (csn_fake_fails("ibv_reg_mr"))
        return NULL;
    if ((access & IBV_ACCESS_ON_DEMAND) != 0) {
        errno = EOPNOTSUPP;
        return NULL;
    }
    if ((access & (IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC)) != 0 && (access & IBV_ACCESS_LOCAL_WRITE) == 0) {
        errno = EINVAL;
        return NULL;
    }
    mr = calloc(1, sizeof *mr);
    mr->verbs = (struct ibv_mr){ .context = pd->context, .pd = pd, .addr = address, .length = length };
    mr->access = access;
    lock();
    mr->verbs.lkey = mr->verbs.rkey = next_key;
    next_key += 0x101;
    mr->next = regions;
    regions = mr;
    csn_fake.counts.objects++;
    unlock();
    return &mr->verbs;
}

int ibv_rereg_mr(struct ibv_mr *verbs, int flags, struct ibv_pd *pd, void *address, size_t length, int access)
{
    struct fake_mr *mr = (struct fake_mr *)verbs;

    (void)flags, (void)pd;
    if (csn_fake_fails("ibv_rereg_mr"))
        return -1;
    lock();
    mr->verbs.addr = address;
    mr->verbs.length = length;
    mr->verbs.lkey = mr->verbs.rkey = next_key;
    next_key += 0x101;
    mr->access = access;
    unlock();
    return 0;
}

int ibv_dereg_mr(struct ibv_mr *verbs)
{
    struct fake_mr **at = &regions;

    lock();
    while (*at != (struct fake_mr *)verbs)
        at = &(*at)->next;
    *at = (*at)->next;
    csn_fake.counts.objects--;
    unlock();
    free(verbs);
    return 0;
}

struct fake_mr *fake_region(uint32_t key)
{
    struct fake_mr *mr = regions;

    while (mr != NULL && mr->verbs.lkey != key)
        mr = mr->next;
    return mr;
}

bool fake_covers(const struct fake_mr *mr, uint64_t address, uint64_t length)
{
    uint64_t start = (uint64_t)(uintptr_t)mr->verbs.addr;

    return address >= start && length <= mr->verbs.length && address - start <= mr->verbs.length - length;
}

/* ---- Queues ---- */

struct ibv_comp_channel *ibv_create_comp_channel(struct ibv_context *of)
{
    struct fake_channel *channel;

    if (csn_fake_fails("ibv_create_comp_channel"))
        return NULL;
    channel = calloc(1, sizeof *channel);
    channel->verbs.context = of;
    channel->verbs.fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    count(+1);
    return &channel->verbs;
}

int ibv_destroy_comp_channel(struct ibv_comp_channel *channel)
{
    close(channel->fd);
    free(channel);
    count(-1);
    return 0;
}

struct ibv_cq *ibv_create_cq(struct ibv_context *of, int capacity, void *user, struct ibv_comp_channel *channel, int vector)
{
    struct fake_cq *cq;

    (void)vector;
    if (csn_fake_fails("ibv_create_cq"))
        return NULL;
    cq = calloc(1, sizeof *cq);
    cq->verbs.context = of;
    cq->verbs.channel = channel;
    cq->verbs.cq_context = user;
    cq->verbs.cqe = capacity;
    count(+1);
    return &cq->verbs;
}

int ibv_destroy_cq(struct ibv_cq *verbs)
{
    struct fake_cq *cq = (struct fake_cq *)verbs;

    if (cq->unacknowledged != 0)
        abort(); /* the real one would wait for good */
    forget(&cq->ready, NULL, NULL);
    free(cq);
    count(-1);
    return 0;
}

int ibv_get_cq_event(struct ibv_comp_channel *verbs, struct ibv_cq **cq_p, void **user)
{
    struct fake_channel *channel = (struct fake_channel *)verbs;
    uint64_t one;

    lock();
    if (read(verbs->fd, &one, sizeof one) != sizeof one) {
        unlock();
        return -1;
    }
    *cq_p = &channel->waiting[0]->verbs;
    *user = (*cq_p)->cq_context;
    channel->waiting[0]->unacknowledged++;
    memmove(channel->waiting, channel->waiting + 1, (size_t)--channel->count * sizeof *channel->waiting);
    unlock();
    return 0;
}

void ibv_ack_cq_events(struct ibv_cq *verbs, unsigned int events)
{
    lock();
    ((struct fake_cq *)verbs)->unacknowledged -= events;
    unlock();
}

struct ibv_srq *ibv_create_srq(struct ibv_pd *pd, struct ibv_srq_init_attr *attributes)
{
    struct fake_srq *srq;

    if (csn_fake_fails("ibv_create_srq"))
        return NULL;
    srq = calloc(1, sizeof *srq);
    srq->verbs.context = pd->context;
    srq->verbs.pd = pd;
    srq->receives.capacity = attributes->attr.max_wr;
    count(+1);
    return &srq->verbs;
}

int ibv_destroy_srq(struct ibv_srq *verbs)
{
    free_receives(&((struct fake_srq *)verbs)->receives);
    free(verbs);
    count(-1);
    return 0;
}

struct ibv_qp *csn_fake_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *attributes)
{
    struct fake_qp *qp = calloc(1, sizeof *qp);

    qp->verbs = (struct ibv_qp){ .context = pd->context, .pd = pd, .send_cq = attributes->send_cq, .recv_cq = attributes->recv_cq,
        .srq = attributes->srq, .state = IBV_QPS_INIT, .qp_type = attributes->qp_type };
    qp->cap = attributes->cap;
    qp->receives.capacity = attributes->cap.max_recv_wr;
    qp->from = attributes->srq != NULL ? &((struct fake_srq *)attributes->srq)->receives : &qp->receives;
    lock();
    qp->verbs.qp_num = next_qp_number++;
    csn_fake.qps[csn_fake.qp_count++] = qp;
    csn_fake.counts.objects++;
    fake_start_engine();
    unlock();
    return &qp->verbs;
}

void csn_fake_destroy_qp(struct ibv_qp *verbs)
{
    struct fake_qp *qp = (struct fake_qp *)verbs;
    struct fake_cq *send_cq = (struct fake_cq *)verbs->send_cq;
    struct fake_cq *recv_cq = (struct fake_cq *)verbs->recv_cq;
    int i = 0;

    lock();
    csn_fake_break(qp);
    while (csn_fake.qps[i] != qp)
        i++;
    csn_fake.qps[i] = csn_fake.qps[--csn_fake.qp_count];
    for (i = 0; i < csn_fake.qp_count; i++)
        if (csn_fake.qps[i]->peer == qp)
            csn_fake.qps[i]->peer = NULL;
    forget(&qp->held[0], NULL, NULL);
    forget(&qp->held[1], NULL, NULL);
    forget(&send_cq->ready, qp, &send_cq->count);
    forget(&recv_cq->ready, qp, &recv_cq->count);
    csn_fake.counts.objects--;
    if (csn_fake.qp_count == 0)
        fake_stop_engine();
    unlock();
    free_receives(&qp->receives);
    free(qp);
}

void csn_fake_join(struct fake_qp *one, struct fake_qp *other)
{
    one->peer = other;
    other->peer = one;
    one->is_ready = other->is_ready = true;
    one->verbs.state = other->verbs.state = IBV_QPS_RTS;
    pthread_cond_broadcast(&csn_fake.moved);
}

int ibv_modify_qp(struct ibv_qp *verbs, struct ibv_qp_attr *attributes, int mask)
{
    if ((mask & IBV_QP_STATE) == 0 || attributes->qp_state != IBV_QPS_ERR)
        return EINVAL;
    lock();
    csn_fake_break((struct fake_qp *)verbs);
    unlock();
    return 0;
}
