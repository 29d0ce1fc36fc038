/*
 * The C side of CloudScale.Interop: what only C can reach, and nothing more.
 *
 * Conventions of the ABI
 *   Names     csn_<object>_<verb>; handles are opaque pointers made by csn_<object>_create and ended by csn_<object>_destroy.
 *   Types     fixed size only: no size_t, no bool, no enum, no bit-field. Structures have no hidden padding and their size is
 *             asserted on both sides.
 *   Results   int32_t: 0 or a count on success, else -errno. Outputs come last and are written on success only.
 *   Threads   stated with each function; nothing calls back into managed code, and nothing keeps a pointer to caller's memory
 *             beyond the call unless it says so.
 *   Owner     a child handle (queue pair) needs its parent (device) until it is destroyed.
 *   Change    a new function raises MINOR; a changed one is a new function, and MAJOR rises when an old one goes.
 */
#ifndef CLOUDSCALE_NATIVE_H
#define CLOUDSCALE_NATIVE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define CSN_API __declspec(dllexport)
#else
#define CSN_API __attribute__((visibility("default")))
#endif

#define CSN_VERSION_MAJOR 0
#define CSN_VERSION_MINOR 3
#define CSN_VERSION_PATCH 0

/* Returns the version this library was built as: major << 16 | minor << 8 | patch. Never fails; any thread, at any time.
 * The managed side refuses a library whose major differs from its own. */
CSN_API int32_t csn_version(void);

/* Returns 0 and does nothing: calling it prices the crossing from managed code. Any thread. */
CSN_API int32_t csn_noop(void);

/*
 * LZ4 blocks, by the liblz4 of the distribution. It is looked for once, at the first call; where there is none, each of these returns -ENOENT, or
 * -ENOSYS for one without the functions that are needed. Any thread. Source and target must not overlap, and may be changed or freed after the call.
 */

/* Most bytes of one block, before compression: LZ4_MAX_INPUT_SIZE. */
#define CSN_LZ4_MAX_LENGTH 0x7E000000

/* Returns the version of liblz4: major * 10000 + minor * 100 + patch. */
CSN_API int32_t csn_lz4_version(void);

/* Compresses `length` bytes into one block. Returns how long it is; -ENOSPC if it does not fit in `capacity`, which
 * length + length / 255 + 16 always does; -EINVAL for what is NULL, negative or too long. */
CSN_API int32_t csn_lz4_compress(const uint8_t *source, int32_t length, uint8_t *target, int32_t capacity);

/* Decompresses one block. Returns how many bytes it gave, never more than `capacity`; -EBADMSG if it is no block or would give more;
 * -EINVAL for what is NULL or negative. The block may be hostile. */
CSN_API int32_t csn_lz4_decompress(const uint8_t *source, int32_t length, uint8_t *target, int32_t capacity);

/*
 * Descriptors: waiting for any of several, and being woken from another thread. They are the system's own file descriptors.
 */

/* Waits until one of `count` descriptors (at most 31) can be read, or for `timeout_ms`; negative waits for good. Returns bit i for descriptor i, 0 when the
 * time is up or a signal came, or -errno. Blocks; any thread. */
CSN_API int32_t csn_wait(const int32_t *descriptors, int32_t count, int32_t timeout_ms);

/* Makes a descriptor that can be read from csn_waker_signal to csn_waker_clear. Returns it, or -errno. Ended by csn_waker_destroy. */
CSN_API int32_t csn_waker_create(void);

/* Any thread; signals that nobody has cleared yet are one. */
CSN_API int32_t csn_waker_signal(int32_t waker);
CSN_API int32_t csn_waker_clear(int32_t waker);
CSN_API int32_t csn_waker_destroy(int32_t waker);

