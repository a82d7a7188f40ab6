"""Shape of the action expert; it travels inside the weights file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from diarchy.contracts.errors import BadInputError, did_you_mean

ACTION_DIM = 10
PROPRIO_DIM = 28
TARGET_DIM = 12


@dataclass(frozen=True)
class FlowConfig:
    """Sizes of the network and of the chunks it writes.

    Attributes:
        name: of the policy, for traces.
        horizon: rows ``H`` of a chunk.
        stride: control ticks between rows (8 ticks of 5 ms: 25 Hz).
        action_dim: gripper translation 3, 6D rotation 6, opening 1.
        proprio_dim, target_dim: lengths of the two context vectors, see `processing`.
        width, depth, heads, mlp_ratio: of the transformer.
        euler_steps: ``N`` at inference.
        max_delay: largest clean prefix ``d_max`` (rows) seen in training.
    """

    name: str = "pick_flow"
    horizon: int = 16
    stride: int = 8
    action_dim: int = ACTION_DIM
    proprio_dim: int = PROPRIO_DIM
    target_dim: int = TARGET_DIM
    width: int = 128
    depth: int = 3
    heads: int = 4
    mlp_ratio: int = 2
    euler_steps: int = 5
    max_delay: int = 4

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name != "name" and (not isinstance(value, int) or value < 1):
                raise BadInputError(
                    f"policy configuration: {field.name} must be a positive integer"
                )
        if self.width % (2 * self.heads):
            raise BadInputError(
                f"policy configuration: width {self.width} must be divisible by twice"
                f" the {self.heads} heads"
            )
        if self.max_delay >= self.horizon:
            raise BadInputError(
                f"policy configuration: max_delay {self.max_delay} must be smaller than"
                f" the horizon {self.horizon}"
            )

    def to_json(self) -> str:
        """Serialise for the header of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> FlowConfig:
        """Inverse of `to_json`.

        Raises:
            BadInputError: not JSON, an unknown key, or a value out of range.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise BadInputError(f"policy configuration is not JSON: {error}") from error
        if not isinstance(values, dict):
            raise BadInputError("policy configuration must be a JSON object")
        known = [field.name for field in dataclasses.fields(FlowConfig)]
        for key in values:
            if key not in known:
                raise BadInputError(
                    f"policy configuration has an unknown key '{key}'; {did_you_mean(key, known)}"
                )
        return FlowConfig(**values)
