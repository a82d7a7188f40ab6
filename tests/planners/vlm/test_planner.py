"""`VLMPlanner` against a real HTTP server on the loopback, with good answers and broken ones."""

from __future__ import annotations

import base64
import json
import socket
import sys
from collections.abc import Callable

import pytest
from vlm_answers import DRIVE, GOOD, PICK, QUESTION, REFUSAL, answer, plan
from vlm_server import Answer, Server, completion, cut, fails, hangs, raw, says, trickles

from diarchy.contracts.errors import BadInputError, MissingExtraError, PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlanRequest, Question, Reference, Refusal
from diarchy.planners.vlm import VLMPlanner
from diarchy.testing import check_planner, sample_request

REQUEST = sample_request()


def planner(server: Server, *script: Answer, model: str | None = None, **more: float) -> VLMPlanner:
    server.script[:] = script
    options: dict[str, float] = {"timeout": 5.0, "retries": 2, **more}
    return VLMPlanner(server.url, model, sleep=lambda _: None, **options)  # type: ignore[arg-type]


def test_a_good_answer_becomes_a_plan(server: Server) -> None:
    vlm = planner(server, says(GOOD))
    found = vlm.plan(REQUEST)
    assert isinstance(found, Plan)
    assert [(s.id, s.skill, s.args) for s in found.subtasks] == [
        ("s1", "navigate_to", {"target": "Mug_1"}),
        ("s2", "pick", {"object": "Mug_1"}),
    ]
    assert found.subtasks[1].words == "pick up the red mug"
    assert [str(goal) for goal in found.goals] == ["holding(Mug_1)"]
    assert found.reasoning == "Mug_1 is the red one."
    assert found.complete


def test_a_question_and_a_refusal_come_through(server: Server) -> None:
    vlm = planner(server, says(QUESTION), says(REFUSAL))
    question, refusal = vlm.plan(REQUEST), vlm.plan(REQUEST)
    assert isinstance(question, Question)
    assert question.options == ("red", "blue")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no_skill"


def test_what_was_not_seen_yet_is_described(server: Server) -> None:
    described = {
        "quantifier": "the",
        "class": "Apple",
        "attributes": {"color": "red"},
        "relation": "in",
        "anchor": "Fridge_1",
    }
    vlm = planner(server, says(plan({"skill": "pick", "args": {"object": described}, "words": ""})))
    found = vlm.plan(REQUEST)
    assert isinstance(found, Plan)
    assert found.subtasks[0].args["object"] == Reference(
        cls="Apple", attributes={"color": "red"}, relation="in", anchor="Fridge_1", quantifier="the"
    )
    assert found.subtasks[0].words == "pick <the red Apple in Fridge_1>"


def test_the_planner_keeps_its_contract(server: Server) -> None:
    check_planner(planner(server, *[says(GOOD)] * 8))


def test_calls_are_accounted_for_with_the_raw_answer(server: Server) -> None:
    vlm = planner(server, says("no idea"), says(GOOD))
    vlm.plan(REQUEST)
    first, second = vlm.calls
    assert (first.purpose, first.raw, first.completion_tokens) == ("plan", "no idea", 45)
    assert first.error
    assert (second.purpose, second.raw, second.prompt_tokens) == ("repair", GOOD, 321)
    assert second.error == ""
    assert vlm.last_call == second
    assert second.seconds > 0.0
    assert json.loads(second.model_dump_json())["model"] == "small-vlm"


def test_the_name_says_who_really_planned(server: Server) -> None:
    vlm = planner(server, says(GOOD))
    assert vlm.name == "vlm:auto"
    vlm.plan(REQUEST)
    assert vlm.name == "vlm:small-vlm"
    assert server.sent[0]["model"] == "small-vlm"
    assert planner(server, model="mine").name == "vlm:mine"


