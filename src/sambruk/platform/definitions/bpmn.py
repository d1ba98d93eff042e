"""The drawing of a process (BPMN 2.0), read with suspicion: which elements it has, and what is not allowed.

Allowed is a short written list. Everything else is refused with its line: script tasks (they would run code
from others), timers (legal times are rows, counted by `common.calendar`), sub-processes, throwing events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

from sambruk.platform.definitions.findings import Finding

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
MAX_ELEMENTS = 300

Xml: TypeAlias = etree._Element

#: Elements that a case passes through.
NODES = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "task",
    "manualTask": "task",
    "serviceTask": "service",
    "exclusiveGateway": "choice",
    "parallelGateway": "parallel",
    "intermediateCatchEvent": "message",
    "boundaryEvent": "boundary",
}
#: What may stand inside or beside them.
_PARTS = {
    "definitions",
    "process",
    "sequenceFlow",
    "conditionExpression",
    "message",
    "messageEventDefinition",
    "incoming",
    "outgoing",
    "documentation",
    "collaboration",
    "participant",
    "laneSet",
    "lane",
    "flowNodeRef",
    "textAnnotation",
    "text",
    "association",
}
_INSTEAD = {
    "scriptTask": "Låt en serviceTask med en registrerad handler göra det.",
    "businessRuleTask": "Skriv regeln som ett villkor, eller använd en serviceTask.",
    "timerEventDefinition": "Skriv tiden under deadlines i service.yaml och vänta på dess meddelande.",
    "subProcess": "Rita stegen direkt i processen.",
    "callActivity": "Rita stegen direkt i processen.",
    "task": "Välj userTask, manualTask eller serviceTask.",
    "sendTask": "Använd en serviceTask.",
    "receiveTask": "Använd en intermediateCatchEvent med ett meddelande.",
    "inclusiveGateway": "Använd exklusiva eller parallella grindar.",
    "extensionElements": "Ta bort verktygets egna tillägg.",
}
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Element:
    """A node of the drawing. `kind` is a value of NODES; `message` the name that it waits for."""

    id: str
    kind: str
    name: str
    line: int
    message: str = ""
    attached_to: str = ""
    interrupts: bool = True
    default: str = ""


@dataclass(frozen=True)
class Flow:
    """An arrow. `condition` is CEL; empty for none."""

    id: str
    source: str
    target: str
    condition: str
    line: int
    name: str = ""


@dataclass
class Diagram:
    """A drawing as read, and what is wrong with it as a drawing."""

    file: str
    process_id: str = ""
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def outgoing(self, element_id: str) -> list[Flow]:
        """Return the arrows out of an element."""
        return [flow for flow in self.flows if flow.source == element_id]

    def incoming(self, element_id: str) -> list[Flow]:
        """Return the arrows into an element."""
        return [flow for flow in self.flows if flow.target == element_id]


def parse_xml(content: bytes) -> Xml:
    """Parse XML without entities, DTD, network or huge trees. Raises ValueError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("DOCTYPE is not allowed")
    return root


