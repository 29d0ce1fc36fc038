#!/usr/bin/env bash
# The one entry: ./build.sh [target] [-- arguments]. Installs what the target needs from the distribution, then hands over to build.cake.
# Needs only bash, git and the .NET SDK; a second run finds everything in place and asks the package manager nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '%s\n' "build: $*"; }
warn() { printf '%s\n' "build: $*" >&2; }
fail() { warn "$1"; exit "${2:-1}"; }

# The tasks of build.cake, one "name<TAB>description" a line, read from the script itself so that help needs no tool and no SDK.
targets() { sed -nE 's/^Task\("([A-Za-z]+)"\)\.Description\("([^"]+)"\).*/\1\t\2/p' build.cake; }

help() {
  echo "Usage: ./build.sh <target> [-- arguments]"
  echo
  targets | while IFS=$'\t' read -r name description; do
    printf '  %-16s %s\n' "$(sed -E 's/([a-z])([A-Z])/\1-\2/g' <<<"$name" | tr '[:upper:]' '[:lower:]')" "$description"
  done
  echo
  echo "Examples:  ./build.sh test"
  echo "           ./build.sh run -- --for 30s"
  echo "           ./build.sh bench -- --only pingpong --runs 5"
  echo "           ./build.sh interop-node -- --name node@127.0.0.1 --cookie something"
}

# ---- What the distribution has to give ------------------------------------------------------------------------------------------

missing=()

# need PACKAGE WHY COMMAND: the package is missing if no such command is on the path.
need() { command -v "$3" >/dev/null 2>&1 || add_missing "$1" "$2"; }

# need_header PACKAGE WHY HEADER: the package is missing if no such header is where compilers look.
need_header() {
  local directory
  for directory in /usr/include /usr/local/include; do
    [[ -e "$directory/$3" ]] && return
  done
  add_missing "$1" "$2"
}

# need_library PACKAGE WHY SONAME: the package is missing if the loader knows no such library.
need_library() { [[ "$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" == *"$3"* ]] || add_missing "$1" "$2"; }

