/* Devices, ports and their events. */
#include "rdma.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* librdmacm complains on standard error where there is no device, so it is asked only if there is one. */
static int32_t count_devices(void)
{
    int count = 0;
    struct ibv_device **list = csn_verbs.get_device_list(&count);

    if (list == NULL)
        return -ENODEV; /* also where the kernel knows nothing of RDMA */
    csn_verbs.free_device_list(list);
    return count > 0 ? count : -ENODEV;
}

static int32_t open_all(struct ibv_context ***list_p, int32_t *count_p)
{
    int32_t status = csn_rdma_load();
    int count = 0;

    if (status == 0)
        status = count_devices();
    if (status < 0)
        return status;
    *list_p = csn_rdmacm.get_devices(&count);
    if (*list_p == NULL)
        return csn_errno();
    *count_p = count;
    return 0;
}

int32_t csn_rdma_probe(void)
{
    int32_t status = csn_rdma_load();

    return status != 0 ? status : count_devices();
}

int32_t csn_rdma_live(csn_live *live)
{
    if (live == NULL)
        return -EINVAL;
    live->devices = csn_counts.devices;
    live->pds = csn_counts.pds;
    live->mrs = csn_counts.mrs;
    live->mr_bytes = csn_counts.mr_bytes;
    live->cqs = csn_counts.cqs;
    live->srqs = csn_counts.srqs;
    live->cms = csn_counts.cms;
    live->ids = csn_counts.ids;
    live->qps = csn_counts.qps;
    return 0;
}

int32_t csn_device_list(char (*names)[CSN_NAME_LENGTH], int32_t capacity)
{
    struct ibv_context **list;
    int32_t count = 0;
    int32_t status, i;

    if (capacity < 0 || (capacity > 0 && names == NULL))
        return -EINVAL;
    status = open_all(&list, &count);
    if (status != 0)
        return status;
    for (i = 0; i < count && i < capacity; i++) {
        memset(names[i], 0, CSN_NAME_LENGTH);
        strncpy(names[i], csn_verbs.device_name(list[i]->device), CSN_NAME_LENGTH - 1);
    }
    csn_rdmacm.free_devices(list);
    return count;
}

static int32_t open_matching(const char *name, const struct ibv_context *verbs, csn_device **device_p)
{
    struct ibv_context **list;
    csn_device *device;
    int32_t count = 0;
    int32_t status, i;

    status = open_all(&list, &count);
    if (status != 0)
        return status;
    for (i = 0; i < count; i++)
        if (name != NULL ? strcmp(name, csn_verbs.device_name(list[i]->device)) == 0 : verbs == list[i])
            break;
    if (i == count) {
        status = -ENODEV;
        goto err_free_list;
    }
    device = calloc(1, sizeof *device);
    if (device == NULL) {
        status = -ENOMEM;
        goto err_free_list;
    }
    device->list = list;
    device->verbs = list[i];
    status = csn_nonblocking(device->verbs->async_fd);
    if (status != 0)
        goto err_free_device;
    csn_counts.devices++;
    *device_p = device;
    return 0;

err_free_device:
    free(device);
err_free_list:
    csn_rdmacm.free_devices(list);
    return status;
}

int32_t csn_device_open(const char *name, csn_device **device_p)
{
    return name == NULL || device_p == NULL ? -EINVAL : open_matching(name, NULL, device_p);
}

int32_t csn_id_device(csn_id *id, csn_device **device_p)
{
    if (id == NULL || device_p == NULL)
        return -EINVAL;
    return id->verbs->verbs == NULL ? -ENODEV : open_matching(NULL, id->verbs->verbs, device_p);
}

int32_t csn_device_close(csn_device *device)
{
    if (device == NULL)
        return -EINVAL;
    if (device->children != 0)
        return -EBUSY;
    csn_rdmacm.free_devices(device->list);
    free(device);
    csn_counts.devices--;
    return 0;
}

int32_t csn_device_query(csn_device *device, csn_device_info *info)
{
    struct ibv_device_attr attributes;
    int32_t status;

    if (device == NULL || info == NULL)
        return -EINVAL;
    memset(&attributes, 0, sizeof attributes);
    status = csn_status(csn_verbs.query_device(device->verbs, &attributes));
    if (status != 0)
        return status;
    memset(info, 0, sizeof *info);
    strncpy(info->name, csn_verbs.device_name(device->verbs->device), CSN_NAME_LENGTH - 1);
    info->guid = be64toh(csn_verbs.device_guid(device->verbs->device));
    info->max_mr_bytes = attributes.max_mr_size;
    info->ports = attributes.phys_port_cnt;
    info->max_qps = attributes.max_qp;
    info->max_qp_depth = attributes.max_qp_wr;
    info->max_sges = attributes.max_sge;
    info->max_cqs = attributes.max_cq;
    info->max_cq_capacity = attributes.max_cqe;
    info->max_mrs = attributes.max_mr;
    info->max_srqs = attributes.max_srq;
    info->max_srq_depth = attributes.max_srq_wr;
    info->max_reads = attributes.max_qp_rd_atom;
    info->max_reads_initiated = attributes.max_qp_init_rd_atom;
    info->atomics = (int32_t)attributes.atomic_cap;
    return 0;
}

int32_t csn_port_query(csn_device *device, int32_t port, csn_port_info *info)
{
    struct ibv_port_attr attributes;
    int32_t status;

    if (device == NULL || info == NULL || port < 1 || port > UINT8_MAX)
        return -EINVAL;
    memset(&attributes, 0, sizeof attributes); /* the function of that name fills the shape that it had first: the beginning of today's */
    status = csn_status(csn_verbs.query_port(device->verbs, (uint8_t)port, &attributes));
    if (status != 0)
        return status;
    info->max_message_bytes = attributes.max_msg_sz;
    info->state = (int32_t)attributes.state;
    info->mtu_bytes = 128 << attributes.active_mtu;
    info->gids = attributes.gid_tbl_len;
    info->link_layer = attributes.link_layer;
    return 0;
}

int32_t csn_gid_query(csn_device *device, int32_t port, int32_t index, uint8_t gid[16])
{
    static const uint8_t none[16];
    union ibv_gid found;

    if (device == NULL || gid == NULL || port < 1 || port > UINT8_MAX || index < 0)
        return -EINVAL;
    if (csn_verbs.query_gid(device->verbs, (uint8_t)port, index, &found) != 0)
        return errno == 0 ? -ENODATA : csn_errno();
    if (memcmp(found.raw, none, sizeof none) == 0)
        return -ENODATA;
    memcpy(gid, found.raw, sizeof found.raw);
    return 0;
}

int32_t csn_device_descriptor(csn_device *device)
{
    return device == NULL ? -EINVAL : device->verbs->async_fd;
}

int32_t csn_device_take(csn_device *device, int32_t *event_p)
{
    struct ibv_async_event event;

    if (device == NULL || event_p == NULL)
        return -EINVAL;
    if (csn_verbs.get_async_event(device->verbs, &event) != 0)
        return errno == EAGAIN || errno == EINTR ? 0 : csn_errno();
    *event_p = (int32_t)event.event_type;
    csn_verbs.ack_async_event(&event);
    return 1;
}
