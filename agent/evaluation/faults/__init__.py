"""Faults of what surrounds the agent, injected at a seeded moment of a real run in the simulated home.

Each kind says what breaks and which ends are honest. What happens is told in docs/reliability.md;
``benchmarks/faults.py`` counts crashes, false successes and guard violations.
"""
