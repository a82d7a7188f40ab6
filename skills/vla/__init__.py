"""System 1 as a learned policy: flow matching over chunks of gripper poses."""

from pathlib import Path

SHIPPED_PICK = Path(__file__).parent / "weights" / "pick_flow.safetensors"
"""Weights of the policy that ships: it picks."""

__all__ = ["SHIPPED_PICK"]
