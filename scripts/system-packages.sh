#!/bin/sh
# Install what the tests need beside Python, where that is possible; elsewhere those tests say why they are skipped.
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
[ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null 2>&1 || missing="$missing pgbouncer"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/sbin/postfix ] || command -v postfix >/dev/null 2>&1 || missing="$missing postfix"
[ -x /usr/sbin/dovecot ] || command -v dovecot >/dev/null 2>&1 || missing="$missing dovecot-imapd"
[ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "installing$missing for the tests ..."
# The tests start servers of their own; the packages would start one more each.
[ "${missing#*postgresql}" = "$missing" ] || {
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
}
[ "${missing#*postfix}" = "$missing" ] ||
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections >/dev/null 2>&1
# shellcheck disable=SC2086
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing; } >/dev/null 2>&1
for service in pgbouncer postfix dovecot; do
    [ "${missing#*"$service"}" = "$missing" ] || systemctl disable --now "$service" >/dev/null 2>&1
done
exit 0
