#!/usr/bin/env bash
# In a fresh Debian, as an ordinary user with nothing but the sources: the quick start of installer/README.md, and, if they are
# asked for, the packages, made, which are left in CACHE/packages-SUITE. Where tests/run.sh has kept its objects (CCACHE_DIR), the same
# compiler takes them from there instead of compiling the same sources again; another suite's compiler finds none.
#
#   quickstart.sh SOURCE CACHE SUITE [packages]
set -euo pipefail
source=$1 cache=$2 suite=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/installer/fresh-root.sh
. "$here/fresh-root.sh"
fresh_root "$cache" "$suite"

mkdir "$root/home/ada/tenon" "$root/transcript"
tar -C "$source" --exclude=./build --exclude=./.git --exclude=node_modules -cf - . | tar -C "$root/home/ada/tenon" -xf -
chown -R --reference="$root/home/ada" "$root/home/ada/tenon"
cp "$here/transcript.sh" "$root/transcript/"
settings=(TRANSCRIPT_PATIENCE=1500)
if [ -d "${CCACHE_DIR:-}" ] && [ "$suite" = bookworm ]; then
  in_root root bash -c 'apt-get -qq update && apt-get -qq install --no-install-recommends -y ccache >/dev/null'
  cp -r "$CCACHE_DIR" "$root/home/ada/.ccache"
  chown -R --reference="$root/home/ada" "$root/home/ada/.ccache"
  # shellcheck source=tests/support/ccache.sh
  . "$here/../support/ccache.sh"
  compile_once /home/ada/tenon /home/ada/.ccache
  for name in CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER CCACHE_{DIR,BASEDIR,NOHASHDIR,IGNOREOPTIONS,SLOPPINESS}; do
    settings+=("$name=${!name}")
  done
fi
chapters=("Quick start")
[ "${4:-}" != packages ] || chapters+=("Debian package, made")
for chapter in "${chapters[@]}"; do
  in_root ada env "${settings[@]}" bash /transcript/transcript.sh tenon/installer/README.md "$chapter"
done
[ "${4:-}" = packages ] || exit 0
rm -rf "$cache/packages-$suite"
cp -r "$root/home/ada/tenon/build/release/packages" "$cache/packages-$suite"
