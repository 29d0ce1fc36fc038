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
#define CSN_VERSION_MINOR 2
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

#ifdef __cplusplus
}
#endif

#endif
