/* Blocks there and back, bounds, and bytes that are no block. Without liblz4 on the machine every call says so. */
#include "cloudscale_native.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 100000 };

static int failures;

static void expect(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

/* Exact allocations, so that the sanitizer sees the first byte too far. */
static void there_and_back(const uint8_t *bytes, int32_t length)
{
    int32_t bound = length + length / 255 + 16;
    uint8_t *block = malloc((size_t)bound);
    uint8_t *back = malloc((size_t)length + 1);
    int32_t written, read;

    written = csn_lz4_compress(bytes, length, block, bound);
    expect(written > 0, "what fits the bound is compressed");
    read = csn_lz4_decompress(block, written, back, length);
    expect(read == length && memcmp(bytes, back, (size_t)length) == 0, "it comes back");
    if (length > 0) {
        expect(csn_lz4_decompress(block, written, back, length - 1) == -EBADMSG, "too little room is a bad message");
        expect(csn_lz4_decompress(block, written - 1, back, length) != length, "a block cut short is not whole");
    }
    expect(csn_lz4_compress(bytes, length, block, written - 1) == -ENOSPC, "too little room to compress is told");
    free(block);
    free(back);
}

static void garbage(void)
{
    uint8_t bytes[64], out[256];
    unsigned int state = 1;
    int i, round;

    for (round = 0; round < 20000; round++) {
        for (i = 0; i < (int)sizeof bytes; i++) {
            state = state * 1103515245u + 12345u;
            bytes[i] = (uint8_t)(state >> 16);
        }
        expect(csn_lz4_decompress(bytes, (int32_t)(state % sizeof bytes), out, sizeof out) <= (int32_t)sizeof out, "never more than fits");
    }
}

int main(void)
{
    uint8_t *bytes = malloc(LENGTH);
    uint8_t byte = 0;
    int i;

    if (csn_lz4_version() < 0) {
        expect(csn_lz4_version() == -ENOENT || csn_lz4_version() == -ENOSYS, "why it is absent");
        expect(csn_lz4_compress(&byte, 1, &byte, 1) == csn_lz4_version(), "compress says it is absent");
        expect(csn_lz4_decompress(&byte, 1, &byte, 1) == csn_lz4_version(), "decompress says it is absent");
        fprintf(stderr, "no liblz4 on this machine: only that was tested\n");
        free(bytes);
        return failures == 0 ? 0 : 1;
    }

    expect(csn_lz4_version() >= 10700, "a version since its functions are stable");
    for (i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)(i % 251 ^ i / 1000);
    there_and_back(bytes, LENGTH);
    there_and_back(bytes, 1);
    there_and_back(bytes, 0);
    memset(bytes, 0, LENGTH);
    there_and_back(bytes, LENGTH);
    garbage();
    expect(csn_lz4_compress(NULL, 1, &byte, 1) == -EINVAL, "no source");
    expect(csn_lz4_compress(bytes, -1, &byte, 1) == -EINVAL, "a negative length");
    expect(csn_lz4_compress(bytes, CSN_LZ4_MAX_LENGTH + 1, &byte, 1) == -EINVAL, "more than a block takes");
    expect(csn_lz4_decompress(bytes, 1, NULL, 1) == -EINVAL, "no target");
    expect(csn_lz4_decompress(bytes, 1, &byte, -1) == -EINVAL, "a negative capacity");
    free(bytes);
    return failures == 0 ? 0 : 1;
}
