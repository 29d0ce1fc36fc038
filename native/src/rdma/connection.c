/* Connections: ids and their events, by librdmacm. */
#include "rdma.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(csn_address) == 24, "csn_address is 24 bytes on both sides");
_Static_assert(sizeof(csn_cm_event) == 96, "csn_cm_event is 96 bytes on both sides");
_Static_assert(sizeof(csn_cm_parameters) == 16, "csn_cm_parameters is 16 bytes on both sides");
_Static_assert(CSN_CM_ADDRESS == RDMA_CM_EVENT_ADDR_RESOLVED && CSN_CM_ROUTE == RDMA_CM_EVENT_ROUTE_RESOLVED, "events have the numbers of librdmacm");
_Static_assert(CSN_CM_REQUEST == RDMA_CM_EVENT_CONNECT_REQUEST && CSN_CM_REJECTED == RDMA_CM_EVENT_REJECTED, "events have the numbers of librdmacm");
_Static_assert(CSN_CM_ESTABLISHED == RDMA_CM_EVENT_ESTABLISHED && CSN_CM_DISCONNECTED == RDMA_CM_EVENT_DISCONNECTED, "events have the numbers of librdmacm");
_Static_assert(CSN_CM_DEVICE_REMOVED == RDMA_CM_EVENT_DEVICE_REMOVAL && CSN_CM_TIMEWAIT_OVER == RDMA_CM_EVENT_TIMEWAIT_EXIT, "events have the numbers of librdmacm");

static int32_t to_sockaddr(const csn_address *from, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)to;

        in->sin_family = AF_INET;
        in->sin_port = htons(from->port);
        memcpy(&in->sin_addr, from->bytes, sizeof in->sin_addr);
        return 0;
    }
    if (from->family == 6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(from->port);
        in6->sin6_scope_id = from->scope;
        memcpy(&in6->sin6_addr, from->bytes, sizeof in6->sin6_addr);
        return 0;
    }
    return -EAFNOSUPPORT;
}

static void from_sockaddr(const struct sockaddr *from, csn_address *to)
{
    memset(to, 0, sizeof *to);
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;

        to->family = 4;
        to->port = ntohs(in->sin_port);
        memcpy(to->bytes, &in->sin_addr, sizeof in->sin_addr);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

        to->family = 6;
        to->port = ntohs(in6->sin6_port);
        to->scope = in6->sin6_scope_id;
        memcpy(to->bytes, &in6->sin6_addr, sizeof in6->sin6_addr);
    }
}

int32_t csn_cm_create(csn_cm **cm_p)
{
    csn_cm *cm;
    int32_t status = csn_rdma_probe(); /* without a device librdmacm would complain on standard error */

    if (status < 0)
        return status;
    if (cm_p == NULL)
        return -EINVAL;
    cm = calloc(1, sizeof *cm);
    if (cm == NULL)
        return -ENOMEM;
    cm->channel = csn_rdmacm.create_event_channel();
    if (cm->channel == NULL) {
        status = csn_errno();
        goto err_free;
    }
    status = csn_nonblocking(cm->channel->fd);
    if (status != 0)
        goto err_destroy_channel;
    csn_counts.cms++;
    *cm_p = cm;
    return 0;

err_destroy_channel:
    csn_rdmacm.destroy_event_channel(cm->channel);
err_free:
    free(cm);
    return status;
}

int32_t csn_cm_destroy(csn_cm *cm)
{
    if (cm == NULL)
        return -EINVAL;
    if (cm->children != 0)
        return -EBUSY;
    csn_rdmacm.destroy_event_channel(cm->channel);
    csn_counts.cms--;
    free(cm);
    return 0;
}

int32_t csn_cm_descriptor(csn_cm *cm)
{
    return cm == NULL ? -EINVAL : cm->channel->fd;
}

/* The wrapper of an id that librdmacm made for a caller. */
static csn_id *adopt(csn_cm *cm, struct rdma_cm_id *verbs)
{
    csn_id *id = calloc(1, sizeof *id);

    if (id == NULL)
        return NULL;
    id->cm = cm;
    id->verbs = verbs;
    verbs->context = id;
    cm->children++;
    csn_counts.ids++;
    return id;
}

int32_t csn_cm_take(csn_cm *cm, csn_cm_event *event)
{
    struct rdma_cm_event *taken;
    struct rdma_cm_id *stranger;
    csn_id *id;

    if (cm == NULL || event == NULL)
        return -EINVAL;
    if (csn_rdmacm.get_event(cm->channel, &taken) != 0)
        return errno == EAGAIN || errno == EINTR ? 0 : csn_errno();
    memset(event, 0, sizeof *event);
    event->kind = (int32_t)taken->event;
    event->status = taken->status;
    if (taken->event == RDMA_CM_EVENT_CONNECT_REQUEST) {
        const csn_id *listener = taken->listen_id->context;

        event->tag = listener->tag;
        id = adopt(cm, taken->id);
        if (id == NULL) {
            stranger = taken->id;
            csn_rdmacm.ack_event(taken); /* an id cannot be ended while an event of its is not acknowledged */
            csn_rdmacm.reject(stranger, NULL, 0);
            csn_rdmacm.destroy_id(stranger);
            return -ENOMEM;
        }
    } else {
        id = taken->id->context;
        event->tag = id->tag;
    }
    event->id = id;
    event->max_reads = taken->param.conn.initiator_depth;
    if (taken->param.conn.private_data != NULL) {
        event->data_length = taken->param.conn.private_data_len < CSN_CM_DATA_LENGTH ? taken->param.conn.private_data_len : CSN_CM_DATA_LENGTH;
        memcpy(event->data, taken->param.conn.private_data, (size_t)event->data_length);
    }
    csn_rdmacm.ack_event(taken);
    return 1;
}

