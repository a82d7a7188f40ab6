#!/usr/bin/env bash
# Measures every number that the README claims. The closing seed comes from the commit, so nobody has looked at it.
set -euo pipefail
bin="$1"
seed="${SEED:-$((16#$(git rev-parse HEAD | cut -c1-6)))}"
echo "seed $seed"

"$bin/python" benchmarks/tick_cost.py --seed 0
"$bin/python" benchmarks/chunk_latency.py
"$bin/diarchy" eval household --episodes 60 --planner symbolic --system1 motion --perception oracle --seed "$seed" --workers 2
"$bin/diarchy" eval skills:pick --episodes 50 --system1 motion --seed "$seed" --workers 2
"$bin/diarchy" eval skills:pick --episodes 50 --system1 vla --seed "$seed" --workers 2
if [ -n "${ALFRED:-}" ]; then
    "$bin/python" benchmarks/alfred_baseline.py "$ALFRED" --n 300 --sample B
fi
