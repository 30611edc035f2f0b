#!/usr/bin/env bash
# Builds hosts with dragon-hosts, tries everything that can be done to them, and looks for what they leave. Skips in words where none can be made.
set -euo pipefail
bin=$(readlink -f -- "$(dirname -- "$0")/../../../bin")
hosts=$bin/dragon-hosts
DRAGON_HOSTS_STATE=$(mktemp -d /tmp/dragon-hosts-"$(id -u)"-test.XXXXXX)/state
export DRAGON_HOSTS_STATE
trap '"$hosts" down 2>/dev/null || true; rm -rf -- "${DRAGON_HOSTS_STATE%/state}"' EXIT

bad() {
    echo "hosts.sh: $*" >&2
    exit 1
}

# Who refuses a connection has been reached: reaches HOST ADDRESS
reaches() {
    local code=0
    timeout 1 "$hosts" run "$1" bash -c "exec 3<>/dev/tcp/$2/9" 2>/dev/null || code=$?
    [ "$code" = 1 ]
}

code=0
"$hosts" up 3 --networks 2 || code=$?
[ "$code" != 77 ] || exit 0
[ "$code" = 0 ] || bad "up ended with $code"
[ "$("$hosts" run b hostname)" = host-b ] || bad "a host has not its own name"
[ "$("$hosts" list | wc -l)" = 3 ] || bad "there are not three hosts: $("$hosts" list)"
! "$hosts" with 2 -- true 2>/dev/null || bad "with made hosts where there are some already"
[ "$("$hosts" list | wc -l)" = 3 ] || bad "with took away hosts that it had not made"
"$hosts" run a touch /dev/shm/of-a
! "$hosts" run b test -e /dev/shm/of-a || bad "hosts share their memory"
[ ! -e /dev/shm/of-a ] || bad "a host shares its memory with the machine"

reaches a host-b || bad "a does not reach b"
"$hosts" cut a b
! reaches a 10.77.1.2 || bad "a reaches b though they are cut"
! reaches a 10.77.2.2 || bad "a reaches b over the second network though they are cut"
reaches a host-c && reaches c host-b || bad "cutting a from b took c away"
[ "$("$hosts" dropped)" -gt 0 ] || bad "what a cut dropped is not counted"
"$hosts" join a b
reaches a host-b || bad "a does not reach b again"
"$hosts" cut a b --network 1
! reaches a 10.77.1.2 || bad "a reaches b though they are cut"
reaches a 10.77.2.2 || bad "the second network was cut, too"
"$hosts" join a b

"$hosts" link c off
! reaches a host-c || bad "a reaches c though its plug is pulled"
"$hosts" link c on
for ((i = 0; i < 20; i++)); do
    ! reaches a host-c || break
done
reaches a host-c || bad "a does not reach c again"

"$hosts" lose 99
! reaches a host-b || ! reaches a host-b || ! reaches a host-b || bad "nearly every packet is lost and a reaches b three times"
"$hosts" lose 0
reaches a host-b || bad "packets are still lost"
"$hosts" rate 100mbit
reaches a host-b || bad "a does not reach b over a slow link"
"$hosts" rate off
"$hosts" mtu 9000
[ "$("$hosts" run b cat /sys/class/net/eth1/mtu)" = 9000 ] || bad "the links carry no jumbo frames"
"$hosts" mtu 1500

"$hosts" run b sleep 1000 &
sleeper=$!
for ((i = 0; i < 100; i++)); do
    [ "$(cat "/proc/$sleeper/comm")" != sleep ] || break
    sleep 0.05
done
"$hosts" kill b
code=0
wait "$sleeper" 2>/dev/null || code=$?
[ "$code" = 137 ] || bad "kill left a process in b, or ended it with $code"
"$hosts" run b true || bad "kill took the host, too"
"$hosts" down
[ ! -e "$DRAGON_HOSTS_STATE" ] || bad "down left its folder"

# The command's exit code is handed on, and nothing is left.
code=0
"$hosts" with 2 --in b -- bash -c '[ "$(hostname)" = host-b ] && exit 7' || code=$?
[ "$code" = 7 ] || bad "with ended with $code"
[ ! -e "$DRAGON_HOSTS_STATE" ] || bad "with left its folder"

# Killed with -9 it takes the command and the hosts with it, or the next call does.
"$hosts" with 2 -- sleep 1000 &
owner=$!
for ((i = 0; i < 200; i++)); do
    [ ! -e "$DRAGON_HOSTS_STATE/owner" ] || break
    sleep 0.05
done
inside=$(cat "$DRAGON_HOSTS_STATE"/*.pid | cut -d ' ' -f 1)
kill -KILL "$owner"
wait "$owner" 2>/dev/null || true
for ((i = 0; i < 100; i++)); do
    left=
    for pid in $inside; do
        ! kill -0 "$pid" 2>/dev/null || left+=" $pid"
    done
    [ -n "$left" ] || break
    sleep 0.05
done
[ -z "$left" ] || bad "after a kill -9 these hold hosts:$left"
"$hosts" down
[ ! -e "$DRAGON_HOSTS_STATE" ] || bad "down left the folder of a dead run"
echo "hosts.sh: hosts are built, cut, joined, slowed, killed and taken down"
