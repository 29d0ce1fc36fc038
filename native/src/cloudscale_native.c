#include "cloudscale_native.h"

_Static_assert(CSN_VERSION_MINOR < 256 && CSN_VERSION_PATCH < 256, "minor and patch have eight bits each in csn_version");

int32_t csn_version(void)
{
    return CSN_VERSION_MAJOR << 16 | CSN_VERSION_MINOR << 8 | CSN_VERSION_PATCH;
}

int32_t csn_noop(void)
{
    return 0;
}
