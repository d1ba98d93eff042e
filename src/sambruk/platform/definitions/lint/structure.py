"""References between the parts: everything that is named must be there, and be of the right kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sambruk.platform.definitions.language import ParameterRef, Part, RepeatingGroupField
from sambruk.platform.definitions.lint.index import Index
from sambruk.platform.definitions.parameters import default_of, fault_of
from sambruk.platform.definitions.yaml_file import Path
from sambruk.platform.identity.roles import ROLES


def _role_names() -> list[str]:
    """The platform's roles and those of installed systems."""
    return sorted(ROLES)


def lint_structure(index: Index) -> None:
    """Check all references and the rules of single parts."""
    for check in _CHECKS:
        check(index)


def _named(index: Index, names: Iterable[str], known: Iterable[str], path: Path, what: str) -> None:
    allowed = set(known)
    for name in names:
        if name not in allowed:
            listed = ", ".join(sorted(allowed)) or "inget"
            index.add(path, "reference", f"{what} {name} finns inte.", f"Skriv något av: {listed}.")


def _options(index: Index) -> None:
    for one in index.fields.values():
        seen: set[str] = set()
        for position, option in enumerate(getattr(one, "options", None) or ()):
            if option.id in seen:
                path = index.path(one.id, "options", position)
                index.add(
                    path, "id.taken", f"Alternativet {option.id} finns två gånger.", "Ge det ett eget id."
                )
            seen.add(option.id)


def _fields(index: Index) -> None:
    for one in index.fields.values():
        low, high = getattr(one, "min", None), getattr(one, "max", None)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            index.add(
                index.path(one.id), "field.bounds", f"{one.id}: min är större än max.", "Byt plats på dem."
            )
        if isinstance(one, RepeatingGroupField) and one.min_rows > one.max_rows:
            index.add(
                index.path(one.id), "field.bounds", f"{one.id}: fler rader krävs än som får finnas.", "Rätta."
            )
        if getattr(one, "required", False) and getattr(one, "required_when", None):
            index.add(
                index.path(one.id, "required_when"),
                "field.required",
                f"{one.id} är alltid obligatorisk, required_when har ingen verkan.",
                "Ta bort den ena.",
                warning=True,
            )


def _parameters(index: Index) -> None:
    for key, parameter in index.loaded.service.parameters.items():
        path: Path = ("parameters", key)
        if parameter.type == "choice" and not parameter.options:
            index.add(path, "parameter.options", f"Parametern {key} saknar alternativ.", "Lägg till options.")
        if parameter.default is not None and (fault := fault_of(parameter, default_of(parameter))):
            index.add((*path, "default"), "parameter.default", f"{key}: {fault}", "Rätta default.")
    for path, reference in _parameter_refs(index):
        named = index.loaded.service.parameters.get(reference)
        if named is None:
            index.add(
                path, "reference", f"Parametern {reference} finns inte.", "Lägg till den under parameters."
            )
        elif named.type != "number":
            index.add(
                path,
                "reference",
                f"Parametern {reference} är inget tal.",
                "Byt till en parameter av type: number.",
            )


def _parameter_refs(index: Index) -> Iterable[tuple[Path, str]]:
    def walk(value: object, path: Path) -> Iterable[tuple[Path, str]]:
        if isinstance(value, ParameterRef):
            yield path, value.parameter
        elif isinstance(value, Part):
            for name, info in type(value).model_fields.items():
                yield from walk(getattr(value, name), (*path, info.alias or name))
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, (*path, key))
        elif isinstance(value, list):
            for position, inner in enumerate(value):
                yield from walk(inner, (*path, position))

    return walk(index.loaded.service, ())


def _people(index: Index) -> None:
    service = index.loaded.service
    for key, party in service.parties.items():
        if party.person is None:
            continue
        one = index.fields.get(party.person)
        if one is None or one.type != "person" or party.person in index.group_of:
            path: Path = ("parties", key, "person")
            index.add(
                path,
                "reference",
                f"{party.person} är inget personfält i formuläret.",
                "Ange fältet med personen.",
            )
    for position, signature in enumerate(service.signatures):
        path = ("signatures", position)
        _named(index, [signature.party], service.parties, path, "Parten")
        _named(index, signature.attests, service.attestations, path, "Försäkran")
    if service.signatures and service.login.assurance < 2:
        index.add(("login",), "login.sign", "Den som skriver under måste logga in.", "Höj login.assurance.")
    conditional = [p.when for p in service.parties.values()], [s.when for s in service.signatures]
    for text in {text for texts in conditional for text in texts if text}:
        _compiles(index, text)


