# Shared by tools/quickstart, tools/test and tools/dev: where the project is, and what it needs from Debian.
# Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(
  g++ cmake ninja-build pkg-config ca-certificates publicsuffix tzdata
  libboost1.81-dev libssl-dev libre2-dev libsqlite3-dev libyaml-cpp-dev libc-ares-dev libidn2-dev libpsl-dev
  libutf8proc-dev nettle-dev libnghttp2-dev libcurl4-openssl-dev libcrypt-dev zlib1g-dev libarchive-dev libzip-dev libqrencode-dev libexpat1-dev libjemalloc-dev libcli11-dev catch2
)
test_packages=(age curl minisign python3 python3-aiosmtpd python3-jsonschema python3-yaml openssl iproute2 nftables openssh-server dnsmasq-base radvd procps sqlite3 zbar-tools prometheus chromium firefox-esr libnss3-tools libpacparser1 fonts-noto-core libreoffice-writer-nogui poppler-utils clang-14 libclang-rt-14-dev clang-format clang-tidy)
package_packages=(debhelper dpkg-dev fakeroot po-debconf lintian)
field_packages=(debootstrap systemd-container util-linux)
bench_packages=(nginx-light wrk libabsl-dev iproute2 zstd)

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Installs what is missing of the named packages; asks no question, and needs no network when nothing is missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo: install these yourself: ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed: is this machine online?"
  # Programs for tests, no doors: Debian would start them, and on each boot.
  local service
  for service in openssh-server:ssh prometheus:prometheus; do
    case " ${missing[*]} " in *" ${service%:*} "*)
      "${as_root[@]}" sh -c '[ -e "$1" ] || ln -s /dev/null "$1"' - "/etc/systemd/system/${service#*:}.service" ;;
    esac
  done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null || die "apt-get could not install: ${missing[*]}"
}

# configure PRESET: cmake speaks only when it fails.
configure() {
  local output
  output=$(cmake -S "$root" --preset "$1" 2>&1) || { printf '%s\n' "$output" >&2; die "cmake failed"; }
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  configure "$preset"
  cmake --build "$root/build/$preset" -- "$@"
}

# build_package PLACE: the Debian package of the files as they are here, in PLACE, which is emptied first.
build_package() {
  local place=$1 tree=$1/tree version
  rm -rf "$place"
  mkdir -p "$tree"
  (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' name; do
    if [ -e "$name" ]; then printf '%s\0' "$name"; fi
  done | tar --create --null --files-from=- --mode=u+w,go-w,a+rX) | tar --extract --directory="$tree" --no-same-owner --same-permissions
  cp -r "$tree/packaging/debian" "$tree/debian"
  version=$(sed -n 's/^project(schoolgate VERSION \([0-9.]*\).*/\1/p' "$tree/CMakeLists.txt")
  [ "$(cd "$tree" && dpkg-parsechangelog -S Version)" = "$version" ] ||
    die "packaging/debian/changelog and CMakeLists.txt are of different versions"
  (cd "$tree" && dpkg-buildpackage -b -us -uc >"$place/build.log" 2>&1) ||
    { tail -n 40 "$place/build.log" >&2; die "dpkg-buildpackage failed: $place/build.log"; }
}

# with_schemas PROGRAM SHIPPED PLACE: what ships, as PLACE/defaults, with the comments for editors naming the schemas that
# PROGRAM writes into PLACE/schema: without the package there are none where they say.
with_schemas() {
  local program=$1 shipped=$2 place=$3
  rm -rf "$place/schema" "$place/defaults"
  mkdir -p "$place/schema"
  "$program" schema --out "$place/schema" >/dev/null
  cp -r "$shipped" "$place/defaults"
  find "$place/defaults" -name '*.yaml' -exec sed -i "s#\$schema=/usr/share/schoolgate/schema/#\$schema=$place/schema/#" {} +
}

# update_config SHIPPED PLACE: what ships goes to PLACE/config, except to where somebody changed it since the last
# run. PLACE/shipped holds what was copied then.
update_config() {
  local name kept=() new=$1 own=$2/config old=$2/shipped
  mkdir -p "$own" "$old"
  while IFS= read -r -d '' name; do
    if [ -e "$own/$name" ]; then
      if cmp -s "$own/$name" "$new/$name"; then continue; fi
      if cmp -s "$own/$name" "$old/$name"; then install -m 0644 "$new/$name" "$own/$name"; else kept+=("$name"); fi
    elif [ -e "$old/$name" ]; then
      kept+=("$name (deleted)")
    else
      install -D -m 0644 "$new/$name" "$own/$name"
    fi
  done < <(cd "$new" && find . -type f -printf '%P\0' | sort -z)
  while IFS= read -r -d '' name; do # no longer shipped, and as it was shipped
    if [ ! -e "$new/$name" ] && cmp -s "$own/$name" "$old/$name"; then rm "$own/$name"; fi
  done < <(cd "$old" && find . -type f -printf '%P\0')
  rm -rf "$old"
  cp -r "$new" "$old"
  if [ ${#kept[@]} -gt 0 ]; then say "Left as you changed it in $own: ${kept[*]} (as shipped: $new)"; fi
}
