#!/usr/bin/env bash
# Certificates to try TLS between nodes with: an authority of its own, and one certificate for all nodes of the hosts that are named.
# For tests only: the authority's key lies beside the rest, and nothing is ever revoked. Needs openssl.
set -euo pipefail

if [[ $# -lt 1 ]]; then
  echo "Usage: $0 FOLDER [HOST...]     hosts as in node names, for example 127.0.0.1 db1.example.org; localhost if none is named" >&2
  exit 2
fi
folder=$1
shift
[[ $# -gt 0 ]] || set -- localhost
mkdir -p "$folder"
cd "$folder"
folder=$PWD

names=""
for host in "$@"; do
  names+="${names:+,}DNS:$host"
  # Erlang looks for an address among the DNS names, others among the addresses.
  if [[ "$host" =~ ^[0-9.]+$ || "$host" == *:* ]]; then names+=",IP:$host"; fi
done

openssl ecparam -name prime256v1 -genkey -noout -out ca-key.pem
openssl req -x509 -new -key ca-key.pem -sha256 -days 3650 -subj "/CN=Test authority for nodes" -out ca.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
openssl ecparam -name prime256v1 -genkey -noout -out node-key.pem
openssl req -new -key node-key.pem -subj "/CN=$1" -out node.csr
openssl x509 -req -in node.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -sha256 -days 3650 -out node.pem \
  -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=%s\n' "$names") 2>/dev/null
rm -f node.csr ca.srl
chmod 600 ./*-key.pem

# What an Erlang node takes with: erl -proto_dist inet_tls -ssl_dist_optfile FOLDER/ssl_dist.conf
cat > ssl_dist.conf <<END
[{server, [{certfile, "$folder/node.pem"}, {keyfile, "$folder/node-key.pem"}, {cacertfile, "$folder/ca.pem"},
           {verify, verify_peer}, {fail_if_no_peer_cert, true}]},
 {client, [{certfile, "$folder/node.pem"}, {keyfile, "$folder/node-key.pem"}, {cacertfile, "$folder/ca.pem"},
           {verify, verify_peer}]}].
END
echo "$folder: ca.pem, node.pem and node-key.pem for $*; ssl_dist.conf for Erlang nodes"
