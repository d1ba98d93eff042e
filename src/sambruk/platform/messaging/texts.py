"""What notices say: that there is news and where to log in. Never the case, its subject, or a name."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from sambruk.common.errors import Unavailable
from sambruk.common.text import single_line
from sambruk.platform.identity.models import IdentityProvider
from sambruk.platform.tenancy.models import Hostname, Principal

#: Alphanumeric sender ids hold at most eleven characters (3GPP TS 23.040 9.1.2.5).
SMS_SENDER_MAX = 11


@dataclass(frozen=True, slots=True)
class Text:
    """A notice's words."""

    subject: str
    body: str
    sms: str
    sender: str
    host: str


def base_address(principal: Principal) -> str:
    """Return the address where residents log in, without a path.

    Where the login's provider returns to, else the primary host name. Raises Unavailable (permanent) where
    the principal has neither.
    """
    provider = IdentityProvider.objects.filter(purpose="resident").order_by("id").first()
    if provider and provider.redirect_base:
        return provider.redirect_base.rstrip("/")
    host = Hostname.objects.filter(principal=principal).order_by("-primary", "host").first()
    if host is None:
        raise Unavailable(
            "Organisationen saknar adress på nätet. Lägg in ett värdnamn.", "no_hostname", permanent=True
        )
    return f"{'https' if settings.SECURE else 'http'}://{host.host}"


def notice_text(principal: Principal, *, first: bool = False) -> Text:
    """Return the notice of one principal: the same words whatever the news is.

    ``first`` is for somebody who may never have logged in there: it says how.
    """
    name = single_line(principal.name, 100)
    address = base_address(principal)
    place = f"{address}/mina-sidor/"
    body = _(
        "Hej!\n\n"
        "Du har något nytt att läsa hos %(name)s. Logga in på %(place)s för att läsa det.\n\n"
        "Av säkerhetsskäl står det inte här vad det gäller. Du kan inte svara på det här mejlet.\n"
        "Du väljer i din ansökan om du vill få sådana här meddelanden.\n\n"
        "Vänliga hälsningar\n%(name)s\n"
    )
    if first:
        body = _(
            "Hej!\n\n"
            "Du har något att läsa hos %(name)s. Logga in med din e-legitimation, till exempel BankID, på "
            "%(place)s för att läsa det.\n\n"
            "Av säkerhetsskäl står det inte här vad det gäller. Du kan inte svara på det här mejlet.\n\n"
            "Vänliga hälsningar\n%(name)s\n"
        )
    sms = _("Du har något nytt att läsa hos %(name)s. Logga in på %(place)s")
    values = {"name": name, "place": place}
    return Text(
        subject=_("Du har något nytt att läsa hos %(name)s") % values,
        body=body % values,
        sms=sms % values,
        sender=name,
        host=urlsplit(address).hostname or "localhost",
    )
