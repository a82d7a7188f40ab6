"""`FlowPolicy` behind the `Policy` contract."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from diarchy.contracts.action import Policy, PolicyContext
from diarchy.contracts.entity import Entity
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Observation, Pose2, Proprio
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.vla.flow.configuration import PROPRIO_DIM, TARGET_DIM, FlowConfig
from diarchy.skills.vla.flow.modeling import FlowTransformer
from diarchy.skills.vla.flow.processing import Processor, pose_row
from diarchy.skills.vla.policy import FlowPolicy

CONTEXT = PolicyContext(
    "pick",
    "pick the red mug",
    Entity(id="m", cls="Mug", kind="object", position=(0.7, 0.1, 0.8), extent=(0.1, 0.1, 0.1)),
    None,
    epoch=7,
)


@pytest.fixture(scope="module")
def policy() -> FlowPolicy:
    torch.manual_seed(0)
    net = FlowTransformer(FlowConfig(width=32, depth=2, heads=2, horizon=8, max_delay=3))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    rng = np.random.default_rng(0)
    processor = Processor.fit(*(rng.normal(size=(90, d)) for d in (PROPRIO_DIM, TARGET_DIM, 10)))
    spec = fetch_spec()
    return FlowPolicy(net, processor, spec, Kinematics(spec).gripper_pose)


def observation() -> Observation:
    q = fetch_spec().postures["ready"].copy()
    return Observation(Proprio(0.0, 40, q, 0 * q, 0 * q, 0.1, 0.0, Pose2(0, 0, 0), np.zeros(2)))


def infer(policy: FlowPolicy, prefix=None, seed: int = 3, base: SE3 | None = None):  # type: ignore[no-untyped-def]
    where = base or SE3.identity()
    return policy.infer(CONTEXT, observation(), where, prefix, start_tick=40, seed=seed)


def committed(rows: int) -> np.ndarray:  # type: ignore[type-arg]
    pose = SE3.from_xyz_yaw(0.6, 0.1, 0.9, 0.4)
    return np.array([np.append(pose_row(pose), 0.08)] * rows)


def test_a_chunk_is_addressed_and_shaped_as_the_contract_says(policy: FlowPolicy) -> None:
    assert isinstance(policy, Policy)
    chunk = infer(policy)
    assert chunk.values.shape == (policy.horizon, 10)
    assert (chunk.representation, chunk.frame) == ("ee_pose", "base")
    assert (chunk.start_tick, chunk.stride, chunk.epoch) == (40, 8, 7)
    assert chunk.source == "vla:pick_flow"
    assert np.isfinite(chunk.values).all()
    assert chunk.values[:, 9].min() >= 0.0
    assert chunk.values[:, 9].max() <= fetch_spec().gripper.max_width


def test_rotations_in_a_chunk_are_orthonormal(policy: FlowPolicy) -> None:
    values = infer(policy).values
    x, y = values[:, 3:6], values[:, 6:9]
    assert np.allclose(np.linalg.norm(x, axis=1), 1.0)
    assert np.allclose(np.linalg.norm(y, axis=1), 1.0)
    assert np.allclose(np.sum(x * y, axis=1), 0.0, atol=1e-9)


def test_the_same_seed_gives_the_same_chunk_and_another_one_another(policy: FlowPolicy) -> None:
    assert np.array_equal(infer(policy).values, infer(policy).values)
    assert not np.allclose(infer(policy).values, infer(policy, seed=4).values)


def test_global_random_state_does_not_matter(policy: FlowPolicy) -> None:
    first = infer(policy).values
    torch.manual_seed(99)
    np.random.default_rng(5).normal(size=10)
    assert np.array_equal(first, infer(policy).values)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_prefix_is_repeated_exactly_and_steers_the_rest(policy: FlowPolicy, rows: int) -> None:
    prefix = committed(rows)
    chunk = infer(policy, prefix)
    assert np.array_equal(chunk.values[:rows], prefix)
    assert not np.allclose(chunk.values[rows:], infer(policy).values[rows:])


def test_a_prefix_that_does_not_fit_is_refused_in_words(policy: FlowPolicy) -> None:
    with pytest.raises(BadInputError, match="up to 3 rows"):
        infer(policy, committed(4))
    with pytest.raises(BadInputError, match=r"must be \[d, 10\]"):
        infer(policy, committed(2)[:, :9])


def test_precomputed_tables_give_what_the_network_gives(policy: FlowPolicy) -> None:
    """The fast path of inference against the plain forward pass of training."""
    from diarchy.skills.vla.flow.matching import integrate

    net, prefix = policy._net, torch.zeros(1, 2, 10)
    cache = net.encode(torch.ones(1, PROPRIO_DIM), torch.ones(1, TARGET_DIM))
    noise = torch.randn((1, 8, 10), generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        plain = integrate(lambda x, t, c: net(x, t, c, cache), noise, 5, prefix)[0].numpy()
    assert np.allclose(policy._sample(cache, prefix, 5), plain, atol=1e-5)


def test_the_chunk_is_the_same_wherever_robot_and_target_stand(policy: FlowPolicy) -> None:
    here = infer(policy).values
    moved = SE3.from_xyz_yaw(3.0, -1.0, 0.0, 1.2)
    at = moved.apply(CONTEXT.target.position)
    target = CONTEXT.target.model_copy(update={"position": tuple(map(float, at)), "yaw": 1.2})
    there = policy.infer(
        replace(CONTEXT, target=target), observation(), moved, None, start_tick=40, seed=3
    )
    assert np.allclose(here, there.values, atol=1e-4)
