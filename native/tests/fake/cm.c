/* The functions of librdmacm that the product uses: every address leads to this process. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <rdma/rdma_cma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { REQUEST_DATA = 56, DATA_LENGTH = 64, NO_SUCH_SERVICE = 8, CONSUMER_SAID_NO = 28 };

struct event {
    struct rdma_cm_event verbs;
    struct event *next;
    uint8_t data[DATA_LENGTH];
};

struct channel {
    struct rdma_event_channel verbs;
    struct event *first, **last;
};

struct id {
    struct rdma_cm_id verbs;
    struct id *next;
    struct id *peer; /* the other end, from the request on */
    int backlog;
    int taken; /* events that were taken and not acknowledged: it cannot be ended meanwhile */
    bool is_listener, is_connected, is_requested;
    uint8_t rnr_limit;
};

static struct id *ids;
static uint16_t next_port = 40000;

static void lock(void) { pthread_mutex_lock(&csn_fake.lock); }
static void unlock(void) { pthread_mutex_unlock(&csn_fake.lock); }

static void push(struct id *id, struct id *listener, enum rdma_cm_event_type type, int status, const struct rdma_conn_param *param)
{
    struct channel *channel = (struct channel *)id->verbs.channel;
    struct event *event = calloc(1, sizeof *event);
    uint64_t one = 1;

    event->verbs.id = &id->verbs;
    event->verbs.listen_id = listener != NULL ? &listener->verbs : NULL;
    event->verbs.event = type;
    event->verbs.status = status;
    if (param != NULL) {
        event->verbs.param.conn.responder_resources = param->responder_resources;
        event->verbs.param.conn.initiator_depth = param->initiator_depth;
        if (param->private_data != NULL)
            memcpy(event->data, param->private_data, param->private_data_len);
        event->verbs.param.conn.private_data = event->data;
        event->verbs.param.conn.private_data_len = listener != NULL ? REQUEST_DATA : DATA_LENGTH; /* with zeros, as InfiniBand's own messages have it */
    }
    if (channel->first == NULL)
        channel->last = &channel->first;
    *channel->last = event;
    channel->last = &event->next;
    if (write(channel->verbs.fd, &one, sizeof one) != sizeof one)
        abort();
}

/* Both ends hear of it once. */
static void disconnect(struct id *id)
{
    struct id *peer = id->peer;

    if (id->verbs.qp != NULL)
        csn_fake_break((struct fake_qp *)id->verbs.qp);
    if (!id->is_connected)
        return;
    id->is_connected = false;
    push(id, NULL, RDMA_CM_EVENT_DISCONNECTED, 0, NULL);
    if (peer != NULL && peer->is_connected) {
        peer->is_connected = false;
        push(peer, NULL, RDMA_CM_EVENT_DISCONNECTED, 0, NULL);
    }
}

static void on_removed(void)
{
    for (struct id *id = ids; id != NULL; id = id->next)
        if (id->verbs.verbs != NULL)
            push(id, NULL, RDMA_CM_EVENT_DEVICE_REMOVAL, 0, NULL);
}

/* ---- Devices and channels ---- */

struct ibv_context **rdma_get_devices(int *count_p)
{
    struct ibv_context **list;

    if (csn_fake_fails("rdma_get_devices"))
        return NULL;
    list = calloc(2, sizeof(struct ibv_context *));
    list[0] = csn_fake_context();
    *count_p = 1;
    csn_fake_on_removed = on_removed;
    return list;
}

void rdma_free_devices(struct ibv_context **list) { free(list); }

struct rdma_event_channel *rdma_create_event_channel(void)
{
    struct channel *channel;

    if (csn_fake_fails("rdma_create_event_channel"))
        return NULL;
    channel = calloc(1, sizeof *channel);
    channel->verbs.fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    lock();
    csn_fake.counts.objects++;
    unlock();
    return &channel->verbs;
}

/* Callers that nobody has asked after go with it. */
void rdma_destroy_event_channel(struct rdma_event_channel *verbs)
{
    struct channel *channel = (struct channel *)verbs;

    while (channel->first != NULL)
        if (channel->first->verbs.event == RDMA_CM_EVENT_CONNECT_REQUEST)
            rdma_destroy_id(channel->first->verbs.id);
        else
            abort(); /* of an id that still lives: it had to be ended first */
    lock();
    csn_fake.counts.objects--;
    unlock();
    close(verbs->fd);
    free(channel);
}

static void count_taken(struct rdma_cm_event *event, int change)
{
    ((struct id *)event->id)->taken += change;
    if (event->listen_id != NULL)
        ((struct id *)event->listen_id)->taken += change;
}