int32_t csn_id_create(csn_cm *cm, uint64_t tag, csn_id **id_p)
{
    csn_id *id;
    int32_t status;

    if (cm == NULL || id_p == NULL)
        return -EINVAL;
    id = calloc(1, sizeof *id);
    if (id == NULL)
        return -ENOMEM;
    id->cm = cm;
    id->tag = tag;
    status = csn_status(csn_rdmacm.create_id(cm->channel, &id->verbs, id, RDMA_PS_TCP));
    if (status != 0) {
        free(id);
        return status;
    }
    cm->children++;
    csn_counts.ids++;
    *id_p = id;
    return 0;
}

int32_t csn_id_destroy(csn_id *id)
{
    int32_t status;

    if (id == NULL)
        return -EINVAL;
    if (id->children != 0)
        return -EBUSY;
    status = csn_status(csn_rdmacm.destroy_id(id->verbs));
    if (status != 0)
        return status;
    id->cm->children--;
    csn_counts.ids--;
    free(id);
    return 0;
}

int32_t csn_id_tag(csn_id *id, uint64_t tag)
{
    if (id == NULL)
        return -EINVAL;
    id->tag = tag;
    return 0;
}

int32_t csn_id_bind(csn_id *id, const csn_address *address)
{
    struct sockaddr_storage name;
    int32_t status;

    if (id == NULL || address == NULL)
        return -EINVAL;
    status = to_sockaddr(address, &name);
    return status != 0 ? status : csn_status(csn_rdmacm.bind_addr(id->verbs, (struct sockaddr *)&name));
}

int32_t csn_id_listen(csn_id *id, int32_t backlog)
{
    return id == NULL ? -EINVAL : csn_status(csn_rdmacm.listen(id->verbs, backlog));
}

int32_t csn_id_resolve_address(csn_id *id, const csn_address *address, int32_t timeout_ms)
{
    struct sockaddr_storage name;
    int32_t status;

    if (id == NULL || address == NULL)
        return -EINVAL;
    status = to_sockaddr(address, &name);
    return status != 0 ? status : csn_status(csn_rdmacm.resolve_addr(id->verbs, NULL, (struct sockaddr *)&name, timeout_ms));
}

int32_t csn_id_resolve_route(csn_id *id, int32_t timeout_ms)
{
    return id == NULL ? -EINVAL : csn_status(csn_rdmacm.resolve_route(id->verbs, timeout_ms));
}

static struct rdma_conn_param connection_parameters(const csn_cm_parameters *from)
{
    return (struct rdma_conn_param){
        .private_data = from->data_length > 0 ? from->data : NULL,
        .private_data_len = from->data_length,
        .responder_resources = from->max_reads,
        .initiator_depth = from->max_reads_initiated,
        .retry_count = from->retries,
        .rnr_retry_count = from->rnr_retries,
    };
}

int32_t csn_id_connect(csn_id *id, const csn_cm_parameters *parameters)
{
    struct rdma_conn_param param;

    if (id == NULL || parameters == NULL || parameters->data_length > CSN_CM_DATA_MAX)
        return -EINVAL;
    param = connection_parameters(parameters);
    return csn_status(csn_rdmacm.connect(id->verbs, &param));
}

int32_t csn_id_accept(csn_id *id, const csn_cm_parameters *parameters)
{
    struct rdma_conn_param param;

    if (id == NULL || parameters == NULL || parameters->data_length > CSN_CM_DATA_LENGTH)
        return -EINVAL;
    param = connection_parameters(parameters);
    return csn_status(csn_rdmacm.accept(id->verbs, &param));
}

int32_t csn_id_reject(csn_id *id, const uint8_t *data, int32_t length)
{
    if (id == NULL || length < 0 || length > CSN_CM_DATA_LENGTH || (data == NULL && length > 0))
        return -EINVAL;
    return csn_status(csn_rdmacm.reject(id->verbs, data, (uint8_t)length));
}

int32_t csn_id_disconnect(csn_id *id)
{
    return id == NULL ? -EINVAL : csn_status(csn_rdmacm.disconnect(id->verbs));
}

int32_t csn_id_address(csn_id *id, csn_address *local, csn_address *remote)
{
    if (id == NULL || local == NULL || remote == NULL)
        return -EINVAL;
    from_sockaddr(rdma_get_local_addr(id->verbs), local);
    from_sockaddr(rdma_get_peer_addr(id->verbs), remote);
    return 0;
}
