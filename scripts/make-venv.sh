#!/bin/sh
# Make the virtual environment $1 with the first Python that is new enough, or say what to install.
set -u
venv=$1
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "$new_enough" && "$venv/bin/python" -m pip --version >/dev/null 2>&1
then exit 0
fi

for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python
do
    "$python" -c "$new_enough" 2>/dev/null || continue
    if "$python" -m venv --clear "$venv" >/dev/null 2>&1
    then exit 0
    fi
    echo "parley: $python cannot make virtual environments; install its venv module (Debian: apt-get install python3-venv)" >&2
    exit 1
done
echo "parley: needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python3" >&2
exit 1
