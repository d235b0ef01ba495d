# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the scripts beside it: what is missing is installed from Debian's packages, then the program is built.
# Sourced; sets ROOT.
set -eu
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# packages [KIND…]: the names in packaging/packages, with those of the kinds.
packages() {
    sed -e 's/#.*//' -e '/:/d' -e '/^[[:space:]]*$/d' "$ROOT/packaging/packages"
    local kind
    for kind in "$@"; do sed -n "s/^$kind:[[:space:]]*//p" "$ROOT/packaging/packages"; done
}

# install_missing [KIND…]: asks dpkg once for all; installs what is not there (as root, or through sudo).
install_missing() {
    local missing
    if ! command -v dpkg-query >/dev/null; then
        say "This is not a Debian system: install the equivalents of packaging/packages, then build with cmake --preset release."
        return 0
    fi
    missing=$(comm -23 <(packages "$@" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | sort -u))
    [ -n "$missing" ] || return 0
    local as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "Missing packages, and no right to install them:" $missing; return 1; }
        as_root="sudo"
    fi
    say "Installing from Debian:" $missing
    $as_root apt-get update -q >&2
    # policy-rc.d style care: packages of servers used by tests must not start services here.
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -q -y --no-install-recommends $missing >&2
}

# build PRESET [cmake --build arguments…]
build() {
    local preset=$1
    shift
    cd "$ROOT"
    cmake --build --preset "$preset" "$@" >&2
}
