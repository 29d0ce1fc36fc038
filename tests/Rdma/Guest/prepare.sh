#!/usr/bin/env bash
# Makes what boot.sh boots: Debian's kernel as a file, an initramfs, and which accelerator works. Installs nothing; build.sh has
# installed the packages. Ends with 0 and one line if all is there, with 3 and one line that says why not.
#
#   prepare.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() { echo "no virtual machine: $*"; exit 3; }

for command in qemu-system-x86_64 cpio busybox depmod modprobe dpkg-deb apt-get rdma ip flock; do
  PATH="$PATH:/sbin:/usr/sbin" command -v "$command" >/dev/null || skip "no $command (./build.sh rdma installs what it can)"
done
PATH="$PATH:/sbin:/usr/sbin"
[[ $(uname -m) == x86_64 ]] || skip "the guest is made for x86-64, not $(uname -m)"

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
stamp=$(cat "$0" "$here/initramfs-init" | sha256sum)
if [[ -f $folder/stamp && $(<"$folder/stamp") == "$stamp" ]]; then
  echo "ready: Linux $(<"$folder/version"), $(<"$folder/accelerator")"
  exit
fi
rm -f "$folder/stamp"
work=$(mktemp -d "$folder/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# ---- The kernel: the distribution's, unpacked and not installed ----

package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
[[ -n $package ]] || skip "apt knows no linux-image-amd64"
(cd "$work" && apt-get -o APT::Sandbox::User=root download -q "$package" >log 2>&1) || skip "cannot fetch $package: $(tail -n 1 "$work/log")"
dpkg-deb -x "$work"/linux-image-*.deb "$work/tree"
image=$(echo "$work"/tree/boot/vmlinuz-*)
version=${image##*/vmlinuz-}
[[ -d $work/tree/lib/modules ]] || { mkdir -p "$work/tree/lib"; ln -s ../usr/lib/modules "$work/tree/lib/modules"; }
depmod -b "$work/tree" "$version"

# QEMU starts a kernel that is an ELF file without firmware and without unpacking it in the guest, which saves seconds where the
# processor is emulated. The packed one lies somewhere in the image.
kernel=$image
while IFS=: read -r offset _; do
  tail -c +$((offset + 1)) "$image" | xz -dc >"$work/elf" 2>/dev/null || true # what follows is no archive
  if [[ $(head -c 4 "$work/elf") == $'\x7fELF' ]]; then kernel=$work/elf; break; fi
done < <(LC_ALL=C grep -obUaP '\xFD7zXZ\x00' "$image" | head -n 4)

# ---- The initramfs: busybox, an init, and modules in the order in which they are loaded ----

root=$work/root
mkdir -p "$root"/{bin,modules,proc,sys,dev,lower,upper,new}
cp "$(readlink -f "$(command -v busybox)")" "$root/bin/busybox"
install -m 755 "$here/initramfs-init" "$root/init"
# rxe asks for crc32 by name; the plain one is faster under emulation than the one of vector instructions.
for module in virtio_pci 9pnet_virtio 9p overlay virtio_console crc32_generic rdma_rxe rdma_ucm dummy veth sch_netem; do
  modprobe -d "$work/tree" -S "$version" --show-depends "$module" 2>/dev/null ||
    [[ $module == crc32_generic ]] || skip "Linux $version has no module $module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
  name=$(basename "${path%.xz}")
  if [[ $path == *.xz ]]; then xz -dc "$path" >"$root/modules/$name"; else cp "$path" "$root/modules/$name"; fi
  echo "$name"
done >"$work/order"
[[ -s $work/order ]] || skip "Linux $version has not the modules of RDMA"
cp "$work/order" "$root/modules/order"
(cd "$root" && find . -print0 | cpio --null -o -H newc --quiet) >"$folder/initramfs"
mv "$kernel" "$folder/kernel"
echo "$version" >"$folder/version"

# ---- A /dev/kvm that opens need not be one that works, so one boot tells ----

accelerator=tcg
if [[ -w /dev/kvm ]]; then
  { timeout -k 1 8 qemu-system-x86_64 -M q35 -accel kvm -cpu host -smp 2 -m 512 -nodefaults -no-user-config -display none -no-reboot \
    -serial "file:$work/probe" -kernel "$folder/kernel" -initrd "$folder/initramfs" -append "console=ttyS0 panic=-1 quiet guest_probe" \
    </dev/null || true; } >/dev/null 2>&1
  if grep -qs 'guest: kernel up' "$work/probe"; then accelerator=kvm; fi
fi
echo "$accelerator" >"$folder/accelerator"
echo "$stamp" >"$folder/stamp"
echo "ready: Linux $version, $accelerator"