def test_the_request_carries_schema_words_and_pictures(server: Server) -> None:
    png = b"\x89PNG\r\n\x1a\nnot really"
    vlm = planner(server, says(GOOD))
    vlm.plan(REQUEST.model_copy(update={"images": {"head_camera": png}}))
    (sent,) = server.sent
    shape = sent["response_format"]
    assert shape["type"] == "json_schema"
    assert next(iter(shape["json_schema"]["schema"]["properties"])) == "reasoning"
    assert '"Mug_1"' in json.dumps(shape)
    assert "guided_json" not in json.dumps(sent)
    assert (sent["temperature"], sent["seed"], sent["max_tokens"]) == (0.0, 0, 1024)
    pictures = [p for p in sent["messages"][1]["content"] if p["type"] == "image_url"]
    url = pictures[0]["image_url"]["url"]
    assert url.startswith("data:image/png;base64,")
    assert base64.b64decode(url.split(",", 1)[1]) == png


def test_the_system_prompt_is_the_same_in_every_call(server: Server) -> None:
    vlm = planner(server, says(GOOD), says(GOOD))
    vlm.plan(REQUEST)
    vlm.plan(sample_request("put the blue mug away"))
    first, second = (sent["messages"][0] for sent in server.sent)
    assert first == second
    assert first["role"] == "system"
    assert "navigate_to(target: thing)" in first["content"]


