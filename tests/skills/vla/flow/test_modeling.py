"""The action expert: time per row, context once, weights on disk."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from diarchy.contracts.errors import BadInputError
from diarchy.skills.vla.flow.configuration import PROPRIO_DIM, TARGET_DIM, FlowConfig
from diarchy.skills.vla.flow.modeling import FlowTransformer, time_features
from diarchy.skills.vla.flow.processing import Processor
from diarchy.skills.vla.flow.weights import load_policy, save_policy

SMALL = FlowConfig(width=32, depth=2, heads=2, horizon=8, max_delay=3)


def awake(config: FlowConfig = SMALL, seed: int = 0) -> FlowTransformer:
    """A network whose zero-initialised layers are not zero, so that everything matters."""
    torch.manual_seed(seed)
    net = FlowTransformer(config)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return net.eval()


def processor() -> Processor:
    rng = np.random.default_rng(0)
    return Processor.fit(*(rng.normal(size=(50, d)) for d in (PROPRIO_DIM, TARGET_DIM, 10)))


def inputs(net: FlowTransformer, batch: int = 2):  # type: ignore[no-untyped-def]
    generator = torch.Generator().manual_seed(1)
    noisy = torch.randn((batch, net.config.horizon, 10), generator=generator)
    context = net.encode(
        torch.randn((batch, PROPRIO_DIM), generator=generator),
        torch.randn((batch, TARGET_DIM), generator=generator),
    )
    return noisy, torch.full((batch,), 0.3), context


def test_a_fresh_network_answers_zero_velocity() -> None:
    net = FlowTransformer(SMALL)
    noisy, tau, context = inputs(net)
    clean = torch.zeros(noisy.shape[:2], dtype=torch.bool)
    assert float(net(noisy, tau, clean, context).detach().abs().max()) == 0.0


def test_a_clean_row_is_treated_as_one_at_time_one() -> None:
    """All rows clean at any tau is the same as no row clean at tau = 1."""
    net = awake()
    noisy, tau, context = inputs(net)
    every = torch.ones(noisy.shape[:2], dtype=torch.bool)
    at_one = net(noisy, torch.ones(2), ~every, context)
    assert torch.allclose(net(noisy, tau, every, context), at_one, atol=1e-6)
    assert not torch.allclose(net(noisy, tau, ~every, context), at_one, atol=1e-3)


def test_marking_a_row_clean_changes_what_the_others_do() -> None:
    net = awake()
    noisy, tau, context = inputs(net)
    none = torch.zeros(noisy.shape[:2], dtype=torch.bool)
    first = none.clone()
    first[:, 0] = True
    change = (net(noisy, tau, first, context) - net(noisy, tau, none, context)).abs()
    assert float(change[:, 1:].detach().max()) > 1e-5


def test_the_velocity_depends_on_the_context() -> None:
    net = awake()
    noisy, tau, context = inputs(net)
    clean = torch.zeros(noisy.shape[:2], dtype=torch.bool)
    other = net.encode(torch.zeros(2, PROPRIO_DIM), torch.zeros(2, TARGET_DIM))
    change = net(noisy, tau, clean, context) - net(noisy, tau, clean, other)
    assert float(change.detach().abs().max()) > 1e-4


def test_time_features_tell_near_times_apart() -> None:
    tau = torch.tensor([0.2, 0.2005, 0.8])
    features = time_features(tau, 64)
    assert features.shape == (3, 64)
    assert float((features[0] - features[1]).abs().max()) > 0.1


def test_weights_survive_the_file_to_half_precision(tmp_path: Path) -> None:
    net, path = awake(), tmp_path / "p.safetensors"
    save_policy(path, net, processor())
    again, stats = load_policy(path)
    assert again.config == net.config
    for name, value in net.state_dict().items():
        assert torch.allclose(again.state_dict()[name], value, atol=2e-3), name
    assert np.allclose(stats.proprio.span, processor().proprio.span, rtol=1e-6)


def test_a_missing_file_names_what_is_there(tmp_path: Path) -> None:
    save_policy(tmp_path / "pick_flow.safetensors", awake(), processor())
    with pytest.raises(BadInputError, match=r"did you mean 'pick_flow\.safetensors'"):
        load_policy(tmp_path / "pick_flw.safetensors")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"not a tensor file")
    with pytest.raises(BadInputError, match="not a safetensors file"):
        load_policy(tmp_path / "x.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "y.safetensors")
    with pytest.raises(BadInputError, match="not a flow policy"):
        load_policy(tmp_path / "y.safetensors")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("net.head.bias"), r"lacks 'head\.bias'"),
        (lambda t: t.update({"net.extra": torch.zeros(1)}), "unknown tensor 'extra'"),
        (lambda t: t.update({"net.head.bias": torch.zeros(3)}), r"shape \(3,\)"),
        (lambda t: t["net.head.bias"].fill_(float("nan")), "not finite"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "p.safetensors"
    save_policy(path, awake(), processor())
    tensors = load_file(path)
    change(tensors)
    metadata = {"format": "diarchy-flow-1", "config": SMALL.to_json()}
    save_file(tensors, path, metadata=metadata)
    with pytest.raises(BadInputError, match=message):
        load_policy(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"widht": 3}', "did you mean 'width'"),
        ('{"width": 30}', "divisible"),
        ('{"depth": 0}', "positive"),
        ('{"max_delay": 16}', "smaller than"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        FlowConfig.from_json(text)


def test_a_configuration_survives_json() -> None:
    assert FlowConfig.from_json(SMALL.to_json()) == SMALL