# need_module PACKAGE WHY MODULE: the package is missing if Erlang finds no such module.
need_module() {
  [[ "$(erl -noshell -eval "io:format(\"~p\", [code:which($3)]), halt()." 2>/dev/null)" == *"$3.beam"* ]] || add_missing "$1" "$2"
}

add_missing() {
  [[ " ${missing[*]-} " == *" $1 "* ]] && return
  say "missing: $1 ($2)"
  missing+=("$1")
}

need_native() {
  need cmake "builds native/" cmake
  need gcc "compiles native/" cc
  need make "builds native/" make
  need_header libc6-dev "C headers; gcc only recommends them" stdio.h
  need_library liblz4-1 "block compression between our own nodes; opened at run time" liblz4.so.1
  need_header libibverbs-dev "RDMA verbs" infiniband/verbs.h
  need_header librdmacm-dev "RDMA connections" rdma/rdma_cma.h
}

need_erlang() {
  need erlang-base "the Erlang node that ours talks with and is measured against" erl
  need erlang-base "Erlang's port mapper" epmd
  [[ -n "$(compgen -G '/usr/lib/erlang/lib/ssl-*')" ]] || need_module erlang-ssl "TLS between Erlang nodes" ssl
  need openssl "makes certificates for tests of TLS" openssl
}

# What our codecs are compared with.
need_codecs() {
  need lz4 "reads our LZ4 blocks and writes some for us" lz4
  need python3 "runs msgpack" /usr/bin/python3
  /usr/bin/python3 -c 'import msgpack' >/dev/null 2>&1 || add_missing python3-msgpack "reads our MessagePack and writes some for us"
}

# Network namespaces, to part clusters with.
need_network() {
  need iproute2 "makes network namespaces" ip
}

# A virtual machine with the distribution's kernel, and RDMA in it.
need_guest() {
  need qemu-system-x86 "runs the virtual machine" qemu-system-x86_64
  need busybox-static "starts in it" busybox
  need cpio "packs its first files" cpio
  need kmod "finds its modules" depmod
  need xz-utils "unpacks its kernel" xz
  need iproute2 "makes its devices" ip
  need iproute2 "makes RDMA devices" rdma
  [[ -n "$(compgen -G '/usr/lib/*/libibverbs/librxe*')" ]] || add_missing ibverbs-providers "the RDMA device that is software"
  need perftest "what we are measured against" ib_send_lat
}

need_elixir() {
  need elixir "a GenServer with structs that ours is called by" elixirc
}

# C and Java nodes, of Erlang's own libraries for them.
need_c_peer() { need_header erlang-dev "a C node that calls ours" ei.h; }
need_java_peer() {
  need default-jdk-headless "compiles a Java node that calls ours" javac
  [[ -e /usr/share/java/OtpErlang.jar ]] || add_missing erlang-jinterface "the library of that node"
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else return 1
  fi
}

may_install() {
  command -v apt-get >/dev/null 2>&1 || { warn "no apt-get here: install by hand:"; return 1; }
  [[ $(id -u) -eq 0 ]] && return
  command -v sudo >/dev/null 2>&1 || { warn "neither root nor sudo: install by hand:"; return 1; }
  # Without a terminal nobody can type a password.
  [[ -t 0 ]] || sudo -n true 2>/dev/null || { warn "sudo wants a password and there is no terminal: install by hand:"; return 1; }
}

# Never fails: what cannot run without a package reports itself (the native library is optional, tests against Erlang are skipped).
install_missing() {
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local packages log
  packages=("${missing[@]}")
  if ! may_install; then
    warn "  apt-get install ${packages[*]}"
    warn "going on without; what needs them will say so"
    return 0
  fi

  log=$(mktemp)
  say "installing: ${packages[*]}"
  if as_root apt-get update -qq >"$log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >>"$log" 2>&1; then
    say "installed"
  else
    tail -n 15 "$log" >&2
    warn "could not install ${packages[*]}; going on without, what needs them will say so"
  fi
  rm -f "$log"
}

# What Erlang's observer needs no window for (etop). Its package brings a desktop, so it is unpacked beside the build, not installed.
bring_observer() {
  local folder=artifacts/erlang-observer
  [[ "$(readlink -f "$(command -v erl)")" == /usr/lib/erlang/* ]] || return 0 # any other has its own
  if [[ ! -d "$folder/usr" ]]; then
    [[ "$(erl -noshell -eval 'io:format("~p", [code:which(etop)]), halt().')" == non_existing ]] || return 0
    say "unpacking: erlang-observer (etop, which looks at our processes)"
    rm -rf "$folder" # of an attempt that failed
    mkdir -p "$folder"
    if ! unpack erlang-observer "$folder" >"$folder/log" 2>&1; then
      tail -n 5 "$folder/log" >&2
      warn "could not unpack erlang-observer; going on without, what needs it will say so"
      return 0
    fi
  fi
  export ERL_LIBS="$PWD/$folder/usr/lib/erlang/lib${ERL_LIBS:+:$ERL_LIBS}"
}

# unpack PACKAGE FOLDER: the package's files into the folder, and nothing into the system.
unpack() {
  (
    cd "$2" &&
      { apt-get download "$1" || { as_root apt-get update && apt-get download "$1"; }; } &&
      dpkg -x "$1"_*.deb new && mv new/* . && rmdir new
  )
}

# ---- The SDK --------------------------------------------------------------------------------------------------------------------

check_sdk() {
  command -v dotnet >/dev/null 2>&1 ||
    fail "the .NET 10 SDK is missing: see https://dotnet.microsoft.com/download/dotnet/10.0 and put 'dotnet' on the path"
  local answer
  if ! answer=$(dotnet --version 2>&1); then
    warn "no .NET SDK here satisfies global.json (10.0, any feature band). Installed:"
    dotnet --list-sdks >&2 || true
    fail "install the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"
  fi
  [[ "$answer" == 10.* ]] || fail "expected a .NET 10 SDK, 'dotnet --version' answers: $answer"
}

restore_tools() {
  local log
  log=$(mktemp)
  dotnet tool restore >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; fail "could not restore the tools of .config/dotnet-tools.json"; }
  rm -f "$log"
}

# ---- The interop node -----------------------------------------------------------------------------------------------------------

interop_node=runtime/samples/InteropNode/bin/Release/net10.0/interop-node.dll
interop_stamp=artifacts/interop-node.built

interop_node_is_built() {
  [[ -f "$interop_node" && -f "$interop_stamp" ]] || return 1
  local newer
  newer=$(find serialization scheduler interop runtime Directory.*.props Directory.*.targets global.json \( -name obj -o -name bin \) -prune -o \
    -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name global.json \) -newer "$interop_stamp" -print -quit)
  [[ -z "$newer" ]]
}

# Builds the program unless nothing has changed, then lets it take our place: its standard output is ours alone, and our signals are its own.
# Several may be started at a time; one of them builds.
run_interop_node() {
  mkdir -p artifacts
  (
    flock 9
    interop_node_is_built && exit
    check_sdk
    restore_tools
    touch "$interop_stamp.new" # what is changed while it builds is newer
    dotnet cake build.cake --target=InteropNode --verbosity=minimal && mv "$interop_stamp.new" "$interop_stamp"
  ) 9>"artifacts/interop-node.lock" </dev/null >&2 || exit
  exec dotnet "$interop_node" "$@"
}

# ---- Main -----------------------------------------------------------------------------------------------------------------------

target="${1:-help}"
[[ $# -gt 0 ]] && shift
case "$target" in
  help | -h | --help) help; exit 0 ;;
esac
name=$(targets | cut -f1 | grep -ix -- "${target//-/}" || true)
[[ -n "$name" ]] || { warn "no target '$target'"; help >&2; exit 2; }

if [[ "${1:-}" == "--" ]]; then
  shift
elif [[ $# -gt 0 ]]; then
  fail "unexpected '$1': what is meant for the target goes after --" 2
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
[[ "$name" == InteropNode ]] && run_interop_node "$@"

check_sdk
case "$name" in
  Clean | Restore | Format | AcceptApi | AcceptSnapshots | Explore) ;;
  Native | Build | Pack | RdmaEndurance) need_native ;;
  Test) need_native; need_erlang; need_elixir; need_c_peer; need_java_peer; need_codecs; need_network ;;
  Cluster) need_erlang; need_network ;;
  Interop) need_native; need_erlang; need_elixir; need_c_peer; need_java_peer; need_network ;;
  Codecs | BenchNodes) need_erlang ;;
  OtpGrid) need_native; need_erlang; need_c_peer; need_java_peer; need debootstrap "brings later releases of Erlang" debootstrap ;;
  Rdma) need_native; need_guest ;;
  Aot) need gcc "links native programs" cc ;;
  *) need_native; need_erlang ;;
esac
install_missing
case "$name" in Test | Interop) bring_observer ;; esac
restore_tools

# Cake has its own ideas of arguments, so the target's travel beside it: one a line, which no argument of ours contains.
CLOUDSCALE_ARGUMENTS=""
for argument in "$@"; do CLOUDSCALE_ARGUMENTS+="$argument"$'\n'; done
export CLOUDSCALE_ARGUMENTS

case "$name" in
  Run | Bench | BenchNodes | Codecs)
    # The collector's youngest generation is the one knob a host must turn from outside: 64 MB instead of a cache's size
    # cuts the total of pauses five times and more when many processes live.
    export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x4000000}"
    export DOTNET_TieredPGO="${DOTNET_TieredPGO:-1}"
    ;;
esac

summary=artifacts/test/summary.txt
rm -f "$summary"
status=0
dotnet cake build.cake --target="$name" --verbosity=minimal || status=$?

# Cake closes with a table of its tasks; the count of tests has to be the last line.
[[ -f "$summary" ]] && cat "$summary"
exit "$status"
