"""What the events of the log are called, in Swedish, for whoever reviews it and for the person concerned.

A noun or system that writes an event of its own says what it is called; else its name is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

_labels: dict[str, str] = {
    "api_client.closed": "Stängde ute ett anslutet system",
    "api_client.created": "Anslöt ett system",
    "api_client.opened": "Släppte in ett anslutet system",
    "api_client.rotated": "Bytte ett anslutet systems nyckel",
    "api_token.issued": "Anslutet system loggade in",
    "application.read": "Läste ansökan",
    "application.signed": "Skrev under ansökan",
    "audit.exported": "Tog ut en fil ur loggen",
    "audit.extracted": "Tog fram ett utdrag ur loggen",
    "audit.month_dropped": "Gallrade en månad av loggen",
    "audit.reviewed": "Granskade loggen",
    "audit.values_disposed": "Gallrade personuppgifter ur loggen",
    "case.assigned": "Fördelade ärendet",
    "case.closed": "Avslutade ärendet",
    "case.moved": "Flyttade ärendet",
    "case.opened": "Öppnade ärendet",
    "case.read": "Läste ärendet",
    "case.released": "Lämnade ärendet ifrån sig",
    "case.taken": "Tog ärendet",
    "deadline.passed": "En tid i ärendet gick ut",
    "decision.decided": "Fattade beslut",
    "decision.delivered": "Lämnade ut beslutet",
    "decision.proposed": "Föreslog beslut",
    "decision.received": "Tog emot beslutet",
    "delivery.retried": "Försökte en sändning igen",
    "delivery.set_aside": "Lade en sändning åt sidan",
    "document.disposed": "Gallrade en handling",
    "document.read": "Läste en handling",
    "document.saved": "Sparade en handling",
    "draft.begun": "Påbörjade en ansökan",
    "draft.deleted": "Tog bort en påbörjad ansökan",
    "draft.file_added": "Lade till en fil i ansökan",
    "draft.file_removed": "Tog bort en fil ur ansökan",
    "draft.frozen": "Låste ansökan för underskrift",
    "draft.reminded": "Påminde om underskrift",
    "draft.row_added": "Lade till en rad i ansökan",
    "draft.row_removed": "Tog bort en rad i ansökan",
    "draft.saved": "Sparade ett steg i ansökan",
    "draft.signed": "Skrev under ansökan",
    "draft.submitted": "Skickade in ansökan",
    "draft.unfrozen": "Öppnade ansökan för ändring",
    "mandate.granted": "Lade in ett uppdrag att företräda någon",
    "mandate.read": "Läste uppdrag att företräda någon",
    "mandate.revoked": "Avslutade ett uppdrag att företräda någon",
    "membership.added": "Gav en roll",
    "membership.ended": "Avslutade en roll",
    "message.read": "Läste ett meddelande",
    "message.sent": "Skickade ett meddelande",
    "note.added": "Skrev en anteckning",
    "person.contact_changed": "Ändrade kontaktuppgifter",
    "person.created_by_login": "Loggade in för första gången",
    "person.protected_opened": "Öppnade skyddade personuppgifter",
    "person.protection_set": "Ändrade skydd av personuppgifter",
    "person.read": "Läste personuppgifter",
    "person.registered": "Registrerade personen",
    "person.updated_by_login": "Namnet uppdaterades vid inloggning",
    "principal.added": "Lade upp kommunen",
    "principal.changed": "Ändrade kommunens uppgifter",
    "principal.setting_dated": "Ändrade en inställning som gäller från en dag",
    "provider.added": "Lade upp ett sätt att logga in",
    "provider.closed": "Stängde ett sätt att logga in",
    "provider.opened": "Öppnade ett sätt att logga in",
    "service.adopted": "Införde en e-tjänst",
    "service.closed": "Stängde en e-tjänst",
    "service.opened": "Öppnade en e-tjänst",
    "service.published": "Publicerade en e-tjänst",
    "session.acts_for": "Valde vem ärendet gäller",
    "session.began": "Loggade in",
    "session.ended": "Loggade ut",
    "session.filled_in": "Slutade fylla i åt personen",
    "session.fills_in": "Började fylla i åt personen",
    "signature.made": "Skrev under",
    "staff.added": "Lade upp en medarbetare",
    "staff.closed": "Avslutade ett konto",
    "staff.opened": "Öppnade ett konto",
    "subscription.created": "Lade upp en prenumeration",
    "subscription.ended": "Avslutade en prenumeration",
    "subscription.paused": "Pausade en prenumeration",
    "subscription.resumed": "Återupptog en prenumeration",
    "task.done": "Gjorde en uppgift i ärendet",
    "unit.added": "Lade upp en enhet",
    "unit.changed": "Ändrade en enhet",
    "unit.closed": "Stängde en enhet",
    "unit.opened": "Öppnade en enhet",
}


def register(labels: Mapping[str, str]) -> None:
    """Say what events are called. Raises ValueError for one that is called something else already."""
    for event, label in labels.items():
        if _labels.setdefault(event, label) != label:
            raise ValueError(f"the event {event!r} is called something else already")


def label_of(event: str) -> str:
    """Return what an event is called, or its name where nobody has said."""
    return _labels.get(event, event)
