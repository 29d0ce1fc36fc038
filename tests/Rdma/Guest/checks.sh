#!/usr/bin/env bash
# What ./build.sh rdma runs inside the guest, from the top of the repository: checks.sh [PATTERN], of the names of tests. RDMA_ADDRESS1 makes the
# tests use the real devices.
set -euo pipefail
export DOTNET_TieredPGO=0 DOTNET_TieredCompilation=1 DOTNET_gcServer=0
artifacts/native/build-release/rdma_device_test "$RDMA_ADDRESS1"
tests=tests/Rdma.Tests/bin/Release/net10.0/CloudScale.Rdma.Tests.dll
dotnet "$tests" Rdma "${1:-.*}"
