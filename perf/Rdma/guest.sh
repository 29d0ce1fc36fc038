#!/usr/bin/env bash
# perftest, then ours, in one boot: ./build.sh rdma -- perf/Rdma/guest.sh. Compare only within one such run, on a machine with nothing else to do.
set -uo pipefail
tool=perf/Rdma/bin/Release/net10.0/CloudScale.Perf.Rdma.dll
[[ -f $tool ]] || { echo "$tool is not built: dotnet build perf/Rdma -c Release"; exit 2; }

# perftest PROGRAM OPTIONS...: both ends here, the client's last line of figures.
perftest() {
  local program=$1
  shift
  "$program" -d "$RDMA_DEVICE1" -x 1 -F "$@" >/dev/null 2>&1 &
  local server=$!
  sleep 1
  printf '%-40s' "$program $*"
  timeout 60 "$program" -d "$RDMA_DEVICE0" -x 1 -F "$@" "$RDMA_ADDRESS1" 2>/dev/null | grep -E '^ *[0-9]+ +[0-9]+' | tail -n 1
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
}

# mark NAME: for whoever keeps the host quiet meanwhile.
mark() { [[ ! -d artifacts/rdma/results ]] || echo "$1" >>artifacts/rdma/results/measuring; }

mark "perftest begins"
echo "perftest: bytes, iterations, then µs (lat: min max typical avg stdev 99 %) or MB/s (bw: peak average)"
for turn in 1 2 3; do # one of them alone may have met whatever else the host was doing, or the slower of a connection's two speeds
  perftest ib_send_lat -s 64 -n 1000
  perftest ib_send_lat -s 64 -n 1000 -e
  perftest ib_write_lat -s 64 -n 1000
  perftest ib_read_lat -s 64 -n 1000
  perftest ib_atomic_lat -n 1000
  perftest ib_send_bw -s 4096 -n 5000
  perftest ib_send_bw -s 65536 -n 500
  perftest ib_write_bw -s 65536 -n 500
  perftest ib_send_bw -s 1048576 -n 40
  perftest ib_write_bw -s 1048576 -n 40
done
mark "perftest ends"
echo
mark "ours begin"
export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x4000000}" # as bench and benchnodes do, and as hosts are told to
dotnet "$tool" "$@"
mark "ours end"
