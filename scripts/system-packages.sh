#!/bin/sh
# Install what the tests need beside Python, where that is possible; elsewhere those tests say why they are skipped.
command -v chromium >/dev/null 2>&1 && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "installing chromium for the browser tests ..."
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1
exit 0