int rdma_get_cm_event(struct rdma_event_channel *verbs, struct rdma_cm_event **event_p)
{
    struct channel *channel = (struct channel *)verbs;
    struct event *event;
    uint64_t one;

    if (csn_fake_fails("rdma_get_cm_event"))
        return -1;
    lock(); /* an id that is ended meanwhile takes its events along, and their count with them; the descriptor does not block */
    if (read(verbs->fd, &one, sizeof one) != sizeof one) {
        unlock();
        return -1;
    }
    event = channel->first;
    channel->first = event->next;
    count_taken(&event->verbs, +1);
    unlock();
    *event_p = &event->verbs;
    return 0;
}

int rdma_ack_cm_event(struct rdma_cm_event *event)
{
    lock();
    count_taken(event, -1);
    pthread_cond_broadcast(&csn_fake.moved);
    unlock();
    free(event);
    return 0;
}

/* ---- Ids ---- */

static struct id *make(struct rdma_event_channel *channel, void *user)
{
    struct id *id = calloc(1, sizeof *id);

    id->verbs.channel = channel;
    id->verbs.context = user;
    id->verbs.ps = RDMA_PS_TCP;
    id->next = ids;
    ids = id;
    csn_fake.counts.objects++;
    return id;
}

int rdma_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id_p, void *user, enum rdma_port_space space)
{
    (void)space;
    if (csn_fake_fails("rdma_create_id"))
        return -1;
    lock();
    *id_p = &make(channel, user)->verbs;
    unlock();
    return 0;
}

static void forget_events(struct id *id)
{
    struct channel *channel = (struct channel *)id->verbs.channel;
    struct event **at = &channel->first;
    uint64_t one;

    while (*at != NULL) {
        struct event *event = *at;

        if (event->verbs.id != &id->verbs) {
            at = &event->next;
            continue;
        }
        *at = event->next;
        free(event);
        if (read(channel->verbs.fd, &one, sizeof one) != sizeof one)
            abort();
    }
    channel->last = at;
}

static void end(struct id *id);

/* Requests that nobody has been told of end with the listener they came to, as the kernel has it. */
static void end_requests(struct id *listener)
{
    struct event *event = ((struct channel *)listener->verbs.channel)->first;

    while (event != NULL) {
        if (event->verbs.listen_id != &listener->verbs) {
            event = event->next;
            continue;
        }
        end((struct id *)event->verbs.id); /* takes the event along */
        event = ((struct channel *)listener->verbs.channel)->first;
    }
}

/* Under the lock, while none of its events is taken. */
static void end(struct id *id)
{
    struct id **at = &ids;

    disconnect(id);
    if (id->is_requested && id->peer != NULL)
        push(id->peer, NULL, RDMA_CM_EVENT_REJECTED, CONSUMER_SAID_NO, NULL);
    forget_events(id);
    end_requests(id);
    while (*at != id)
        at = &(*at)->next;
    *at = id->next;
    for (struct id *other = ids; other != NULL; other = other->next)
        if (other->peer == id)
            other->peer = NULL;
    csn_fake.counts.objects--;
    free(id);
}

int rdma_destroy_id(struct rdma_cm_id *verbs)
{
    struct id *id = (struct id *)verbs;

    lock();
    while (id->taken > 0)
        pthread_cond_wait(&csn_fake.moved, &csn_fake.lock);
    end(id);
    unlock();
    return 0;
}

static uint16_t port_of(const struct sockaddr *name)
{
    return ntohs(name->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)name)->sin6_port : ((const struct sockaddr_in *)name)->sin_port);
}

static void set_port(struct sockaddr *name, uint16_t port)
{
    if (name->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)name)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)name)->sin_port = htons(port);
}

static struct id *listener_at(uint16_t port)
{
    struct id *id = ids;

    while (id != NULL && !(id->is_listener && port_of(&id->verbs.route.addr.src_addr) == port))
        id = id->next;
    return id;
}

static size_t length_of(const struct sockaddr *name) { return name->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in); }

int rdma_bind_addr(struct rdma_cm_id *id, struct sockaddr *name)
{
    if (csn_fake_fails("rdma_bind_addr"))
        return -1;
    lock();
    if (port_of(name) != 0 && listener_at(port_of(name)) != NULL) {
        unlock();
        errno = EADDRINUSE;
        return -1;
    }
    memcpy(&id->route.addr.src_storage, name, length_of(name));
    if (port_of(name) == 0)
        set_port(&id->route.addr.src_addr, next_port++);
    unlock();
    return 0;
}

int rdma_listen(struct rdma_cm_id *id, int backlog)
{
    if (csn_fake_fails("rdma_listen"))
        return -1;
    lock();
    ((struct id *)id)->is_listener = true;
    ((struct id *)id)->backlog = backlog;
    unlock();
    return 0;
}