/*
 * RDMA, by the libibverbs and librdmacm of the distribution, which are opened once, at the first call. Every function below returns -ENOENT where one of them
 * is missing, and -ENOSYS where this library was built without their headers, or they are too old.
 *
 *   csn_device            an opened device                        csn_pd      its protection domain
 *   csn_mr                a memory region                         csn_cq      a completion queue with a completion channel of its own
 *   csn_srq               a shared receive queue                  csn_cm      a queue of connection events, as a descriptor
 *   csn_id                one end of a connection, or a listener  csn_qp      the reliable queue pair of an id
 *
 * The way of a connection, with events in brackets:
 *   one side     csn_id_create, csn_id_bind, csn_id_listen [REQUEST: a new id], csn_qp_create, csn_qp_post_receive, csn_id_accept [ESTABLISHED]
 *   the other    csn_id_create, csn_id_resolve_address [ADDRESS], csn_id_resolve_route [ROUTE], csn_qp_create, csn_qp_post_receive, csn_id_connect [ESTABLISHED]
 *   the end      csn_id_disconnect on either side [DISCONNECTED on both]: what was posted completes as CSN_WC_FLUSHED. Then csn_qp_destroy, csn_id_destroy.
 *
 * Threads: posting, polling and taking events are for any thread, one at a time for each object; making and ending objects likewise. An object outlives what was
 * made of it: pd < device; mr, srq, qp < pd; qp < cq, srq, id; id < cm. csn_..._destroy of a parent that is still needed returns -EBUSY and ends nothing.
 */
typedef struct csn_device csn_device;
typedef struct csn_pd csn_pd;
typedef struct csn_mr csn_mr;
typedef struct csn_cq csn_cq;
typedef struct csn_srq csn_srq;
typedef struct csn_cm csn_cm;
typedef struct csn_id csn_id;
typedef struct csn_qp csn_qp;

/* Objects that exist now, over all devices: what must be 0 when everything was ended. */
typedef struct csn_live {
    int64_t devices, pds, mrs, mr_bytes, cqs, srqs, cms, ids, qps;
} csn_live;

/* Returns how many RDMA devices there are; -ENODEV if none. See above for the other ways not to have RDMA. */
CSN_API int32_t csn_rdma_probe(void);

/* Fills `live`. Never fails; any thread. */
CSN_API int32_t csn_rdma_live(csn_live *live);

/* ---- Devices and ports ---- */

#define CSN_NAME_LENGTH 64

typedef struct csn_device_info {
    char name[CSN_NAME_LENGTH];
    uint64_t guid;                /* in the machine's byte order */
    uint64_t max_mr_bytes;
    int32_t ports;                /* numbered from 1 */
    int32_t max_qps;
    int32_t max_qp_depth;         /* work requests of one queue */
    int32_t max_sges;
    int32_t max_cqs;
    int32_t max_cq_capacity;
    int32_t max_mrs;
    int32_t max_srqs;
    int32_t max_srq_depth;
    int32_t max_reads;            /* reads and atomics under way at a queue pair, as their target */
    int32_t max_reads_initiated;  /* the same, as their source */
    int32_t atomics;              /* 0 none, 1 among queue pairs of this device, 2 also with this machine's processors */
} csn_device_info;

typedef struct csn_port_info {
    uint64_t max_message_bytes;
    int32_t state;                /* 4 is active: IBV_PORT_ACTIVE */
    int32_t mtu_bytes;
    int32_t gids;                 /* how many */
    int32_t link_layer;           /* 1 InfiniBand, 2 Ethernet */
} csn_port_info;

/* Writes the names of up to `capacity` devices. Returns how many devices there are. */
CSN_API int32_t csn_device_list(char (*names)[CSN_NAME_LENGTH], int32_t capacity);

/* Opens a device by its name; -ENODEV if there is none. Ended by csn_device_close. */
CSN_API int32_t csn_device_open(const char *name, csn_device **device_p);
CSN_API int32_t csn_device_close(csn_device *device);
CSN_API int32_t csn_device_query(csn_device *device, csn_device_info *info);
CSN_API int32_t csn_port_query(csn_device *device, int32_t port, csn_port_info *info);

/* The GID at `index` of a port, in network byte order. -ENODATA if the entry is empty. */
CSN_API int32_t csn_gid_query(csn_device *device, int32_t port, int32_t index, uint8_t gid[16]);

/* A descriptor that can be read when csn_device_take has an asynchronous event. */
CSN_API int32_t csn_device_descriptor(csn_device *device);

