from __future__ import annotations

import torch
from squares import store_of

from diarchy.perception.learned.plan import NONE, AugmentSettings, draw


def _back(motion: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
    """Where ``[2]`` a place of the source comes to lie."""
    turned = motion.reshape(2, 3)
    return torch.linalg.solve(turned[:, :2], point - turned[:, 2])


def test_a_close_up_shows_the_middle_of_its_thing_and_lets_it_fit() -> None:
    store, rng = store_of(4), torch.Generator().manual_seed(2)
    settings = AugmentSettings(mosaic=(0.0, 0.0), focus=1.0, turn_deg=0.0)
    plan = draw(store, torch.arange(4), settings, rng)
    for i in range(4):
        boxes = store.boxes[plan.source[i, 0]]
        middles = ((boxes[:, :2] + boxes[:, 2:]) / 2)[boxes[:, 2] > boxes[:, 0]]
        shown = [_back(plan.motion[i, 0], m) for m in middles]
        inside = [bool((0 <= p[0] <= 640) & (0 <= p[1] <= 480)) for p in shown]
        assert any(inside)
        assert 0.4 <= float(plan.zoom[i, 0]) <= 2.0


def test_nothing_changes_if_nothing_is_to() -> None:
    store = store_of(3)
    plan = draw(store, torch.arange(3), NONE, torch.Generator())
    assert plan.source[:, 0].tolist() == [0, 1, 2]
    same = torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    torch.testing.assert_close(plan.motion[:, 0], same.expand(3, 6))


def test_tiles_cover_the_picture() -> None:
    store = store_of(2)
    for mosaic, inner in (((0.0, 0.0), 0), ((1.0, 0.0), 1), ((0.0, 1.0), 2)):
        settings = AugmentSettings(mosaic=mosaic)
        edges = draw(store, torch.arange(2), settings, torch.Generator().manual_seed(1)).edges
        assert edges[:, 0, 0].tolist() == [0.0, 0.0]
        assert edges[:, :, -1].tolist() == [[640.0, 480.0]] * 2
        assert bool((edges.diff(dim=-1) >= 0).all())
        assert int((edges[0, 0] < 640.0).sum()) == inner + 1


def test_close_ups_are_about_rare_classes_as_often_as_about_common_ones() -> None:
    store = store_of(8)
    movable = store.movable[0]
    assert bool(movable)
    apples, fridges, nobody = store.subjects.weights.tolist()
    assert apples > fridges > nobody == 0.0
    assert store.subjects.often.tolist()[0] > store.subjects.often.tolist()[1]


def test_pictures_without_things_can_be_cut_too() -> None:
    store = store_of(2)
    store.table[..., 1] = 0.0
    store.index()
    plan = draw(store, torch.arange(2), AugmentSettings(focus=1.0), torch.Generator())
    assert bool(torch.isfinite(plan.motion).all())