BROKEN = [
    pytest.param(says(""), "empty", id="nothing"),
    pytest.param(says(None), "empty", id="no content"),
    pytest.param(says("I would pick up the mug."), "one JSON object", id="prose alone"),
    pytest.param(says(GOOD[:150]), "cut off", id="half of it"),
    pytest.param(says(GOOD[:150], finish="length"), "cut off", id="half, and it is said"),
    pytest.param(says('{"foo": 1}'), "one JSON object", id="another object"),
    pytest.param(says("[1, 2]"), "one JSON object", id="a list"),
    pytest.param(says(answer(kind="song")), "kind", id="an unknown kind"),
    pytest.param(says(plan()), "no steps", id="a plan without steps"),
    pytest.param(says(plan({**PICK, "skill": "fly"})), "no skill 'fly'", id="an unknown skill"),
    pytest.param(
        says(plan({**PICK, "args": {"object": "Mug_9"}})),
        "known: Mug_1, Mug_2",
        id="unknown entity",
    ),
    pytest.param(
        says(plan({**PICK, "args": {"object": "Fridge_1"}})),
        "cannot be 'Fridge_1'",
        id="a wrong kind",
    ),
    pytest.param(says(plan({**PICK, "args": {}})), "takes object", id="no argument"),
    pytest.param(says("{" * 100_000), "", id="a hundred thousand braces"),
    pytest.param(says('{"a":' * 20_000 + "1"), "", id="nested too deeply"),
    pytest.param(says("x" * 250_000), "250000 characters", id="far too long"),
]


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_one_repair_round_mends(server: Server, broken: Answer, words: str) -> None:
    vlm = planner(server, broken, says(GOOD))
    assert isinstance(vlm.plan(REQUEST), Plan)
    assert [call.purpose for call in vlm.calls] == ["plan", "repair"]
    assert words in vlm.calls[0].error
    roles = [message["role"] for message in server.sent[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert words in server.sent[1]["messages"][-1]["content"]
    assert len(json.dumps(server.sent[1])) < 50_000


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_two_bad_answers_end_in_one_clear_line(server: Server, broken: Answer, words: str) -> None:
    vlm = planner(server, broken, broken)
    with pytest.raises(PlannerUnavailableError, match="two answers that cannot be used") as caught:
        vlm.plan(REQUEST)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "--planner symbolic" in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    "wrapped",
    [
        f"Let me see.\n```json\n{GOOD}\n```\nThat should do.",
        f"```\n{GOOD}\n```",
        f"Here you are: {GOOD} Done {{really}}.",
        f"<think>The {{red}} one.</think>{GOOD}",
    ],
)
def test_prose_and_fences_round_the_json_are_read_over(server: Server, wrapped: str) -> None:
    vlm = planner(server, says(wrapped))
    assert isinstance(vlm.plan(REQUEST), Plan)
    assert len(vlm.calls) == 1


def test_reasoning_that_the_server_keeps_apart_is_kept(server: Server) -> None:
    vlm = planner(server, says(plan(PICK, reasoning=""), reasoning_content="The red one."))
    assert vlm.plan(REQUEST).reasoning == "The red one."


def test_a_server_that_declines_gives_a_refusal(server: Server) -> None:
    found = planner(server, says(None, refusal="I cannot help with that.")).plan(REQUEST)
    assert isinstance(found, Refusal)
    assert (found.code, found.reason) == ("unsafe", "I cannot help with that.")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_passing_failure_is_tried_again(server: Server, status: int) -> None:
    vlm = planner(server, fails(status), fails(status), says(GOOD))
    assert isinstance(vlm.plan(REQUEST), Plan)
    assert vlm.calls[0].attempts == 3


def test_pauses_grow_and_honour_what_the_server_asks_for(server: Server) -> None:
    pauses: list[float] = []
    server.script[:] = [
        fails(500),
        fails(500),
        fails(429, headers={"Retry-After": "3"}),
        fails(429, headers={"Retry-After": "9999"}),
        fails(429, headers={"Retry-After": "soon"}),
        says(GOOD),
    ]
    VLMPlanner(server.url, "small-vlm", retries=5, sleep=pauses.append).plan(REQUEST)
    assert pauses == [0.25, 0.5, 3.0, 8.0, 4.0]


def test_a_lasting_failure_names_the_server_and_what_it_said(server: Server) -> None:
    vlm = planner(server, *[fails(500, "out of memory")] * 3)
    with pytest.raises(PlannerUnavailableError, match=r"500.*out of memory") as caught:
        vlm.plan(REQUEST)
    assert server.url in str(caught.value)
    assert len(server.sent) == 3


def test_a_bad_request_is_not_tried_again(server: Server) -> None:
    vlm = planner(server, fails(400, "schema not supported"))
    with pytest.raises(PlannerUnavailableError, match="schema not supported"):
        vlm.plan(REQUEST)
    assert len(server.sent) == 1


def test_a_server_that_wants_a_key_says_where_to_put_it(server: Server) -> None:
    with pytest.raises(PlannerUnavailableError, match="DIARCHY_API_KEY"):
        planner(server, fails(401)).plan(REQUEST)


def test_the_key_is_sent_and_no_other_one(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "for-another-service")
    planner(server, says(GOOD)).plan(REQUEST)
    monkeypatch.setenv("DIARCHY_API_KEY", "mine")
    planner(server, says(GOOD)).plan(REQUEST)
    sent = [headers["authorization"] for headers in server.headers]
    assert sent == ["Bearer none", "Bearer mine"]


@pytest.mark.parametrize("slow", [hangs, trickles])
def test_a_server_that_is_too_slow_is_left(server: Server, slow: Answer) -> None:
    vlm = planner(server, slow, model="small-vlm", timeout=0.4)
    with pytest.raises(PlannerUnavailableError, match=r"longer than 0\.4 s"):
        vlm.plan(REQUEST)
    assert len(server.sent) == 1


def test_where_nothing_listens_the_message_says_what_to_do() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pauses: list[float] = []
    vlm = VLMPlanner(f"http://127.0.0.1:{port}", retries=2, sleep=pauses.append)
    with pytest.raises(PlannerUnavailableError, match="start a server") as caught:
        vlm.plan(REQUEST)
    assert f"http://127.0.0.1:{port}/v1" in str(caught.value)
    assert "--planner symbolic" in str(caught.value)
    assert pauses == [0.25, 0.5]


def test_an_answer_cut_in_the_middle_of_the_body_is_asked_for_again(server: Server) -> None:
    vlm = planner(server, cut, says(GOOD))
    assert isinstance(vlm.plan(REQUEST), Plan)
    assert vlm.calls[0].attempts == 2
    vlm = planner(server, cut, cut, cut)
    with pytest.raises(PlannerUnavailableError, match=r"3 attempt\(s\)"):
        vlm.plan(REQUEST)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html>It works!</html>", "not answer in JSON"),
        (b"", "not answer in JSON"),
        (b"[]", "no chat completion"),
        (b'{"choices": []}', "no chat completion"),
        (b'{"choices": [{"message": null}]}', "no chat completion"),
        (b'{"choices": [{"message": {"content": [1]}}]}', "no chat completion"),
        (json.dumps(completion("x" * 1_100_000)).encode(), "more than 1000000 bytes"),
    ],
)
def test_a_server_of_another_kind_is_recognised(server: Server, data: bytes, words: str) -> None:
    with pytest.raises(PlannerUnavailableError, match=words):
        planner(server, raw(data)).plan(REQUEST)


