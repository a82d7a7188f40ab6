#!/usr/bin/env bash
# Measures every number that the README claims. The closing seed comes from the commit, so nobody has looked at it.
set -euo pipefail
bin="$1"
seed="${SEED:-$((16#$(git rev-parse HEAD | cut -c1-6)))}"
echo "seed $seed"

"$bin/python" benchmarks/tick_cost.py --seed 0
"$bin/python" benchmarks/chunk_latency.py
"$bin/python" benchmarks/detector_latency.py
"$bin/python" benchmarks/ros2_adapter.py
"$bin/python" benchmarks/ros2_household.py --n 12 --seed 5961
"$bin/python" benchmarks/step_in.py --runs 20 --seed "$seed"
"$bin/python" benchmarks/slam.py --scenes home,flat --seeds 11,12,13
choices=(--planner symbolic --system1 motion --perception oracle --seed "$seed" --workers 2)
"$bin/diarchy" eval household --episodes 140 "${choices[@]}" --record runs/bench-household
"$bin/diarchy" eval long --episodes 40 "${choices[@]}" --record runs/bench-long
"$bin/diarchy" eval disturbed --episodes 42 "${choices[@]}" --record runs/bench-disturbed
"$bin/diarchy" eval search --episodes 40 "${choices[@]}" --record runs/bench-search
"$bin/diarchy" table runs/bench-household runs/bench-long runs/bench-disturbed runs/bench-search --write README.md
for demo in breakfast tidy where; do
    for s in 0 1 2 3 4; do
        "$bin/diarchy" demo "$demo" --seed "$s" --no-video --record "runs/bench-$demo-$s" || true
    done
done
"$bin/diarchy" eval skills:pick --episodes 50 --system1 motion --seed "$seed" --workers 2
"$bin/diarchy" eval skills:pick --episodes 50 --system1 vla --seed "$seed" --workers 2
if [ -n "${ALFRED:-}" ]; then
    "$bin/python" benchmarks/alfred_baseline.py "$ALFRED" --n 300 --sample B
    "$bin/python" benchmarks/reading.py "$ALFRED" --n 500
fi