def _compiles(index: Index, text: str) -> None:
    from sambruk.platform.definitions.conditions import CelError, Environment
    from sambruk.platform.definitions.conditions.names import form_names

    try:
        Environment(form_names(index.loaded.service).kinds).compile(text)
    except CelError as error:
        index.add(("parties",), "condition.type", f"when: {error.message}", "Rätta villkoret.")


def _case(index: Index) -> None:
    service = index.loaded.service
    searchable = {key for key in index.fields if key not in index.group_of}
    _named(index, service.case.search, searchable, ("case", "search"), "Fältet")
    for key in service.case.search:
        one = index.fields.get(key)
        if one is not None and getattr(one, "sensitivity", "") == "sensitive":
            index.add(
                ("case", "search"),
                "secrecy",
                f"{key} är känsligt och får inte gå att söka på.",
                "Ta bort det.",
            )
    if service.period is not None:
        one = index.fields.get(service.period.field)
        if one is None or one.type != "month" or not getattr(one, "required", False):
            index.add(
                ("period", "field"),
                "reference",
                "period.field ska vara ett obligatoriskt månadsfält.",
                "Ange det.",
            )


def _records(index: Index) -> None:
    service = index.loaded.service
    laws = [citation.id for citation in service.legal_basis]
    for key, decision in service.decisions.items():
        path: Path = ("decisions", key)
        _named(index, [decision.letter], service.letters, (*path, "letter"), "Brevet")
        _named(index, decision.phrases, service.phrases, (*path, "phrases"), "Frasen")
        _named(index, decision.legal_basis, laws, (*path, "legal_basis"), "Lagrummet")
        if decision.appeal:
            _named(index, [decision.appeal.source], laws, (*path, "appeal"), "Lagrummet")
        if decision.outcome != "grant" and decision.own_words != "required":
            index.add(
                path,
                "decision.reasons",
                f"{key} går någon emot och behöver egna skäl.",
                "Skriv own_words: required.",
            )
        if decision.outcome != "grant" and decision.appeal is None:
            index.add(
                path, "decision.appeal", f"{key} saknar uppgift om hur man överklagar.", "Lägg till appeal."
            )
    for key, phrase in service.phrases.items():
        _named(index, phrase.legal_basis, laws, ("phrases", key, "legal_basis"), "Lagrummet")
    _named(index, service.secrecy.legal_basis, laws, ("secrecy", "legal_basis"), "Lagrummet")
    if service.secrecy.level == "social" and not service.secrecy.legal_basis:
        index.add(("secrecy",), "secrecy", "Sekretessen saknar lagrum.", "Lägg till legal_basis.")
    for position, exception in enumerate(service.retention.exceptions):
        path = ("retention", "exceptions", position)
        if exception.flag:
            _named(index, [exception.flag], service.flags, path, "Flaggan")
        if exception.parameter:
            _named(index, [exception.parameter], service.parameters, path, "Parametern")


def _work(index: Index) -> None:
    service = index.loaded.service
    for key, task in service.tasks.items():
        path: Path = ("tasks", key)
        _named(index, task.sets, service.flags, (*path, "sets"), "Flaggan")
        if task.other_than:
            _named(index, [task.other_than], service.tasks, (*path, "other_than"), "Uppgiften")
        if task.done_by == "staff" and task.role not in ROLES:
            index.add(
                (*path, "role"),
                "reference",
                f"Rollen {task.role} finns inte.",
                f"Skriv en av: {', '.join(_role_names())}.",
            )
    for key, handler in service.handlers.items():
        _named(index, handler.sets, service.flags, ("handlers", key, "sets"), "Flaggan")
    for position, deadline in enumerate(service.deadlines):
        path = ("deadlines", position)
        _named(index, [deadline.starts], ["case_opened", *service.tasks], (*path, "starts"), "Uppgiften")
        if deadline.sends:
            _named(index, [deadline.sends], service.messages, (*path, "sends"), "Meddelandet")
    for key, message in service.messages.items():
        if message.sent_by == "deadline" and key not in {deadline.sends for deadline in service.deadlines}:
            index.add(
                ("messages", key),
                "message.unsent",
                f"Ingen tid skickar {key}.",
                "Lägg till den under deadlines.",
            )
    if service.handover:
        _named(index, [service.handover.task], service.tasks, ("handover", "task"), "Uppgiften")
        _named(index, [service.handover.role], _role_names(), ("handover", "role"), "Rollen")
    if service.payment:
        _named(index, [service.payment.approve_task], service.tasks, ("payment",), "Uppgiften")
    for key, flag in service.flags.items():
        if flag.type == "choice" and not flag.options:
            index.add(
                ("flags", key), "flag.options", f"Flaggan {key} saknar alternativ.", "Lägg till options."
            )


_CHECKS: tuple[Callable[[Index], None], ...] = (
    _options,
    _fields,
    _parameters,
    _people,
    _case,
    _records,
    _work,
)
