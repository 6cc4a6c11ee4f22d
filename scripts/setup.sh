# Sourced by scripts/demo and scripts/test: makes .venv at the repository's root, once, and keeps it up to date.
# usage: . scripts/setup.sh; need_system PACKAGE:COMMAND-OR-FILE ...; make_venv [extra arguments for the installer]

unset PYTHONPATH  # another checkout's code must not answer for this one's
say() { printf '%s\n' "$*" >&2; }

# need_system package:probe ...  installs Debian packages whose probe (a command on the PATH, or a file) is absent.
need_system() {
  local missing="" entry package probe
  for entry in "$@"; do
    package=${entry%%:*}
    probe=${entry#*:}
    case $probe in
      /*) [ -e "$probe" ] || missing="$missing $package" ;;
      *) command -v "$probe" >/dev/null 2>&1 || missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  local sudo=""
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
      sudo="sudo"
    else
      say "These system packages are missing:$missing. Ask an administrator to run:"
      say "  apt-get update && apt-get install -y$missing"
      exit 2
    fi
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    say "These programs are missing:$missing (names of Debian's packages). Install them and run this again."
    exit 2
  fi
  say "Installing system packages:$missing"
  $sudo apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# make_venv WHAT...  installs the package (editable) and WHAT into .venv; a stamp makes the second time quick.
make_venv() {
  local python=${PYTHON:-python3}
  if ! command -v "$python" >/dev/null 2>&1; then
    need_system python3:python3
  fi
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "Needed Python 3.11 or newer, given $("$python" --version 2>&1). Set PYTHON to another interpreter."
    exit 2
  fi
  local stamp=.venv/.citycover-stamp want
  want=$( { echo "$PWD" "$@"; "$python" --version; cat pyproject.toml constraints.txt package.json package-lock.json hatch_build.py; } | cksum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
    return 0
  fi
  say "Setting up .venv (about a minute the first time) ..."
  if [ ! -x .venv/bin/python ]; then
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
      need_system python3-venv:/nonexistent
    fi
    "$python" -m venv .venv
  fi
  # uv is several times quicker than pip; where it cannot be had, pip does the same.
  if [ -x .venv/bin/uv ] || .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt uv; then
    .venv/bin/uv pip install -q --compile-bytecode --python .venv/bin/python -c constraints.txt -e . "$@"
  else
    # pip before 25.1 knows no --group: turn the groups into requirements
    local plain="" argument
    for argument in "$@"; do
      case $argument in
        --group=*) plain="$plain $(.venv/bin/python scripts/list_group.py "${argument#--group=}")" ;;
        *) plain="$plain $argument" ;;
      esac
    done
    # shellcheck disable=SC2086
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e . $plain
  fi
  printf '%s' "$want" >"$stamp"
}