/* Takes one asynchronous event: *event_p becomes its number in libibverbs (8 is a dead device, IBV_EVENT_DEVICE_FATAL). Returns 1, or 0 if there is none. */
CSN_API int32_t csn_device_take(csn_device *device, int32_t *event_p);

/* ---- Memory ---- */

CSN_API int32_t csn_pd_create(csn_device *device, csn_pd **pd_p);
CSN_API int32_t csn_pd_destroy(csn_pd *pd);

#define CSN_ACCESS_LOCAL_WRITE 1u    /* received into, read into; needed with remote write and remote atomic */
#define CSN_ACCESS_REMOTE_WRITE 2u
#define CSN_ACCESS_REMOTE_READ 4u
#define CSN_ACCESS_REMOTE_ATOMIC 8u
#define CSN_ACCESS_ON_DEMAND 64u     /* not pinned, paged in when needed; -EOPNOTSUPP where the device has no such thing */

typedef struct csn_mr_info {
    uint64_t address;
    uint64_t length;
    uint32_t local_key;
    uint32_t remote_key;
} csn_mr_info;

/* Registers memory, which stays the caller's and must live until csn_mr_destroy. -ENOMEM beyond RLIMIT_MEMLOCK. */
CSN_API int32_t csn_mr_create(csn_pd *pd, void *address, uint64_t length, uint32_t access, csn_mr **mr_p);
CSN_API int32_t csn_mr_destroy(csn_mr *mr);
CSN_API int32_t csn_mr_query(const csn_mr *mr, csn_mr_info *info);

/* Registers other memory, or the same for other access, as the same region; its keys may change. -EOPNOTSUPP where the device cannot, and then it is as it was. */
CSN_API int32_t csn_mr_reregister(csn_mr *mr, void *address, uint64_t length, uint32_t access);

/* ---- Completions ---- */

#define CSN_WC_SUCCESS 0
#define CSN_WC_LOCAL_LENGTH 1
#define CSN_WC_LOCAL_QP 2
#define CSN_WC_LOCAL_PROTECTION 4
#define CSN_WC_FLUSHED 5             /* posted to a queue pair that has ended; the fate of its bytes is unknown */
#define CSN_WC_REMOTE_INVALID 9
#define CSN_WC_REMOTE_ACCESS 10      /* a wrong key, or beyond its bounds or rights */
#define CSN_WC_REMOTE_OPERATION 11
#define CSN_WC_RETRY_EXCEEDED 12     /* the other side is silent */
#define CSN_WC_RNR_EXCEEDED 13       /* the other side had no receive posted */

#define CSN_WC_SEND 0                /* opcodes; meaningless unless the status is CSN_WC_SUCCESS */
#define CSN_WC_WRITE 1
#define CSN_WC_READ 2
#define CSN_WC_COMPARE_SWAP 3
#define CSN_WC_FETCH_ADD 4
#define CSN_WC_RECEIVE 128
#define CSN_WC_RECEIVE_WRITE 129     /* a write with immediate has arrived, and took a receive */

typedef struct csn_wc {
    uint64_t id;                  /* of the work request */
    int32_t status;
    int32_t opcode;
    uint32_t length;              /* bytes received, or written by the other side */
    uint32_t immediate;           /* as the other side gave it; 0 if it gave none */
    uint32_t has_immediate;
    uint32_t qp_number;
    uint32_t vendor_error;
    uint32_t reserved;
} csn_wc;

/* Creates a completion queue of at least `capacity` entries. */
CSN_API int32_t csn_cq_create(csn_device *device, int32_t capacity, csn_cq **cq_p);
CSN_API int32_t csn_cq_destroy(csn_cq *cq);

/* Moves up to `capacity` (at most 64) work completions into `wc`; returns their number or -errno. Never blocks, allocates or calls back. */
CSN_API int32_t csn_cq_poll(csn_cq *cq, csn_wc *wc, int32_t capacity);

/* The next completion makes the descriptor readable. Poll once more after arming: what came before does not count. */
CSN_API int32_t csn_cq_arm(csn_cq *cq, int32_t solicited_only);

