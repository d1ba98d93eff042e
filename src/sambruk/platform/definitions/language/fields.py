"""The fields that a form may ask for, one class a type. `answers/wire.py` has their answers' wire format."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field as PydanticField
from pydantic import StringConstraints

from sambruk.platform.definitions.language.base import Cel, Id, Part, Text


class Sensitivity(StrEnum):
    """How an answer is treated: sensitive ones never stand in a list, a search text or a notice."""

    NORMAL = "normal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Prefill(StrEnum):
    """Where a first answer comes from: the login, the last application, or the principal's own data."""

    LOGIN = "login"
    PREVIOUS = "previous"
    PRINCIPAL = "principal"


#: A whole number, or kronor as text ("5400.50") where the field is an amount.
Kronor: TypeAlias = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,9}(\.[0-9]{2})?$")]


class FieldBase(Part):
    """What every field has. `when` decides whether it is asked, `required_when` whether it must be."""

    id: Id
    label: Text
    help: Text | None = None
    required: bool = False
    when: Cel | None = None
    required_when: Cel | None = None
    prefill: Prefill | None = None
    sensitivity: Sensitivity = Sensitivity.PERSONAL


class Option(Part):
    """One choice. Its id is the answer."""

    id: Id
    label: Text
    help: Text | None = None


class TextField(FieldBase):
    """One line of text."""

    type: Literal["text"]
    min_length: int = PydanticField(default=0, ge=0)
    max_length: int = PydanticField(default=200, ge=1, le=2000)
    pattern: str | None = PydanticField(default=None, max_length=200)
    pattern_help: Text | None = None
    computed: Cel | None = None


class LongTextField(FieldBase):
    """Several lines of text."""

    type: Literal["long_text"]
    min_length: int = PydanticField(default=0, ge=0)
    max_length: int = PydanticField(default=4000, ge=1, le=20000)


class NumberField(FieldBase):
    """A whole number."""

    type: Literal["number"]
    min: int = PydanticField(default=0, ge=-(10**12), le=10**12)
    max: int = PydanticField(default=10**9, ge=-(10**12), le=10**12)
    unit: Text | None = None
    computed: Cel | None = None


class AmountField(FieldBase):
    """Kronor and öre. In conditions it is whole öre: write `kr(5400)`."""

    type: Literal["amount"]
    min: Kronor = "0"
    max: Kronor = "9999999"
    computed: Cel | None = None


class DateField(FieldBase):
    """A date. `earliest` and `latest` are conditions' days in CEL, such as `context.today`."""

    type: Literal["date"]
    earliest: Cel | None = None
    latest: Cel | None = None
    computed: Cel | None = None


class MonthField(FieldBase):
    """A calendar month. In conditions it is its first day."""

    type: Literal["month"]
    earliest: Cel | None = None
    latest: Cel | None = None
    computed: Cel | None = None


class YesNoField(FieldBase):
    """Yes or no; neither is chosen beforehand."""

    type: Literal["yes_no"]
    computed: Cel | None = None


class ChoiceField(FieldBase):
    """One of some options."""

    type: Literal["choice"]
    options: list[Option] = PydanticField(min_length=1, max_length=200)
    computed: Cel | None = None


class ChoicesField(FieldBase):
    """Any of some options."""

    type: Literal["choices"]
    options: list[Option] = PydanticField(min_length=1, max_length=200)
    max_chosen: int | None = PydanticField(default=None, ge=1)


class PersonField(FieldBase):
    """A person. `identify` says what is asked: personal number and name, or a name alone."""

    type: Literal["person"]
    identify: Literal["personal_number", "name"] = "personal_number"


class AddressField(FieldBase):
    """A postal address in Sweden."""

    type: Literal["address"]


class EmailField(FieldBase):
    """An e-mail address."""

    type: Literal["email"]


class PhoneField(FieldBase):
    """A telephone number."""

    type: Literal["phone"]


class BankAccountField(FieldBase):
    """A Swedish bank account: clearing number and account number."""

    type: Literal["bank_account"]


class FileField(FieldBase):
    """One or more files."""

    type: Literal["file"]
    accept: list[Literal["pdf", "image", "word", "text"]] = ["pdf", "image"]
    max_files: int = PydanticField(default=10, ge=1, le=50)
    max_mb: int = PydanticField(default=15, ge=1, le=100)


class PlaceField(FieldBase):
    """A place: address, the device's position or a point on a map, and words about it."""

    type: Literal["place"]
    allow: list[Literal["address", "position", "map"]] = ["address", "position", "map"]


class InformationField(Part):
    """A text between the questions. Asks for nothing."""

    type: Literal["information"]
    id: Id
    text: Text
    when: Cel | None = None
    tone: Literal["info", "success", "warning"] = "info"


RowField: TypeAlias = Annotated[
    TextField
    | LongTextField
    | NumberField
    | AmountField
    | DateField
    | MonthField
    | YesNoField
    | ChoiceField
    | ChoicesField
    | PersonField
    | AddressField
    | EmailField
    | PhoneField
    | BankAccountField
    | FileField
    | InformationField,
    PydanticField(discriminator="type"),
]


class RepeatingGroupField(FieldBase):
    """The same questions for each child, income and so on. Inside, conditions name the row's own fields."""

    type: Literal["repeating_group"]
    row_label: Text
    add_label: Text
    min_rows: int = PydanticField(default=0, ge=0, le=100)
    max_rows: int = PydanticField(default=20, ge=1, le=100)
    fields: list[RowField] = PydanticField(min_length=1, max_length=60)


Field: TypeAlias = Annotated[
    TextField
    | LongTextField
    | NumberField
    | AmountField
    | DateField
    | MonthField
    | YesNoField
    | ChoiceField
    | ChoicesField
    | PersonField
    | AddressField
    | EmailField
    | PhoneField
    | BankAccountField
    | FileField
    | PlaceField
    | InformationField
    | RepeatingGroupField,
    PydanticField(discriminator="type"),
]

#: Fields that take an answer of their own.
AnswerField: TypeAlias = (
    TextField
    | LongTextField
    | NumberField
    | AmountField
    | DateField
    | MonthField
    | YesNoField
    | ChoiceField
    | ChoicesField
    | PersonField
    | AddressField
    | EmailField
    | PhoneField
    | BankAccountField
    | FileField
    | PlaceField
    | RepeatingGroupField
)


class Parameter(Part):
    """A value that each municipality sets for itself when it adopts the service."""

    type: Literal["text", "number", "amount", "date", "yes_no", "choice"]
    label: Text
    help: Text | None = None
    default: bool | int | str | date | None = None
    min: int | None = PydanticField(default=None, alias="from")
    max: int | None = PydanticField(default=None, alias="to")
    options: list[Option] | None = None


def computed_of(field: Field) -> str | None:
    """Return the CEL text of a computed field, else None."""
    return getattr(field, "computed", None)
