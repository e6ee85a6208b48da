#!/bin/sh
# Resolve the dependencies of pyproject.toml into two lock files with hashes and without hosts.
set -eu
bin=$1
"$bin/python" -m pip install --quiet --disable-pip-version-check uv
"$bin/uv" lock --quiet
"$bin/uv" export --quiet --no-emit-project --no-header --no-annotate --no-dev --group build --output-file requirements.lock
"$bin/uv" export --quiet --no-emit-project --no-header --no-annotate --group build --group dev --output-file requirements-dev.lock
rm -f uv.lock
