/* Loads nothing: linked against the library as any C program would be, so a symbol missing from the map fails the link. */
#include "cloudscale_native.h"

#include <stdio.h>

static int failures;

static void expect(int32_t actual, int32_t expected, const char *what)
{
    if (actual != expected) {
        fprintf(stderr, "%s: expected %d, got %d\n", what, expected, actual);
        failures++;
    }
}

int main(void)
{
    int32_t version = csn_version();

    expect(version >> 16, CSN_VERSION_MAJOR, "major is bits 16 to 31 of csn_version");
    expect(version >> 8 & 0xff, CSN_VERSION_MINOR, "minor is bits 8 to 15 of csn_version");
    expect(version & 0xff, CSN_VERSION_PATCH, "patch is bits 0 to 7 of csn_version");
    expect(csn_noop(), 0, "csn_noop");
    return failures == 0 ? 0 : 1;
}
