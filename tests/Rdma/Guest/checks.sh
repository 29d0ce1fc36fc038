#!/usr/bin/env bash
# What ./build.sh rdma runs inside the guest, from the top of the repository.
set -euo pipefail
artifacts/native/build-release/rdma_device_test "$RDMA_ADDRESS1"
