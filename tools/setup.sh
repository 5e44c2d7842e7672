#!/usr/bin/env bash
# Sets up a Debian or Ubuntu machine for airdub: programs by apt, Python environments by uv from
# their lock files. Says what it does; does only what is missing; safe to run again.
# `setup.sh neural` also makes the environment of engines with weights; once it is there, it is kept up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=(ffmpeg espeak-ng libespeak-ng1 flite rubberband-cli
  apertium apertium-eng-spa apertium-eng-cat apertium-en-gl python3-venv)

# What tests start: redis-tools holds Redis's server too, without the service of redis-server.
servers=(redis-tools postgresql)

say() { printf 'setup: %s\n' "$*"; }

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif ! command -v sudo >/dev/null; then say "please run as root: $*"; exit 69
  elif [ -t 0 ]; then sudo "$@"
  else sudo -n "$@"
  fi
}

# install_programs PACKAGE...: installs those that are missing.
install_programs() {
  local missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing Debian packages: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null' apt "${missing[@]}"
}

# A database that Debian's package makes would listen from then on; tests make their own.
install_servers() {
  installed postgresql-common || as_root sh -c 'mkdir -p /etc/postgresql-common/createcluster.d &&
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/airdub.conf'
  install_programs "${servers[@]}"
}

# Spark needs Java 17 or newer; any that is there will do.
install_java() {
  local major package=openjdk-21-jre-headless
  major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 17 ] && return
  as_root apt-get update -qq
  apt-cache show "$package" >/dev/null 2>&1 || package=openjdk-17-jre-headless
  install_programs "$package"
}

install_tools() {
  local stamp
  stamp=$(sha256sum <requirements/tools.txt)
  [ "$(cat .venv-tools/airdub-setup 2>/dev/null)" = "$stamp" ] && return
  say "installing uv and node into .venv-tools"
  python3 -m venv --clear .venv-tools
  .venv-tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.txt
  printf '%s' "$stamp" >.venv-tools/airdub-setup
}

# environment FOLDER LOCK...: brings a virtual environment to exactly what its lock files say.
environment() {
  local folder=$1 stamp
  shift
  stamp=$(cat "$@" pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1)
  [ "$(cat "$folder/airdub-setup" 2>/dev/null)" = "$stamp" ] && return
  say "making $folder from $*"
  local uv=.venv-tools/bin/uv
  [ -x "$folder/bin/python" ] || "$uv" venv -q --clear --python 3.11 "$folder"
  # compiled now: every task and stage is a new process, and would compile what it imports
  "$uv" pip sync -q --compile-bytecode --require-hashes --python "$folder/bin/python" "$1"
  [ $# -eq 1 ] || "$uv" pip install -q --compile-bytecode --no-deps --require-hashes \
    --python "$folder/bin/python" -r "$2"
  "$uv" pip install -q --no-deps --no-build-isolation --python "$folder/bin/python" -e .
  printf '%s' "$stamp" >"$folder/airdub-setup"
}

# describe FOLDER: writes down what an environment has, for the operators that put versions into fingerprints.
describe() {
  "$1/bin/python" -m model_images.runner describe >"$1/airdub-environment.json.part"
  mv "$1/airdub-environment.json.part" "$1/airdub-environment.json"
}

# The console's page: React bundled by esbuild, from locked packages, when its sources changed.
bundle_console() {
  local app=plugins/console/app bundle=plugins/console/bundle stamp
  stamp=$(find "$app" -name node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [ "$(cat "$bundle/airdub-setup" 2>/dev/null)" = "$stamp" ] && return
  say "bundling the console's page"
  if (
    export PATH="$PWD/.venv-tools/bin:$PATH"
    cd "$app" && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund >/dev/null &&
      npm run --silent build
  ); then
    printf '%s' "$stamp" >"$bundle/airdub-setup"
  else
    say "the console's page is NOT built, everything else is; correct what npm says above, then run this again"
  fi
}

if [ "${1:-}" = servers ]; then install_servers; exit; fi
install_programs "${programs[@]}"
install_java
install_tools
[ "${1:-}" = tools ] && exit 0  # `make lock` needs no environment, and may be what mends one
environment .venv requirements/airflow.txt
environment .venv-stages requirements/stages.txt requirements/stages-carriers.txt
describe .venv-stages
if [ "${1:-}" = neural ] || [ -d .venv-neural ]; then
  [ -d .venv-neural ] || say "PyTorch with CUDA's libraries and what goes with it: 3.5 GB to download, 7 GB on the disk"
  environment .venv-neural requirements/neural.txt requirements/stages-carriers.txt
  describe .venv-neural
fi
bundle_console
