#!/usr/bin/env bash
# Builds the virtual environment with everything that the demonstration and the tests need.
set -euo pipefail
python="$1"
venv="$2"

"$python" - <<'PY'
import sys
if sys.version_info < (3, 10):
    sys.exit(f"diarchy needs Python 3.10 or newer, this is {sys.version.split()[0]}; set PYTHON=python3.11")
PY

# Headless rendering goes through EGL; Debian's stock Mesa does it in software.
if [ "$(uname -s)" = Linux ] && ! ldconfig -p | grep -q 'libEGL\.so\.1'; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing libegl1 and libgl1-mesa-dri for headless rendering"
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends libegl1 libgl1-mesa-dri libopengl0 >/dev/null
    else
        echo "headless rendering needs EGL: sudo apt-get install libegl1 libgl1-mesa-dri" >&2
    fi
fi

# Open3D (the dense map) is linked against these, though nothing here uses them.
if [ "$(uname -s)" = Linux ] && ! ldconfig -p | grep -q 'libusb-1\.0\.so\.0'; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing libusb-1.0-0, libgl1 and libx11-6 for Open3D"
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends libusb-1.0-0 libgl1 libx11-6 >/dev/null
    else
        echo "the dense map needs libusb: sudo apt-get install libusb-1.0-0 libgl1 libx11-6" >&2
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --upgrade pip "setuptools>=77" wheel
"$venv/bin/python" -m pip install --quiet --editable ".[all,dev]"
