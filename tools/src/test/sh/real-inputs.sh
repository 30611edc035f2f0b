#!/usr/bin/env bash
# The real inputs with known answers: real-inputs.sh WORKDIR. Skips, saying so, what is not on this machine.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
work=${1:?a directory for results}
data=${SHARED_DATA:-../shared/data}
dragon=tools/bin/dragon
failed=0

check() { # name, command...
    local name=$1
    shift
    printf -- '-- %s\n' "$name"
    if "$@"; then printf 'ok: %s\n' "$name"; else printf 'FAILED (exit %s): %s\n' "$?" "$name"; failed=1; fi
}

agrees_with_b3sum() { # source, manifest: exit code 3 says that something could not be read, which b3sum then cannot check either
    local code=0
    "$dragon" analyze --plain --source "$1" --manifest "$2" --json "$2.json" || code=$?
    [ "$code" = 0 ] || [ "$code" = 3 ] || return "$code"
    local regular
    regular=$(find "$1" -type f | wc -l)
    python3 - "$2.json" "$regular" <<'P' || return 1
import json, sys
j = json.load(open(sys.argv[1])); n = int(sys.argv[2])
seen = j["files"] + len(j["unreadable"])
print("files", j["files"], "unreadable", len(j["unreadable"]), "regular", n, "GB/s", j["gigabytesPerSecond"])
sys.exit(0 if seen == n else 1)
P
    b3sum --quiet --check "$2"
}

if command -v b3sum >/dev/null; then
    check "analyze /usr/share against b3sum" agrees_with_b3sum /usr/share "$work/share.b3"
    jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    check "analyze the JDK against b3sum" agrees_with_b3sum "$jdk" "$work/jdk.b3"
else
    echo "skip: b3sum is not installed, so analyze is not compared with it"
fi

hull_agrees() {
    "$dragon" reconstruct --dataset "$data/middlebury-dinoSparseRing" --method hull --voxel 0.001 \
        --out "$work/dino.ply" --json "$work/dino.json"
    python3 - "$work/dino.json" "$data/middlebury-dinoSparseRing/README.txt" <<'P'
import json, re, sys
j = json.load(open(sys.argv[1]))
box = [[float(x) for x in m] for m in re.findall(r"\((-?[\d.]+) (-?[\d.]+) (-?[\d.]+)\)", open(sys.argv[2]).read())[:2]]
b = j["bounds"]
got = b if isinstance(b[0], list) else [b[:3], b[3:]]
off = [abs(got[i][k] - box[i][k]) for i in range(2) for k in range(3)]
print("tight box", box, "hull", got, "off by", ["%.4f" % o for o in off], "m")
# Every camera of the ring looks down by 13 to 19 degrees, so no picture bounds the hull from below: it ends 7 mm under the feet.
sys.exit(0 if all(o <= (0.008 if face == 1 else 0.002) for face, o in enumerate(off)) else 1)
P
}

drone_agrees() { # steps, scale
    local frames="$work/drone-$2"
    python3 "$data/gen_frames.py" drone-d4 "$frames" "$1" "$2" 4
    "$dragon" reconstruct --dataset "$frames" --rig "$data/drone-d4/cameras.json" --method motion --voxel 0.5 \
        --bounds "$(python3 -c '
import csv,sys,math
g=[[float(r[k]) for k in ("x_m","y_m","z_m")] for r in csv.DictReader(open(sys.argv[1]))][:int(sys.argv[2])]
lo=[math.floor(min(p[k] for p in g)-10) for k in range(3)]; hi=[math.ceil(max(p[k] for p in g)+10) for k in range(3)]
print(",".join(map(str,lo+hi)))' "$data/drone-d4/ground_truth.csv" "$1")" \
        --out "$work/drone-$2.npy" --json "$work/drone-$2.json"
    rm -rf "$frames"
    python3 - "$work/drone-$2.json" "$data/drone-d4/ground_truth.csv" "$1" <<'P'
import csv, json, math, statistics, sys
truth = [[float(r[k]) for k in ("x_m", "y_m", "z_m")] for r in csv.DictReader(open(sys.argv[2]))]
best = {}
for p in json.load(open(sys.argv[1]))["peaks"]:
    best.setdefault(p["step"], p)
errors = [math.dist((p["x"], p["y"], p["z"]), truth[s]) for s, p in best.items()]
print("steps with a peak", len(errors), "of", int(sys.argv[3]) - 1, "median error %.3f m, max %.3f m" % (statistics.median(errors), max(errors)))
sys.exit(0 if 0 not in best and len(errors) >= 0.8 * (int(sys.argv[3]) - 1) and statistics.median(errors) <= 0.25 else 1)
P
}

if [ -d "$data" ] && command -v python3 >/dev/null; then
    check "reconstruct the dinosaur's hull" hull_agrees
    if python3 -c 'import numpy' 2>/dev/null || { [ "$(id -u)" = 0 ] && apt-get -qq install -y python3-numpy >/dev/null; }; then
        check "reconstruct the whole flight of the drone at quarter size" drone_agrees 600 0.25
        check "reconstruct the drone at 3840x2160" drone_agrees 6 2
    else
        echo "skip: numpy is not installed, so the drone's frames cannot be drawn"
    fi
else
    echo "skip: no data set in $data, so hull and drone are not reconstructed"
fi

check "demo with a worker killed" "$dragon" demo --processes --kill worker --cameras 20 --frame 480x270 --seconds 10 --json "$work/kill.json"
exit "$failed"
