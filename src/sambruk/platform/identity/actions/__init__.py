"""Every change of identity's tables."""

from sambruk.platform.identity.actions.api_clients import (
    create_api_client,
    issue_token,
    rotate_api_client,
    set_api_client_active,
)
from sambruk.platform.identity.actions.mandates import grant_mandate, revoke_mandate
from sambruk.platform.identity.actions.persons import (
    open_protected,
    register_person,
    set_protection,
    update_contact,
    upsert_person_from_login,
)
from sambruk.platform.identity.actions.providers import add_provider, change_provider, set_provider_active
from sambruk.platform.identity.actions.sessions import act_for, fill_in_for, stop_filling_in
from sambruk.platform.identity.actions.staff import (
    add_membership,
    add_staff,
    end_membership,
    set_staff_active,
)
from sambruk.platform.identity.actions.units import add_unit, change_unit, set_unit_active

__all__ = [
    "act_for",
    "add_membership",
    "add_provider",
    "add_staff",
    "add_unit",
    "change_provider",
    "change_unit",
    "create_api_client",
    "end_membership",
    "fill_in_for",
    "grant_mandate",
    "issue_token",
    "open_protected",
    "register_person",
    "revoke_mandate",
    "rotate_api_client",
    "set_api_client_active",
    "set_protection",
    "set_provider_active",
    "set_staff_active",
    "set_unit_active",
    "stop_filling_in",
    "update_contact",
    "upsert_person_from_login",
]