/* Returns the descriptor, which is the queue's own. */
CSN_API int32_t csn_cq_descriptor(csn_cq *cq);

/* Takes all notifications, so that the descriptor is no longer readable. Returns how many there were. */
CSN_API int32_t csn_cq_take(csn_cq *cq);

/* ---- Connections ---- */

typedef struct csn_address {
    uint16_t family;              /* 4 or 6 */
    uint16_t port;                /* in the machine's byte order; a number of RDMA's own space, not TCP's */
    uint32_t scope;               /* of a link-local IPv6 address */
    uint8_t bytes[16];            /* in network byte order; the first 4 of IPv4 */
} csn_address;

#define CSN_CM_ADDRESS 0             /* the numbers of librdmacm */
#define CSN_CM_ADDRESS_ERROR 1
#define CSN_CM_ROUTE 2
#define CSN_CM_ROUTE_ERROR 3
#define CSN_CM_REQUEST 4
#define CSN_CM_CONNECT_ERROR 6
#define CSN_CM_UNREACHABLE 7
#define CSN_CM_REJECTED 8
#define CSN_CM_ESTABLISHED 9
#define CSN_CM_DISCONNECTED 10
#define CSN_CM_DEVICE_REMOVED 11
#define CSN_CM_TIMEWAIT_OVER 15      /* of no concern */

#define CSN_CM_DATA_LENGTH 64
#define CSN_CM_DATA_MAX 56           /* most that csn_id_connect takes; csn_id_accept and csn_id_reject take CSN_CM_DATA_LENGTH */

typedef struct csn_cm_event {
    csn_id *id;                   /* the id concerned; with CSN_CM_REQUEST a new one, to be ended by csn_id_destroy */
    uint64_t tag;                 /* of that id; with CSN_CM_REQUEST the listener's */
    int32_t kind;
    int32_t status;               /* 0, -errno, or the reason of CSN_CM_REJECTED */
    int32_t data_length;          /* what came with it; some networks add zeros up to a fixed length */
    uint8_t max_reads;            /* reads and atomics that may be under way towards the other side */
    uint8_t reserved[3];
    uint8_t data[CSN_CM_DATA_LENGTH];
} csn_cm_event;

typedef struct csn_cm_parameters {
    const uint8_t *data;          /* for the other side; copied */
    uint8_t data_length;
    uint8_t max_reads;            /* reads and atomics that the other side may have under way towards us */
    uint8_t max_reads_initiated;  /* and we towards it */
    uint8_t retries;              /* 0 to 7, when the other side is silent */
    uint8_t rnr_retries;          /* 0 to 7, when it has no receive posted; 7 is without end */
    uint8_t reserved[3];
} csn_cm_parameters;

CSN_API int32_t csn_cm_create(csn_cm **cm_p);
CSN_API int32_t csn_cm_destroy(csn_cm *cm);
CSN_API int32_t csn_cm_descriptor(csn_cm *cm);

/* Takes one event. Returns 1, or 0 if there is none. After csn_id_destroy none comes for that id. */
CSN_API int32_t csn_cm_take(csn_cm *cm, csn_cm_event *event);

/* `tag` is the caller's, and comes back with events. */
CSN_API int32_t csn_id_create(csn_cm *cm, uint64_t tag, csn_id **id_p);
CSN_API int32_t csn_id_destroy(csn_id *id);
CSN_API int32_t csn_id_tag(csn_id *id, uint64_t tag);
CSN_API int32_t csn_id_bind(csn_id *id, const csn_address *address);
CSN_API int32_t csn_id_listen(csn_id *id, int32_t backlog);
CSN_API int32_t csn_id_resolve_address(csn_id *id, const csn_address *address, int32_t timeout_ms);
CSN_API int32_t csn_id_resolve_route(csn_id *id, int32_t timeout_ms);
CSN_API int32_t csn_id_connect(csn_id *id, const csn_cm_parameters *parameters);
CSN_API int32_t csn_id_accept(csn_id *id, const csn_cm_parameters *parameters);
CSN_API int32_t csn_id_reject(csn_id *id, const uint8_t *data, int32_t length);

