#!/bin/sh -e
# in_root.sh ROOT PATH... -- COMMAND...
# Runs the command inside ROOT, where each PATH is the machine's own. To be called in a private mount namespace
# (unshare --mount): the mounts vanish with the process.
root=$1
shift
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" "$@"
