from __future__ import annotations

import torch

from diarchy.perception.learned.network import (
    BINS,
    NEAREST,
    NetConfig,
    Segmenter,
    boxes_of,
    cells,
)


def test_shapes_follow_the_picture() -> None:
    config = NetConfig(5, 3, widths=(8, 16, 16, 16), class_width=16, box_width=16)
    net = Segmenter(config).eval()
    out = net(torch.zeros(2, 3, 80, 120))
    count = (8 * 12) + (4 * 6) + (2 * 3)
    assert out.classes.shape == (2, count, 5)
    assert out.sides.shape == (2, count, 4, BINS)
    assert out.extras.shape == (2, count, sum(config.extras))
    assert out.weights.shape == (2, count, config.prototypes)
    assert out.prototypes.shape == (2, config.prototypes, 16, 24)


def test_extras_are_split_where_they_were_joined() -> None:
    config = NetConfig(5, 3)
    parts = config.parts(torch.arange(float(sum(config.extras))))
    assert [len(p) for p in parts] == list(config.extras)
    assert torch.equal(torch.cat(parts), torch.arange(float(sum(config.extras))))


def test_a_new_network_believes_in_nothing() -> None:
    out = Segmenter(NetConfig(5, 3)).eval()(torch.rand(1, 3, 80, 80))
    assert float(out.classes.detach().sigmoid().max()) < 0.1


def test_certain_sides_give_the_box_they_say() -> None:
    centres, strides = cells(80, 80)
    sides = torch.full((1, len(centres), 4, BINS), -50.0)
    # Two, three, four and five strides away.
    for side, reach in enumerate((2, 3, 4, 5)):
        sides[0, :, side, int(reach - NEAREST)] = 50.0
    boxes = boxes_of(sides, centres, strides)
    at = torch.tensor([-2.0, -3.0, 4.0, 5.0])
    expected = torch.cat([centres, centres], 1) + at * strides[:, None]
    torch.testing.assert_close(boxes[0], expected)
