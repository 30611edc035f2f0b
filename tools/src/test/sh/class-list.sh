#!/usr/bin/env bash
# Writes tools/bin/dragon-classes anew: the classes that Dragon's programs load when they start, beyond those that every JVM shares already.
# By a build of this checkout, JDK 17, and hosts (dragon-hosts); it takes a minute. To be run when what they load has changed much: who lacks in the list is
# only slower, who is in it and does not exist any more is passed over.
set -euo pipefail
bin=$(readlink -f -- "$(dirname -- "$0")/../../../bin")
work=$(mktemp -d /tmp/dragon-classes.XXXXXX)
DRAGON_HOSTS_STATE=$work/state
export DRAGON_HOSTS_STATE
hosts=$bin/dragon-hosts
trap '"$hosts" down 2>/dev/null || true; rm -rf -- "$work"' EXIT
# shellcheck source-path=SCRIPTDIR source=../../../bin/dragon-common.sh
. "$bin/dragon-common.sh"
dragon_find_java "$bin"

# on HOST NAME SECONDS COMMAND...: with the list of what it loads in NAME; ended in order after so long, with which a server has to be told
on() {
    local host=$1 name=$2 seconds=$3
    shift 3
    "$hosts" run "$host" timeout --preserve-status "$seconds" env DRAGON_JVM_OPTS="-Xshare:auto -XX:DumpLoadedClassList=$work/$name.list" DRAGON_HEAP_OPTS=-Xmx512m \
        "$bin/dragon" "$@" >"$work/$name.log" 2>&1
}

# await FILE WORDS
await() {
    local i
    for ((i = 0; i < 300; i++)); do
        ! grep -qF -- "$2" "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "class-list.sh: '$2' is not said:" >&2
    tail -n 5 "$1" >&2
    exit 1
}

"$hosts" up 2
on b driver-b 48 media-driver &
on b master 45 master --host-driver --set masters.members=0.0.0.0 --set "masters.directory=$work/masters" &
await "$work/master.log" leads
on a driver 42 media-driver &
on a server 40 gpu-server --set workers.cpu=0 &
on a worker 38 worker --device cpu &
await "$work/worker.log" 'ready for tasks'
on a status 30 status
on a routes 30 routes
on a publish 30 publish --camera 1 --help
on a demo 30 demo --cameras 4 --frame 320x240 --seconds 2
on a help 30 --help
wait # for the servers
LC_ALL=C sort -u "$work"/*.list | grep -v -E '^#|source:' | sed 's/ id: [0-9]*$//' >"$work/all"
LC_ALL=C sort -u "$dragon_java_home/lib/classlist" >"$work/known"
LC_ALL=C comm -23 "$work/all" "$work/known" >"$bin/dragon-classes"
wc -l "$bin/dragon-classes"
