#!/bin/sh -eu
# What Asterisk cannot read from its environment is written into its memory file system before it starts.

refuse() {
    echo "asterisk: $1" >&2
    exit 78
}

site=/etc/asterisk/site
[ -e $site/trunk.conf ] || refuse "there is no trunk: copy containers/asterisk/site/trunk.conf.sample to trunk.conf and fill it in"
[ -r $site/trunk.conf ] || refuse "trunk.conf cannot be read: chgrp 10573 trunk.conf && chmod 640 trunk.conf"
case "${DZWONEK_AMI_SECRET:-}" in
    "") refuse "DZWONEK_AMI_SECRET is empty" ;;
    *[!A-Za-z0-9._-]*) refuse "DZWONEK_AMI_SECRET may hold letters, digits, '.', '_' and '-' only" ;;
esac

umask 077
mkdir -p cache db lib log spool
printf '[dzwonek](dzwonek-rights)\nsecret = %s\n' "$DZWONEK_AMI_SECRET" > manager_secret.conf
unset DZWONEK_AMI_SECRET
exec "$@"