class _Reader:
    def __init__(self, file: str) -> None:
        self.diagram = Diagram(file)
        self.shapes: set[str] = set()
        self.messages: dict[str, str] = {}

    def find(self, element: Xml | None, rule: str, message: str, instead: str = "") -> None:
        line = int(element.sourceline or 1) if element is not None else 1
        self.diagram.findings.append(Finding(self.diagram.file, line, rule, message, instead))

    def read(self, root: Xml) -> Diagram:
        if root.tag != f"{{{MODEL}}}definitions":
            self.find(root, "bpmn.root", "Filen är ingen BPMN-ritning.", "Spara processen som BPMN 2.0.")
            return self.diagram
        self.messages = {
            str(one.get("id")): str(one.get("name") or "") for one in root.iter(f"{{{MODEL}}}message")
        }
        self.shapes = {str(one.get("bpmnElement")) for one in root.iter(f"{{{DRAWING}}}BPMNShape")}
        self.shapes |= {str(one.get("bpmnElement")) for one in root.iter(f"{{{DRAWING}}}BPMNEdge")}
        self._allowed(root)
        processes = root.findall(f"{{{MODEL}}}process")
        if len(processes) != 1 or processes[0].get("isExecutable") != "true":
            self.find(
                root, "bpmn.process", 'Ritningen ska ha en process med isExecutable="true".', "Rätta det."
            )
            return self.diagram
        self.diagram.process_id = str(processes[0].get("id"))
        for one in processes[0]:
            if isinstance(one.tag, str):
                self._node(one)
        self._ends_meet()
        return self.diagram

    def _allowed(self, root: Xml) -> None:
        for one in root.iter():
            if not isinstance(one.tag, str) or not one.tag.startswith(f"{{{MODEL}}}"):
                continue
            name = etree.QName(one).localname
            if name not in _PARTS and name not in NODES:
                self.find(
                    one, "bpmn.element", f"{name} får inte användas.", _INSTEAD.get(name, "Ta bort det.")
                )

    def _node(self, one: Xml) -> None:
        name = etree.QName(one).localname
        if name == "sequenceFlow":
            self._flow(one)
            return
        if name not in NODES:
            return
        element_id = self._id(one)
        if element_id in self.diagram.elements:
            self.find(one, "bpmn.id", f"Id {element_id} finns två gånger.", "Ge det ena ett nytt id.")
        if len(self.diagram.elements) >= MAX_ELEMENTS:
            self.find(one, "bpmn.size", f"Processen har fler än {MAX_ELEMENTS} element.", "Dela upp den.")
            return
        kind = NODES[name]
        self.diagram.elements[element_id] = Element(
            id=element_id,
            kind=kind,
            name=str(one.get("name") or ""),
            line=int(one.sourceline or 1),
            message=self._message(one, kind),
            attached_to=str(one.get("attachedToRef") or ""),
            interrupts=one.get("cancelActivity") != "false",
            default=str(one.get("default") or ""),
        )
        if element_id not in self.shapes:
            self.find(
                one,
                "bpmn.picture",
                f"{element_id} är inte utritad.",
                "Rita om processen i bpmn-js och spara.",
            )

    def _id(self, one: Xml) -> str:
        element_id = str(one.get("id") or "")
        if not _ID.fullmatch(element_id):
            self.find(
                one, "bpmn.id", f"Id {element_id!r} har fel form.", "Använd små bokstäver, siffror och _."
            )
        return element_id

    def _message(self, one: Xml, kind: str) -> str:
        definition = one.find(f"{{{MODEL}}}messageEventDefinition")
        if kind not in ("message", "boundary"):
            if definition is not None:
                self.find(
                    one, "bpmn.event", "Bara väntande händelser får ha meddelande.", "Ta bort meddelandet."
                )
            return ""
        name = self.messages.get(str(definition.get("messageRef")), "") if definition is not None else ""
        if not name:
            self.find(
                one, "bpmn.event", f"{one.get('id')} väntar inte på något meddelande.", "Ange ett meddelande."
            )
        return name

    def _flow(self, one: Xml) -> None:
        expression = one.find(f"{{{MODEL}}}conditionExpression")
        self.diagram.flows.append(
            Flow(
                id=self._id(one),
                source=str(one.get("sourceRef")),
                target=str(one.get("targetRef")),
                condition=(expression.text or "").strip() if expression is not None else "",
                line=int(one.sourceline or 1),
                name=str(one.get("name") or ""),
            )
        )

    def _ends_meet(self) -> None:
        known = self.diagram.elements
        for flow in self.diagram.flows:
            for end in (flow.source, flow.target):
                if end not in known:
                    self.diagram.findings.append(
                        Finding(
                            self.diagram.file,
                            flow.line,
                            "bpmn.flow",
                            f"Pilen {flow.id}: {end} finns inte.",
                            "Rita om pilen.",
                        )
                    )
        for element in known.values():
            if element.attached_to and element.attached_to not in known:
                self.diagram.findings.append(
                    Finding(
                        self.diagram.file,
                        element.line,
                        "bpmn.flow",
                        f"{element.id} sitter på {element.attached_to}, som inte finns.",
                        "Fäst den vid en uppgift.",
                    )
                )


def read_diagram(content: bytes, file: str) -> Diagram:
    """Read a drawing. What is wrong is in its `findings`; it may be run only when there are none."""
    try:
        root = parse_xml(content)
    except ValueError as error:
        diagram = Diagram(file)
        diagram.findings.append(
            Finding(
                file,
                1,
                "bpmn.xml",
                f"Filen är ingen läsbar XML ({error}).",
                "Spara om den.",
            )
        )
        return diagram
    return _Reader(file).read(root)
