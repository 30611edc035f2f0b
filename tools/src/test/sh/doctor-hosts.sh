#!/usr/bin/env bash
# A doctor on one host asks one that answers on another: directly and by broadcast, then with broadcasts kept away. Skips in words
# where no hosts can be made.
set -euo pipefail
bin=$(readlink -f -- "$(dirname -- "$0")/../../../bin")
if [ -z "${DOCTOR_HOSTS:-}" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf -- "$folder"' EXIT
    code=0
    DOCTOR_HOSTS=$folder "$bin/dragon-hosts" with 2 -- bash "$0" || code=$?
    [ "$code" = 77 ] && exit 0
    exit "$code"
fi
hosts=$bin/dragon-hosts

"$hosts" run b "$bin/dragon" doctor --answer >"$DOCTOR_HOSTS/answers" 2>&1 &
answering=$!
stop() {
    kill "$answering" 2>/dev/null || true
    wait "$answering" 2>/dev/null || true
}
trap stop EXIT
for ((i = 0; i < 600; i++)); do
    ! grep -q '^answering' "$DOCTOR_HOSTS/answers" || break
    kill -0 "$answering" 2>/dev/null || break
    sleep 0.05
done

# ask WORDS...: what the doctor on host a says of host b, which must contain each of the words
ask() {
    "$hosts" run a "$bin/dragon" doctor --peer host-b >"$DOCTOR_HOSTS/said" || true
    for words in "$@"; do
        grep -qF -- "$words" "$DOCTOR_HOSTS/said" && continue
        echo "doctor-hosts.sh: the doctor did not say '$words':"
        cat "$DOCTOR_HOSTS/said" "$DOCTOR_HOSTS/answers"
        exit 1
    done
}

ask 'answers on UDP 9999' 'is reached by broadcast'
if command -v nft >/dev/null; then
    "$hosts" run b nft 'table ip only_direct { chain in { type filter hook input priority 0; meta pkttype broadcast drop; }; }'
    ask 'answers on UDP 9999' 'only directly, not by broadcast'
    "$hosts" run b nft 'delete table ip only_direct'
fi
kill -KILL "$answering"
wait "$answering" 2>/dev/null || true
ask 'where nothing listens'
"$hosts" link b off
ask 'answers on none of'
echo "doctor-hosts.sh: a peer is reached, kept from broadcasts, without a program, and gone, and the doctor tells which"
