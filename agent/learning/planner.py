"""Trains the bundled planner: samples from sentences, the network, and the checkpoint folder.

    diarchy train planner --alfred alfred_train.jsonl.gz --out data/planner

ALFRED's annotations (github.com/askforalfred/alfred, MIT) are not part of this repository.
"""

from __future__ import annotations

import logging
from pathlib import Path

from diarchy.agent.learning.sentences.build import build
from diarchy.planners.embedded.modeling import Size
from diarchy.planners.embedded.train import Settings, fit
from diarchy.planners.embedded.weights import pack
from diarchy.planners.embedded.words import load_tokenizer
from diarchy.robots.home.catalog import OBJECT_CLASSES

_LOG = logging.getLogger(__name__)


def prepare(alfred: Path, out: Path, seed: int = 0) -> Path:
    """Write ``samples.npz`` and the tokenizer into a folder: all that training needs on another machine.

    Raises:
        BadInputError: ALFRED's sentences are not there.
    """
    build(alfred, out, OBJECT_CLASSES, seed=seed)
    return out


def train(alfred: Path, out: Path, settings: Settings) -> Path:
    """Prepare, train, and pack; returns the checkpoint folder, which `EmbeddedPlanner` takes.

    Raises:
        BadInputError: ALFRED's sentences are not there.
    """
    prepare(alfred, out, settings.seed)
    size = Size(vocabulary=load_tokenizer(out).get_vocab_size())
    metrics = fit(out, out / "trained", size, settings)
    _LOG.info("%d steps, %s", metrics["steps"], metrics["results"])
    return pack(out / "trained", out, out / "checkpoint")
