/*
 * What the RDMA sources share: the functions of the two libraries, found at run time, and the shapes of the handles.
 *
 * The hot verbs (post, poll, arm) are inline functions of verbs.h, which go through a table that each device brings along; so only what is made, asked and ended
 * has to be looked up by name. A name here that the header has as a macro (ibv_reg_mr, ibv_query_port) is left out of reach of that macro.
 */
#ifndef CSN_RDMA_H
#define CSN_RDMA_H

#include "cloudscale_native.h"

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>
#include <stdatomic.h>

/* F(member, symbol, result, arguments) */
#define CSN_VERBS_FUNCTIONS(F)                                                                                   \
    F(fork_init, "ibv_fork_init", int, (void))                                                                   \
    F(get_device_list, "ibv_get_device_list", struct ibv_device **, (int *))                                     \
    F(free_device_list, "ibv_free_device_list", void, (struct ibv_device **))                                    \
    F(device_name, "ibv_get_device_name", const char *, (struct ibv_device *))                                   \
    F(device_guid, "ibv_get_device_guid", __be64, (struct ibv_device *))                                         \
    F(query_device, "ibv_query_device", int, (struct ibv_context *, struct ibv_device_attr *))                   \
    F(query_port, "ibv_query_port", int, (struct ibv_context *, uint8_t, struct ibv_port_attr *))                \
    F(query_gid, "ibv_query_gid", int, (struct ibv_context *, uint8_t, int, union ibv_gid *))                    \
    F(get_async_event, "ibv_get_async_event", int, (struct ibv_context *, struct ibv_async_event *))             \
    F(ack_async_event, "ibv_ack_async_event", void, (struct ibv_async_event *))                                  \
    F(alloc_pd, "ibv_alloc_pd", struct ibv_pd *, (struct ibv_context *))                                         \
    F(dealloc_pd, "ibv_dealloc_pd", int, (struct ibv_pd *))                                                      \
    F(reg_mr, "ibv_reg_mr", struct ibv_mr *, (struct ibv_pd *, void *, size_t, int))                             \
    F(rereg_mr, "ibv_rereg_mr", int, (struct ibv_mr *, int, struct ibv_pd *, void *, size_t, int))               \
    F(dereg_mr, "ibv_dereg_mr", int, (struct ibv_mr *))                                                          \
    F(create_channel, "ibv_create_comp_channel", struct ibv_comp_channel *, (struct ibv_context *))              \
    F(destroy_channel, "ibv_destroy_comp_channel", int, (struct ibv_comp_channel *))                             \
    F(create_cq, "ibv_create_cq", struct ibv_cq *, (struct ibv_context *, int, void *, struct ibv_comp_channel *, int)) \
    F(destroy_cq, "ibv_destroy_cq", int, (struct ibv_cq *))                                                      \
    F(get_cq_event, "ibv_get_cq_event", int, (struct ibv_comp_channel *, struct ibv_cq **, void **))             \
    F(ack_cq_events, "ibv_ack_cq_events", void, (struct ibv_cq *, unsigned int))                                 \
    F(create_srq, "ibv_create_srq", struct ibv_srq *, (struct ibv_pd *, struct ibv_srq_init_attr *))             \
    F(destroy_srq, "ibv_destroy_srq", int, (struct ibv_srq *))                                                   \
    F(modify_qp, "ibv_modify_qp", int, (struct ibv_qp *, struct ibv_qp_attr *, int))

#define CSN_CM_FUNCTIONS(F)                                                                                      \
    F(get_devices, "rdma_get_devices", struct ibv_context **, (int *))                                           \
    F(free_devices, "rdma_free_devices", void, (struct ibv_context **))                                          \
    F(create_event_channel, "rdma_create_event_channel", struct rdma_event_channel *, (void))                    \
    F(destroy_event_channel, "rdma_destroy_event_channel", void, (struct rdma_event_channel *))                  \
    F(get_event, "rdma_get_cm_event", int, (struct rdma_event_channel *, struct rdma_cm_event **))               \
    F(ack_event, "rdma_ack_cm_event", int, (struct rdma_cm_event *))                                             \
    F(create_id, "rdma_create_id", int, (struct rdma_event_channel *, struct rdma_cm_id **, void *, enum rdma_port_space)) \
    F(destroy_id, "rdma_destroy_id", int, (struct rdma_cm_id *))                                                 \
    F(bind_addr, "rdma_bind_addr", int, (struct rdma_cm_id *, struct sockaddr *))                                \
    F(listen, "rdma_listen", int, (struct rdma_cm_id *, int))                                                    \
    F(resolve_addr, "rdma_resolve_addr", int, (struct rdma_cm_id *, struct sockaddr *, struct sockaddr *, int))  \
    F(resolve_route, "rdma_resolve_route", int, (struct rdma_cm_id *, int))                                      \
    F(create_qp, "rdma_create_qp", int, (struct rdma_cm_id *, struct ibv_pd *, struct ibv_qp_init_attr *))       \
    F(destroy_qp, "rdma_destroy_qp", void, (struct rdma_cm_id *))                                                \
    F(connect, "rdma_connect", int, (struct rdma_cm_id *, struct rdma_conn_param *))                             \
    F(accept, "rdma_accept", int, (struct rdma_cm_id *, struct rdma_conn_param *))                               \
    F(reject, "rdma_reject", int, (struct rdma_cm_id *, const void *, uint8_t))                                  \
    F(disconnect, "rdma_disconnect", int, (struct rdma_cm_id *))

#define CSN_MEMBER(member, symbol, result, arguments) result(*member) arguments;

struct csn_verbs {
    CSN_VERBS_FUNCTIONS(CSN_MEMBER)
};

struct csn_rdmacm {
    CSN_CM_FUNCTIONS(CSN_MEMBER)
};

#undef CSN_MEMBER

extern struct csn_verbs csn_verbs;
extern struct csn_rdmacm csn_rdmacm;

/* 0 once both libraries are open and complete, else why not. */
int32_t csn_rdma_load(void);

/* What csn_rdma_live reports. */
struct csn_counts {
    atomic_llong devices, pds, mrs, mr_bytes, cqs, srqs, cms, ids, qps;
};
extern struct csn_counts csn_counts;

/* A handle counts its children, so that none is pulled away from under them. */
struct csn_device {
    struct ibv_context **list; /* keeps the device open in librdmacm, whose connections use the same context */
    struct ibv_context *verbs;
    atomic_int children;
};

struct csn_pd {
    csn_device *device;
    struct ibv_pd *verbs;
    atomic_int children;
};

struct csn_mr {
    csn_pd *pd;
    struct ibv_mr *verbs;
};

struct csn_cq {
    csn_device *device;
    struct ibv_comp_channel *channel;
    struct ibv_cq *verbs;
    atomic_int children;
};

struct csn_srq {
    csn_pd *pd;
    struct ibv_srq *verbs;
    atomic_int children;
};

struct csn_cm {
    struct rdma_event_channel *channel;
    atomic_int children;
};

struct csn_id {
    csn_cm *cm;
    struct rdma_cm_id *verbs;
    atomic_ullong tag;
    atomic_int children;
};

struct csn_qp {
    csn_id *id;
    csn_pd *pd;
    csn_cq *send_cq;
    csn_cq *receive_cq;
    csn_srq *srq;
    struct ibv_qp *verbs;
};

/* The verbs tell errors in three ways: errno with -1 or NULL, or the number itself. None is 0 for a failure here. */
int32_t csn_errno(void);
int32_t csn_status(int result);

/* Makes a descriptor return instead of waiting. */
int32_t csn_nonblocking(int descriptor);

#endif
