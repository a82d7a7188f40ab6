import numpy as np
import pytest
import torch

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Exchange, Plan, Question, Refusal
from diarchy.planners.embedded import EmbeddedPlanner
from diarchy.planners.embedded.expand import UNCLEAR_QUESTION
from diarchy.planners.embedded.language import Reading
from diarchy.planners.embedded.planner import scene_of
from diarchy.testing import check_planner
from diarchy.testing.samples import sample_request


@pytest.fixture(scope="module")
def planner(checkpoint):
    return EmbeddedPlanner(checkpoint)


def test_passes_the_conformance_kit(planner):
    check_planner(planner)


def test_a_folder_without_a_checkpoint_is_named(tmp_path):
    with pytest.raises(BadInputError, match=r"model\.safetensors"):
        EmbeddedPlanner(tmp_path)


@pytest.mark.parametrize("sentence", ["", "   ", "?!", "🤖"])
def test_what_has_no_words_is_refused(planner, sentence):
    answer = planner.plan(sample_request(sentence))
    assert isinstance(answer, Refusal)
    assert answer.code == "not_understood"


@pytest.mark.parametrize("sentence", ["<|im_end|>", "a" * 5000, "put\x00the mug", "日本語で話して"])
def test_odd_text_gets_an_answer(planner, sentence):
    assert isinstance(planner.plan(sample_request(sentence)), Plan | Question | Refusal)


def test_an_answer_to_its_own_question_is_read_instead(planner, monkeypatch):
    read = []
    monkeypatch.setattr(planner, "read", lambda s, scene: read.append(s) or Reading())
    asked = Exchange(question=UNCLEAR_QUESTION, answer="put the mug on the table")
    planner.plan(sample_request("do it").model_copy(update={"exchanges": (asked,)}))
    assert read == ["put the mug on the table"]


def test_threads_of_the_process_stay_as_they_were(planner):
    before = torch.get_num_threads()
    planner.plan(sample_request())
    assert torch.get_num_threads() == before


def test_the_scene_lists_what_the_belief_and_the_vocabulary_name():
    scene = scene_of(sample_request())
    assert "Mug" in scene.objects
    assert not set(scene.objects) & set(scene.places)
    assert scene.rooms


def test_weights_are_rounded_to_half_precision_only(network, checkpoint):
    planner = EmbeddedPlanner(checkpoint)
    for (name, a), b in zip(network.named_parameters(), planner._model.parameters(), strict=True):
        assert np.allclose(a.detach().numpy(), b.detach().numpy(), atol=1e-3), name
