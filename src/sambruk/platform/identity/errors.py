"""What can go wrong at a login or a signature, each with the sentence that the person reads."""

from __future__ import annotations

from typing import ClassVar

from sambruk.common.errors import NotAllowed, Unavailable


class ProviderDown(Unavailable):
    """The identity provider does not answer, or answers with an error of its own. HTTP 503."""

    code = "provider_down"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "Vi når inte tjänsten för inloggning just nu. Vänta en stund och försök igen. "
            "Det du har sparat finns kvar."
        )
        self.detail = detail


class LoginFailed(NotAllowed):
    """A login that was not completed. ``detail`` is for the log: no personal data."""

    code = "login_failed"
    sentence: ClassVar[str] = "Inloggningen kunde inte slutföras. Logga in igen."

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.sentence)
        self.detail = detail


class Misconfigured(LoginFailed):
    """The provider's record or metadata cannot be used."""

    code = "provider_misconfigured"
    sentence = (
        "Inloggningen är inte rätt inställd hos oss. Kontakta oss, så hjälper vi dig. "
        "Det går inte att lösa genom att försöka igen."
    )


class TokenRefused(LoginFailed):
    """The provider's answer did not hold: signature, key, issuer, audience, nonce, time. HTTP 400.

    ``check`` names which, for the log and tests.
    """

    code = "token_refused"
    sentence = (
        "Vi kunde inte lita på svaret från inloggningstjänsten, så du är inte inloggad. "
        "Försök igen. Hjälper inte det, kontakta oss."
    )

    def __init__(self, check: str, detail: str = "") -> None:
        super().__init__(f"{check}: {detail}" if detail else check)
        self.check = check


class UnknownAttempt(LoginFailed):
    """The answer belongs to no login that was begun here, in this browser, or it was used already."""

    code = "login_unknown"
    sentence = "Inloggningen hör inte till den här webbläsaren, eller så är den redan använd. Logga in igen."


class AttemptExpired(LoginFailed):
    """The answer came too late."""

    code = "login_expired"
    sentence = "Det tog för lång tid, så inloggningen avbröts. Logga in igen."


class Cancelled(LoginFailed):
    """The person pressed cancel at the provider."""

    code = "login_cancelled"
    sentence = "Du avbröt inloggningen. Du kan börja om när du vill."


class CodeRefused(LoginFailed):
    """The provider did not take the code: used before, too old, or for another client."""

    code = "code_refused"
    sentence = (
        "Inloggningstjänsten godtog inte svaret. Det kan bero på att det redan är använt. Logga in igen."
    )


class ProviderRefused(LoginFailed):
    """The provider says that it could not log the person in, and not that she pressed cancel."""

    code = "provider_refused"
    sentence = (
        "Inloggningstjänsten kunde inte bekräfta vem du är. Försök igen. Hjälper inte det, kontakta oss."
    )


class NoPersonalNumber(LoginFailed):
    """The token holds no personal number, or none that is valid."""

    code = "no_personal_number"
    sentence = (
        "Din e-legitimation lämnade inget personnummer som vi kan ta emot. "
        "Logga in med en annan e-legitimation, eller kontakta oss."
    )


class AssuranceTooLow(LoginFailed):
    """The login's level of assurance is lower than the service asks for, or not known."""

    code = "assurance_too_low"
    sentence = (
        "Tjänsten kräver en säkrare e-legitimation än den du använde. Logga in med en annan, "
        "till exempel BankID eller Freja+, eller kontakta oss."
    )


class UnknownStaff(LoginFailed):
    """No active member of staff has this account here."""

    code = "staff_unknown"
    sentence = (
        "Ditt konto är inte upplagt som medarbetare här, eller så är det avslutat. "
        "Be din administratör lägga upp dig."
    )


class NoProvider(LoginFailed):
    """The principal has no way to log in of this kind."""

    code = "no_provider"
    sentence = "Det finns inget sätt att logga in här ännu. Kontakta oss, så hjälper vi dig på annat sätt."


class SigningFailed(LoginFailed):
    """A signature that was not completed."""

    code = "signing_failed"
    sentence = "Underskriften kunde inte slutföras. Inget är undertecknat. Försök igen."


class SignedByAnother(SigningFailed):
    """Another person than the one who began authenticated."""

    code = "signed_by_another"
    sentence = (
        "Någon annan än du legitimerade sig. Inget är undertecknat. "
        "Skriv under igen med din egen e-legitimation."
    )


class SigningCancelled(SigningFailed):
    """The person pressed cancel at the provider."""

    code = "signing_cancelled"
    sentence = "Du avbröt underskriften. Inget är undertecknat. Du kan skriva under när du vill."


class SigningExpired(SigningFailed):
    """The signature was not collected in time, or was collected before."""

    code = "signing_expired"
    sentence = "Underskriften gäller inte längre. Skriv under igen."
