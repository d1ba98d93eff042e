"""The process engine: small states without the drawing, CEL on the arrows, no foreign code run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import TEXT, drawing, service

from sambruk.platform.definitions.findings import DefinitionError
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.definitions.process import Process, ProcessFault, ProcessStep

SERVICES = Path(__file__).parents[3] / "services"


def process(
    nodes: dict[str, str], arrows: list[Any], flags: dict[str, Any] | None = None, **more: Any
) -> Process:
    sets = list(flags or {})
    task = {"title": TEXT, "for": "staff", "role": "caseworker", "sets": sets}
    parameters = more.pop("parameters", {})
    declared = service(
        flags=flags or {},
        parameters=parameters,
        tasks={key: task for key, kind in nodes.items() if kind in ("userTask", "manualTask")},
        handlers={
            key: {"handler": "test.handler", "title": TEXT, "sets": sets}
            for key, kind in nodes.items()
            if kind == "serviceTask"
        },
    )
    return Process.of(declared, {"process.bpmn": drawing(nodes, arrows, **more)})


def ids(step: ProcessStep) -> list[str]:
    return sorted(one.id for one in step.ready)


CHOICE = {
    "type": "choice",
    "label": TEXT,
    "options": [{"id": "yes", "label": TEXT}, {"id": "no", "label": TEXT}],
}
BRANCH = (
    {
        "start": "startEvent",
        "ask": "userTask",
        "gate": "exclusiveGateway",
        "left": "userTask",
        "right": "serviceTask",
        "end": "endEvent",
    },
    [
        ("start", "ask"),
        ("ask", "gate"),
        ("gate", "left", 'result == "yes"'),
        ("gate", "right", 'result == "no"'),
        ("left", "end"),
        ("right", "end"),
    ],
)


@pytest.fixture(scope="module")
def branching() -> Process:
    return process(*BRANCH, flags={"result": CHOICE})


def test_a_case_goes_where_the_flag_says(branching: Process) -> None:
    step = branching.start()
    assert ids(step) == ["ask"]
    step = branching.complete(step.state, "ask", {"result": "no"})
    assert [(one.id, one.kind) for one in step.ready] == [("right", "service")]
    step = branching.complete(step.state, "right")
    assert step.ended and step.finished == ("right", "end")
    assert branching.trail(step.state) == ("start", "ask", "gate", "right", "end")


def test_the_state_is_small_json_that_survives_storing_and_holds_no_drawing(branching: Process) -> None:
    step = branching.start()
    text = json.dumps(step.state)
    assert len(text) < 600
    assert "Gateway" not in text and "caseworker" not in text
    step = branching.complete(json.loads(text), "ask", {"result": "yes"})
    assert ids(step) == ["left"]


def test_nothing_is_changed_in_place(branching: Process) -> None:
    state = branching.start().state
    before = json.dumps(state)
    branching.complete(state, "ask", {"result": "yes"})
    assert json.dumps(state) == before


def test_where_no_branch_holds_a_person_must_look_and_the_state_is_still_good(branching: Process) -> None:
    state = branching.start().state
    with pytest.raises(ProcessFault) as caught:
        branching.complete(state, "ask")
    assert caught.value.code == "process_stuck"
    assert ids(branching.complete(state, "ask", {"result": "yes"})) == ["left"]


def test_a_condition_that_fails_is_not_a_branch() -> None:
    nodes, arrows = BRANCH
    bent = [
        *arrows[:2],
        ("gate", "left", "10 / number > 1"),
        ("gate", "right", "10 / number <= 1"),
        *arrows[4:],
    ]
    sick = process(nodes, bent, flags={"number": {"type": "number", "label": TEXT}})
    with pytest.raises(ProcessFault):
        sick.complete(sick.start().state, "ask", {"number": 0})


@pytest.mark.parametrize("flags", [{"unknown": True}, {"result": "maybe"}, {"result": 1}, {"result": True}])
def test_flags_that_the_service_does_not_know_are_refused(branching: Process, flags: dict[str, Any]) -> None:
    with pytest.raises(ProcessFault) as caught:
        branching.complete(branching.start().state, "ask", flags)
    assert caught.value.code == "unknown_flag"


def test_what_is_done_cannot_be_done_again(branching: Process) -> None:
    step = branching.complete(branching.start().state, "ask", {"result": "yes"})
    with pytest.raises(ProcessFault) as caught:
        branching.complete(step.state, "ask", {"result": "yes"})
    assert caught.value.code == "task_not_open"


def test_parallel_parts_are_all_waited_for() -> None:
    nodes = {
        "start": "startEvent",
        "split": "parallelGateway",
        "a": "userTask",
        "b": "manualTask",
        "join": "parallelGateway",
        "end": "endEvent",
    }
    arrows = [
        ("start", "split"),
        ("split", "a"),
        ("split", "b"),
        ("a", "join"),
        ("b", "join"),
        ("join", "end"),
    ]
    both = process(nodes, arrows)
    step = both.start()
    assert ids(step) == ["a", "b"]
    step = both.complete(step.state, "b")
    assert step.ready == () and not step.ended
    assert both.complete(step.state, "a").ended


def test_a_loop_gives_each_visit_its_own_instance() -> None:
    nodes = {"start": "startEvent", "do": "userTask", "gate": "exclusiveGateway", "end": "endEvent"}
    arrows = [
        ("start", "do"),
        ("do", "gate"),
        ("gate", "do", 'result == "no"'),
        ("gate", "end", 'result == "yes"'),
    ]
    loop = process(nodes, arrows, flags={"result": CHOICE})
    step = loop.start()
    seen = {step.ready[0].instance}
    for _ in range(5):
        step = loop.complete(json.loads(json.dumps(step.state)), "do", {"result": "no"})
        seen.add(step.ready[0].instance)
    assert len(seen) == 6
    assert loop.complete(step.state, "do", {"result": "yes"}).ended


MESSAGE = (
    {
        "start": "startEvent",
        "wait": "userTask",
        "late": "boundaryEvent",
        "after": "userTask",
        "end": "endEvent",
    },
    [("start", "wait"), ("wait", "end"), ("late", "after"), ("after", "end")],
)


def test_a_message_takes_the_place_of_the_task_that_it_interrupts() -> None:
    waiting = process(*MESSAGE, messages={"late": "time_is_up"}, attached={"late": "wait"})
    step = waiting.start()
    assert waiting.awaits(step.state, "time_is_up")
    step = waiting.message(step.state, "time_is_up")
    assert ids(step) == ["after"]
    assert [one.id for one in step.cancelled] == ["wait"]
    with pytest.raises(ProcessFault):
        waiting.message(step.state, "time_is_up")


def test_a_task_that_is_done_in_time_takes_the_message_away() -> None:
    waiting = process(*MESSAGE, messages={"late": "time_is_up"}, attached={"late": "wait"})
    step = waiting.complete(waiting.start().state, "wait")
    assert step.ended and [one.id for one in step.cancelled] == ["late"]


def test_a_case_waits_for_a_message() -> None:
    nodes = {"start": "startEvent", "hold": "intermediateCatchEvent", "end": "endEvent"}
    held = process(nodes, [("start", "hold"), ("hold", "end")], messages={"hold": "answer"})
    step = held.start()
    assert [(one.id, one.message) for one in held.active(step.state)] == [("hold", "answer")]
    assert held.message(json.loads(json.dumps(step.state)), "answer").ended


def test_parameters_are_those_that_the_case_began_with() -> None:
    nodes, arrows = BRANCH
    bent = [
        *arrows[:2],
        ("gate", "left", "parameters.limit > 5"),
        ("gate", "right", "parameters.limit <= 5"),
        *arrows[4:],
    ]
    steered = process(nodes, bent, parameters={"limit": {"type": "number", "label": TEXT}})
    state = steered.start({}, {"limit": 9}).state
    assert ids(steered.complete(state, "ask")) == ["left"]


def test_a_state_of_another_drawing_is_refused(branching: Process) -> None:
    other = process(
        {"start": "startEvent", "ask": "userTask", "end": "endEvent"}, [("start", "ask"), ("ask", "end")]
    )
    with pytest.raises(ProcessFault) as caught:
        other.complete(branching.start().state, "ask")
    assert caught.value.code == "process_version"


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("scriptTask", ""),
        ("callActivity", ""),
        ("subProcess", ""),
        ("intermediateThrowEvent", ""),
        ("sendTask", ""),
        ("inclusiveGateway", ""),
        ("businessRuleTask", ""),
        ("task", ""),
        ("userTask", "<bpmn:extensionElements/>"),
        ("userTask", "<bpmn:dataObject id='x'/>"),
    ],
)
def test_elements_outside_the_list_are_refused_with_their_line(kind: str, extra: str) -> None:
    nodes = {"start": "startEvent", "odd": kind, "end": "endEvent"}
    with pytest.raises(DefinitionError) as caught:
        process(nodes, [("start", "odd"), ("odd", "end")], extra=extra)
    finding = next(one for one in caught.value.findings if one.rule == "bpmn.element")
    assert finding.line > 1 and finding.instead


def test_a_script_is_never_run(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    content = drawing(
        {"start": "startEvent", "odd": "scriptTask", "end": "endEvent"}, [("start", "odd"), ("odd", "end")]
    )
    content = content.replace(
        b'name="odd"></bpmn:scriptTask>',
        f'name="odd"><bpmn:script>open({str(target)!r}, "w")</bpmn:script></bpmn:scriptTask>'.encode(),
    )
    with pytest.raises(DefinitionError):
        Process.of(service(), {"process.bpmn": content}).start()
    assert not target.exists()


@pytest.mark.parametrize("timer", ["timeDuration", "timeDate", "timeCycle"])
def test_timers_are_refused(timer: str) -> None:
    content = drawing(
        {"start": "startEvent", "t": "intermediateCatchEvent", "end": "endEvent"},
        [("start", "t"), ("t", "end")],
    )
    content = content.replace(
        b'name="t">',
        f'name="t"><bpmn:timerEventDefinition><bpmn:{timer}>P1M</bpmn:{timer}></bpmn:timerEventDefinition>'.encode(),
    )
    with pytest.raises(DefinitionError) as caught:
        Process.of(service(), {"process.bpmn": content})
    assert "deadlines" in str([one.instead for one in caught.value.findings])


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_and_doctypes_are_refused(head: bytes) -> None:
    content = drawing({"start": "startEvent", "end": "endEvent"}, [("start", "end")])
    with pytest.raises(DefinitionError) as caught:
        Process.of(service(), {"process.bpmn": content.replace(b"?>\n", b"?>\n" + head, 1)})
    assert caught.value.findings[0].rule == "bpmn.xml"


@pytest.mark.parametrize("content", [b"", b"<", b"not xml", b"<a/>", "<å".encode("latin-1"), b"\x00"])
def test_what_is_no_drawing_is_refused(content: bytes) -> None:
    with pytest.raises(DefinitionError):
        Process.of(service(), {"process.bpmn": content})


def test_a_step_of_a_real_process_takes_about_a_millisecond() -> None:
    loaded = load_folder(SERVICES / "ekonomiskt-bistand-ateransokan")
    real = Process.of(loaded.service, loaded.files)
    state = real.start({}, {"delegation": "always"}).state
    start = time.perf_counter()
    for _ in range(50):
        real.complete(state, "review", {"review_result": "calculate"})
    assert (time.perf_counter() - start) / 50 < 0.01
