#!/bin/sh
# fetch-otp.sh SUITE FOLDER: brings the Erlang/OTP of a later Debian suite (trixie, sid) into FOLDER, and puts programs beside it (FOLDER/bin: erl, epmd,
# erlc, elixir, elixirc, iex) that run it as if it were installed here. Nothing else of this machine changes. Needs root: the suite is a small
# system of its own that is entered by chroot, with the host's files over it where tests keep theirs.
set -eu
suite=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
root=$folder/root
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
packages="erlang-base erlang-crypto erlang-ssl erlang-public-key erlang-asn1 erlang-runtime-tools erlang-tools erlang-syntax-tools erlang-inets erlang-dev elixir"

if [ ! -e "$folder/done" ]; then
    rm -rf "$root"
    command -v debootstrap >/dev/null || { echo "debootstrap is needed: apt-get install debootstrap" >&2; exit 1; }
    {
        # (erlang-observer is unpacked only: what it depends on is a desktop, and etop needs none.)
        debootstrap --variant=minbase "$suite" "$root" "$mirror" &&
            chroot "$root" apt-get install -y -q --no-install-recommends $packages &&
            chroot "$root" sh -c 'cd /root && apt-get download -q erlang-observer && dpkg -x erlang-observer_*.deb / && rm erlang-observer_*.deb'
    } >"$folder/fetch.log" 2>&1 || {
        echo "$suite cannot be brought from $mirror; the last lines of $folder/fetch.log:" >&2
        tail -n 5 "$folder/fetch.log" >&2
        exit 1
    }
    touch "$folder/done"
fi

cp /etc/hosts /etc/hostname "$root/etc/"

mkdir -p "$folder/bin"
for program in erl epmd erlc elixir elixirc iex; do
    cat >"$folder/bin/$program" <<RUN
#!/bin/sh
# $program of $suite. One process from here to there, so whoever ends it by its number ends it.
exec unshare --mount --propagation unchanged -- sh -c '
    set -e
    mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"; mount --rbind /tmp "$root/tmp"
    for place in "\$OTP_GRID_SOURCES" "\$HOME"; do
        case \$place in "" | / | /tmp | /tmp/*) continue ;; esac
        mkdir -p "$root\$place"; mount --rbind "\$place" "$root\$place"
    done
    here=\$PWD
    PATH=/usr/sbin:/usr/bin:/sbin:/bin
    exec chroot "$root" /bin/sh -c "cd \"\\\$0\"; exec \"\\\$@\"" "\$here" $program "\$@"' sh "\$@"
RUN
    chmod +x "$folder/bin/$program"
done
PATH="$folder/bin:$PATH" erl -noshell -eval 'io:format("~s~n", [erlang:system_info(otp_release)]), halt().'
