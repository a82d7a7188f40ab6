import numpy as np
import torch

from diarchy.planners.embedded.decoding import decode
from diarchy.planners.embedded.grammar import Grammar, Machine
from diarchy.planners.embedded.language import parse
from diarchy.planners.embedded.prompt import chat, messages
from tests.planners.embedded.conftest import SCENE

SENTENCES = ["put the apple in the fridge", "go", "bring me a red mug and then look at the plate"]


def _write(network, tokenizer, encode, sentences):
    end, pad = (tokenizer.token_to_id(t) for t in ("<|im_end|>", "<|endoftext|>"))
    prompts = [list(encode(chat(SCENE, s))) for s in sentences]
    machines = [Machine(Grammar(SCENE), encode, end) for _ in sentences]
    return decode(network, prompts, machines, pad)


def test_many_at_a_time_are_answered_as_one_at_a_time(network, tokenizer, encode):
    together = _write(network, tokenizer, encode, SENTENCES)
    alone = [_write(network, tokenizer, encode, [s])[0] for s in SENTENCES]
    assert [w.tokens for w in together] == [w.tokens for w in alone]
    for one, other in zip(together, alone, strict=True):
        assert np.isclose(one.confidence, other.confidence, rtol=1e-3, atol=1e-6)


def test_the_cache_changes_nothing(network, tokenizer, encode):
    end = tokenizer.token_to_id("<|im_end|>")
    prompt = list(encode(chat(SCENE, SENTENCES[0])))
    machine, tokens = Machine(Grammar(SCENE), encode, end), []
    while not machine.done:
        whole = torch.tensor([[*prompt, *tokens]])
        with torch.inference_mode():
            places = torch.arange(whole.shape[1])[None, None].expand(3, 1, -1)
            scores = network(input_ids=whole, position_ids=places).logits[0, -1]
        allowed = machine.allowed()
        tokens.append(allowed[int(scores[allowed].argmax())])
        machine.advance(tokens[-1])
    assert _write(network, tokenizer, encode, SENTENCES[:1])[0].tokens == tokens


def test_fresh_weights_already_write_valid_answers(network, tokenizer, encode):
    for written in _write(network, tokenizer, encode, SENTENCES):
        parse(tokenizer.decode(written.tokens[:-1]))


def test_the_chat_template_writes_the_same_prompt(checkpoint, encode):
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(checkpoint)
    for sentence in SENTENCES:
        ids = words.apply_chat_template(messages(SCENE, sentence), add_generation_prompt=True, tokenize=True, return_dict=False)  # fmt: skip
        assert list(ids) == list(encode(chat(SCENE, sentence)))
