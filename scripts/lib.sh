# What the scripts share. Sourced, not run.
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_root=${ONCEWARD_BUILD_ROOT:-$root/build}

# Debian's psycopg2 and kafka modules belong to Debian's python, which a pyenv or a virtualenv may hide.
python=/usr/bin/python3

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' red='' green='' plain=''
fi

# Says what begins. To stderr, so that a script's own output stays clean.
say() { printf '%s== %s%s\n' "$bold" "$*" "$plain" >&2; }

# Ends the script with what is wrong and what to do about it.
die() {
  printf '%s%s: %s%s\n' "$red" "$(basename "$0")" "$*" "$plain" >&2
  exit 1
}

# The preset that a build takes when none is named: the gate's treats warnings as errors.
default_preset() { if [[ ${CI:-} == true ]]; then echo ci; else echo dev; fi; }

# How many compilers may run at once: one a core, and 1.5 GB of memory for each.
parallelism() {
  local cores memory_gb jobs
  cores=$(nproc)
  memory_gb=$(awk '/MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)
  jobs=$((memory_gb * 2 / 3))
  ((jobs < 1)) && jobs=1
  ((jobs < cores)) && echo "$jobs" || echo "$cores"
}
