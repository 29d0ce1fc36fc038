#!/usr/bin/env bash
# Boots the guest that prepare.sh has made, runs COMMAND in it from the current folder, and ends with its exit code.
#
#   boot.sh FOLDER [--results DIR] [--seconds N] -- COMMAND [ARGUMENT...]
#
# The guest sees the host's files, and writes into memory; what it writes below --results stays. 124: the time was up (600 s). 125: the guest
# did not come up, or died. RDMA_ADDRESS0 and RDMA_ADDRESS1 are the addresses of its two devices, RDMA_DEVICE0 and RDMA_DEVICE1.
environment=$(export -p)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=$(realpath "$1")
shift
results='' seconds=600
while [[ $# -gt 0 ]]; do
  case $1 in
    --results) mkdir -p "$2"; results=$(realpath "$2"); shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "boot.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
[[ $# -gt 0 ]] || { echo "boot.sh: no command" >&2; exit 2; }
[[ -f $image/stamp ]] || { echo "boot.sh: $image is not prepared" >&2; exit 125; }

# Linux patches its memory copies for processors with fast string instructions, which are slow loops when emulated.
more=''
case $(<"$image/accelerator") in
  kvm) machine=(-accel kvm -cpu host) ;;
  *)
    machine=(-accel "tcg,thread=multi,tb-size=512" -cpu "max,la57=off,erms=off,fsrm=off")
    more="clearcpuid=rep_good,erms,fsrm"
    ;;
esac
shares=()
if [[ $results ]]; then shares=(-virtfs "local,path=$results,mount_tag=results,security_model=none,multidevs=remap"); fi

control=$(mktemp -d "${TMPDIR:-/tmp}/rdma-guest.XXXXXX")
job=''
trap '[[ -z $job ]] || kill "$job" 2>/dev/null || true; rm -rf "$control"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cp "$here/guest-init" "$control/"
echo "$environment" >"$control/environment"
{ printf 'folder=%q\n' "$PWD"; printf 'results=%q\n' "$results"; } >"$control/config"
{ printf 'exec'; printf ' %q' "$@"; echo; } >"$control/command"
mkfifo "$control/input" # a standard input that never ends: at its end QEMU would close the port

timeout -k 5 "$seconds" qemu-system-x86_64 -M q35 "${machine[@]}" -smp 2 -m 4096 \
  -nodefaults -no-user-config -display none -no-reboot -kernel "$image/kernel" -initrd "$image/initramfs" -serial "file:$control/console" \
  -append "console=ttyS0 panic=-1 quiet loglevel=4 tsc=reliable no_timer_check mitigations=off nokaslr audit=0 apparmor=0 cryptomgr.notests $more" \
  -device virtio-serial-pci -chardev stdio,id=o,signal=off -device virtserialport,chardev=o,name=out \
  -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$control,mount_tag=control,security_model=none,multidevs=remap" "${shares[@]}" <>"$control/input" 2>"$control/qemu" &
job=$!
wait "$job" && status=0 || status=$?
job=''

if [[ -s $control/ready ]]; then echo "guest: up after $(<"$control/ready") s (Linux $(<"$image/version"), $(<"$image/accelerator"))" >&2; fi
if [[ -s $control/code ]]; then
  if [[ -s $control/failed ]]; then { echo "guest: $(<"$control/failed")"; tail -n 15 "$control/console"; } >&2; fi
  # A kernel that complained makes a result doubtful.
  if [[ -s $control/complaints ]]; then { echo "guest: its kernel complained:"; cat "$control/complaints"; } >&2; fi
  exit "$(<"$control/code")"
fi
if [[ $status == 124 || $status == 137 ]]; then echo "guest: ended after $seconds s" >&2; exit 124; fi
{ echo "guest: died (exit code of QEMU $status); its last words:"; tail -n 30 "$control/qemu" "$control/console"; } >&2 || true
exit 125