/* Ends the connection; the queue pair goes into error, and its work completes as CSN_WC_FLUSHED. */
CSN_API int32_t csn_id_disconnect(csn_id *id);

/* Opens the device that an id is bound to: after CSN_CM_ADDRESS or CSN_CM_REQUEST. -ENODEV before. Ended by csn_device_close. */
CSN_API int32_t csn_id_device(csn_id *id, csn_device **device_p);
CSN_API int32_t csn_id_address(csn_id *id, csn_address *local, csn_address *remote);

/* ---- Queues ---- */

typedef struct csn_qp_limits {
    uint32_t sends;               /* work requests posted and not completed */
    uint32_t receives;            /* ignored with a shared receive queue */
    uint32_t send_sges;
    uint32_t receive_sges;
    uint32_t inline_bytes;
} csn_qp_limits;

/* Gives an id a queue pair; `limits` are what is asked for, and become what there is, which may be more. `srq` may be NULL. */
CSN_API int32_t csn_qp_create(csn_id *id, csn_pd *pd, csn_cq *send_cq, csn_cq *receive_cq, csn_srq *srq, csn_qp_limits *limits, csn_qp **qp_p);
CSN_API int32_t csn_qp_destroy(csn_qp *qp);

/* The number that work completions carry. */
CSN_API int32_t csn_qp_number(const csn_qp *qp, uint32_t *number_p);

/* Puts a queue pair into error: what is posted, and will be, completes as CSN_WC_FLUSHED. */
CSN_API int32_t csn_qp_fail(csn_qp *qp);

CSN_API int32_t csn_srq_create(csn_pd *pd, int32_t depth, int32_t sges, csn_srq **srq_p);
CSN_API int32_t csn_srq_destroy(csn_srq *srq);

typedef struct csn_sge {
    uint64_t address;
    uint32_t length;
    uint32_t local_key;
} csn_sge;

#define CSN_WR_WRITE 0               /* opcodes: the numbers of libibverbs */
#define CSN_WR_WRITE_IMMEDIATE 1
#define CSN_WR_SEND 2
#define CSN_WR_SEND_IMMEDIATE 3
#define CSN_WR_READ 4
#define CSN_WR_COMPARE_SWAP 5        /* 8 bytes, aligned; the value from before arrives in the local buffer */
#define CSN_WR_FETCH_ADD 6

#define CSN_WR_FENCE 1u              /* begins after all reads and atomics before it have ended */
#define CSN_WR_SIGNALED 2u           /* completes in the queue also on success */
#define CSN_WR_SOLICITED 4u          /* wakes a queue that was armed for those only */
#define CSN_WR_INLINE 8u             /* bytes are copied while posting, and need no key */

typedef struct csn_wr {
    uint64_t id;                  /* comes back in the completion */
    csn_sge local;                /* where the bytes are, if `sges` is NULL; none if its length is 0 */
    const csn_sge *sges;          /* or a list of such places */
    uint32_t sge_count;
    uint32_t opcode;
    uint32_t flags;
    uint32_t immediate;
    uint64_t remote_address;
    uint64_t add;                 /* what to add, or what to compare with */
    uint64_t swap;
    uint32_t remote_key;
    uint32_t reserved;
} csn_wr;

typedef struct csn_receive {
    uint64_t id;
    csn_sge local;                /* none if its length is 0: then only writes with immediate and empty sends fit */
} csn_receive;

/* Posts work in order, each lot with one doorbell. Returns how many were posted, which is less than `count` if the one after was refused;
 * -errno if the first was: -ENOMEM when the queue is full. Up to CSN_SGE_MAX places a request. Nothing but the bytes themselves has to outlive the call. */
CSN_API int32_t csn_qp_post(csn_qp *qp, const csn_wr *requests, int32_t count);
CSN_API int32_t csn_qp_post_receive(csn_qp *qp, const csn_receive *receives, int32_t count);
CSN_API int32_t csn_srq_post_receive(csn_srq *srq, const csn_receive *receives, int32_t count);

#define CSN_SGE_MAX 8

#ifdef __cplusplus
}
#endif

#endif