int rdma_resolve_addr(struct rdma_cm_id *id, struct sockaddr *source, struct sockaddr *name, int timeout_ms)
{
    (void)source, (void)timeout_ms;
    if (csn_fake_fails("rdma_resolve_addr"))
        return -1;
    lock();
    memcpy(&id->route.addr.dst_storage, name, length_of(name));
    memcpy(&id->route.addr.src_storage, name, length_of(name));
    set_port(&id->route.addr.src_addr, next_port++);
    id->verbs = csn_fake.is_removed ? NULL : csn_fake_context();
    push((struct id *)id, NULL, id->verbs == NULL ? RDMA_CM_EVENT_ADDR_ERROR : RDMA_CM_EVENT_ADDR_RESOLVED, id->verbs == NULL ? -ENODEV : 0, NULL);
    unlock();
    return 0;
}

int rdma_resolve_route(struct rdma_cm_id *id, int timeout_ms)
{
    (void)timeout_ms;
    if (csn_fake_fails("rdma_resolve_route"))
        return -1;
    lock();
    push((struct id *)id, NULL, RDMA_CM_EVENT_ROUTE_RESOLVED, 0, NULL);
    unlock();
    return 0;
}

int rdma_create_qp(struct rdma_cm_id *id, struct ibv_pd *pd, struct ibv_qp_init_attr *attributes)
{
    if (csn_fake_fails("rdma_create_qp"))
        return -1;
    id->qp = csn_fake_create_qp(pd, attributes);
    return 0;
}

void rdma_destroy_qp(struct rdma_cm_id *id)
{
    csn_fake_destroy_qp(id->qp);
    id->qp = NULL;
}

int rdma_connect(struct rdma_cm_id *verbs, struct rdma_conn_param *param)
{
    struct id *id = (struct id *)verbs;
    struct id *listener, *other;

    if (csn_fake_fails("rdma_connect"))
        return -1;
    lock();
    id->rnr_limit = param->rnr_retry_count;
    listener = csn_fake.is_cut ? NULL : listener_at(port_of(&verbs->route.addr.dst_addr));
    if (listener == NULL) {
        push(id, NULL, csn_fake.is_cut ? RDMA_CM_EVENT_UNREACHABLE : RDMA_CM_EVENT_REJECTED, csn_fake.is_cut ? -ETIMEDOUT : NO_SUCH_SERVICE, NULL);
    } else {
        other = make(listener->verbs.channel, NULL);
        other->verbs.verbs = csn_fake_context();
        memcpy(&other->verbs.route.addr.src_storage, &verbs->route.addr.dst_storage, sizeof(struct sockaddr_storage));
        memcpy(&other->verbs.route.addr.dst_storage, &verbs->route.addr.src_storage, sizeof(struct sockaddr_storage));
        other->is_requested = true;
        other->peer = id;
        id->peer = other;
        push(other, listener, RDMA_CM_EVENT_CONNECT_REQUEST, 0, param);
    }
    unlock();
    return 0;
}

int rdma_accept(struct rdma_cm_id *verbs, struct rdma_conn_param *param)
{
    struct id *id = (struct id *)verbs;

    if (csn_fake_fails("rdma_accept"))
        return -1;
    lock();
    id->is_requested = false;
    if (id->peer == NULL || id->peer->verbs.qp == NULL || verbs->qp == NULL) {
        unlock();
        errno = id->peer == NULL ? ECONNRESET : EINVAL;
        return -1;
    }
    ((struct fake_qp *)verbs->qp)->rnr_limit = param->rnr_retry_count;
    ((struct fake_qp *)id->peer->verbs.qp)->rnr_limit = id->peer->rnr_limit;
    csn_fake_join((struct fake_qp *)verbs->qp, (struct fake_qp *)id->peer->verbs.qp);
    id->is_connected = id->peer->is_connected = true;
    push(id->peer, NULL, RDMA_CM_EVENT_ESTABLISHED, 0, param);
    push(id, NULL, RDMA_CM_EVENT_ESTABLISHED, 0, NULL);
    unlock();
    return 0;
}

int rdma_reject(struct rdma_cm_id *verbs, const void *data, uint8_t length)
{
    struct id *id = (struct id *)verbs;
    struct rdma_conn_param param = { .private_data = data, .private_data_len = length };

    lock();
    if (id->is_requested && id->peer != NULL)
        push(id->peer, NULL, RDMA_CM_EVENT_REJECTED, CONSUMER_SAID_NO, &param);
    id->is_requested = false;
    unlock();
    return 0;
}

int rdma_disconnect(struct rdma_cm_id *id)
{
    lock();
    disconnect((struct id *)id);
    unlock();
    return 0;
}
