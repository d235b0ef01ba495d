#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the certificates of these tests anew: an authority, and servers of it that are sound, expired and of another host,
# and a client. Needs openssl. Valid for a century, so that no test ends one day.
set -euo pipefail
cd "$(dirname "$0")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 36500 \
    -subj "/CN=Pilothouse test authority" -addext "basicConstraints=critical,CA:TRUE" 2>/dev/null
make_one() {  # name, subject alternative name, first day, last day
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
    mkdir -p ca_state && : > ca_state/index.txt && openssl rand -hex 8 > ca_state/serial
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=ca_state/index.txt\nserial=ca_state/serial\nnew_certs_dir=ca_state\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=%s\n' "$2" > ca_state/conf
    openssl ca -batch -config ca_state/conf -extensions e -in "$1.csr" -cert ca.pem -keyfile ca.key -out "$1.pem" \
        -startdate "$3" -enddate "$4" -notext 2>/dev/null
    rm -rf "$1.csr" ca_state
}
make_one sound IP:127.0.0.1,DNS:localhost 20200101000000Z 21200101000000Z
make_one expired IP:127.0.0.1 20200101000000Z 20210101000000Z
make_one other DNS:other.example 20200101000000Z 21200101000000Z
make_one client DNS:client.example 20200101000000Z 21200101000000Z
rm ca.key
