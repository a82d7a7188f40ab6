from __future__ import annotations

import torch
from torch import nn

from diarchy.perception.learned.descent import Descent
from diarchy.perception.learned.muon import Muon, orthogonal


def test_every_direction_is_moved_about_equally_far() -> None:
    torch.manual_seed(0)
    for shape in ((12, 40), (40, 12)):
        matrix = torch.randn(shape) * torch.logspace(0, -1, shape[1])
        values = torch.linalg.svdvals(orthogonal(matrix[None])[0])
        assert float(values.min()) > 0.5
        assert float(values.max()) < 1.3


def test_muon_moves_filters_downhill() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(6, 8, 3, bias=False)
    wanted = torch.randn_like(conv.weight)
    muon = Muon([conv.weight], lr=0.05, decay=0.0)
    losses = []
    for _ in range(60):
        muon.zero_grad()
        loss = (conv.weight - wanted).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        muon.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_filters_between_maps_are_muons_and_all_else_is_adams() -> None:
    net = nn.Sequential(
        nn.Conv2d(4, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.Conv2d(8, 8, 3, groups=8, bias=False),
        nn.Conv2d(8, 2, 1),
    )
    descent = Descent(net, decay=0.02, muon=True, recorded=False)
    adam, muon = (o for o, _, _ in descent._optimizers)
    assert [p.shape for p in muon.param_groups[0]["params"]] == [(8, 4, 3, 3)]
    assert sum(len(g["params"]) for g in adam.param_groups) == 5
    before = [p.detach().clone() for p in net.parameters()]
    net(torch.randn(2, 4, 8, 8)).square().mean().backward()
    descent.step(1e-2)
    assert all(not torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    descent.clear()
    assert all(p.grad is None for p in net.parameters())
