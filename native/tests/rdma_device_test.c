/* The shim over a real device: rdma_device_test ADDRESS, an IPv4 address of one. Without a device it says so and ends with 77, which CTest takes for skipped. */
#include "rdma_pair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *reason(int32_t status)
{
    switch (status) {
    case -ENOENT: return "libibverbs.so.1 or librdmacm.so.1 is missing";
    case -ENOSYS: return "built without the headers of libibverbs and librdmacm, or they are too old";
    default: return "no RDMA device";
    }
}

int main(int argc, char **argv)
{
    csn_address address = { .family = 4 };
    int32_t status = csn_rdma_probe();
    unsigned int bytes[4];
    int i;

    if (status < 0) {
        csn_cm *cm;

        CHECK(csn_cm_create(&cm) == status);
        CHECK(objects() == 0);
        fprintf(stderr, "skipped: %s\n", reason(status));
        return failures == 0 ? 77 : 1;
    }
    if (argc < 2 || sscanf(argv[1], "%u.%u.%u.%u", &bytes[0], &bytes[1], &bytes[2], &bytes[3]) != 4) {
        fprintf(stderr, "skipped: give the address of a device\n");
        return 77;
    }
    for (i = 0; i < 4; i++)
        address.bytes[i] = (uint8_t)bytes[i];
    check_device(&address);
    for (i = 0; i < 50 && failures == 0; i++) {
        struct pair_options options = pair_defaults();
        struct pair pair;

        options.address = address;
        CHECK(pair_open(&pair, &options) == 0);
        CHECK(do_request(&pair.near, request(&pair.near, &pair.far, CSN_WR_READ, 100)) == CSN_WC_SUCCESS);
        pair_close(&pair);
    }
    CHECK(objects() == 0);
    printf("%s\n", failures == 0 ? "the shim over a real device: passed" : "failed");
    return failures == 0 ? 0 : 1;
}