def test_a_wrong_model_name_lists_the_models(server: Server) -> None:
    server.models = ["small-vlm", "large-vlm"]
    with pytest.raises(BadInputError, match=r"did you mean 'small-vlm'.*large-vlm"):
        planner(server, fails(404, "no such model"), model="smal-vlm").plan(REQUEST)


def test_a_model_that_cannot_chat_is_said(server: Server) -> None:
    with pytest.raises(PlannerUnavailableError, match="no chat"):
        planner(server, fails(404), model="small-vlm").plan(REQUEST)


def test_a_server_without_a_model_is_said(server: Server) -> None:
    server.models = []
    with pytest.raises(PlannerUnavailableError, match="lists no model"):
        planner(server).plan(REQUEST)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://x/v1", "http://", "http://[::1"])
def test_what_is_no_url_is_bad_input(url: str) -> None:
    with pytest.raises(BadInputError, match="no URL of a server"):
        VLMPlanner(url)


def test_a_path_is_kept_and_v1_is_added_where_there_is_none(server: Server) -> None:
    vlm = VLMPlanner(f"{server.url}/v1/", "small-vlm")
    server.script[:] = [says(GOOD), says(GOOD)]
    vlm.plan(REQUEST)
    VLMPlanner(server.url, "small-vlm").plan(REQUEST)
    assert vlm.calls[0].url == f"{server.url}/v1"


def test_without_openai_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"diarchy\[vlm\]"):
        VLMPlanner("http://127.0.0.1:1")


def test_a_plan_may_wait_and_speak(server: Server) -> None:
    from diarchy.contracts.skill import Parameter, SkillSpec

    def skill(name: str, kind: str) -> SkillSpec:
        return SkillSpec.model_validate(
            {"name": name, "sentence": "x", "parameters": [Parameter(name="it", kind=kind)]}  # type: ignore[arg-type]
        )

    request: PlanRequest = sample_request(skills=(skill("wait", "seconds"), skill("say", "text")))
    steps: Callable[[object, object], str] = lambda seconds, text: plan(
        {"skill": "wait", "args": {"it": seconds}, "words": ""},
        {"skill": "say", "args": {"it": text}, "words": ""},
    )
    found = planner(server, says(steps(2, "hello"))).plan(request)
    assert isinstance(found, Plan)
    assert [s.args["it"] for s in found.subtasks] == [2.0, "hello"]
    for seconds, text in ((True, "a"), (-1, "a"), (10**400, "a"), ("2", "a"), (2, ""), (2, 3)):
        vlm = planner(server, *[says(steps(seconds, text))] * 2)
        with pytest.raises(PlannerUnavailableError, match="cannot be used"):
            vlm.plan(request)
    infinite = steps(2, "a").replace('"it": 2}', '"it": 1e999}')
    with pytest.raises(PlannerUnavailableError, match="seconds"):
        planner(server, *[says(infinite)] * 2).plan(request)


def test_the_sample_steps_are_the_ones_the_prompt_offers(server: Server) -> None:
    planner(server, says(plan(DRIVE, PICK))).plan(REQUEST)
    assert "- pick(object: object)" in server.sent[0]["messages"][0]["content"]
