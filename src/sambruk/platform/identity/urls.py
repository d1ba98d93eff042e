"""Addresses of identity."""

from django.urls import path

from sambruk.platform.identity.views import (
    acting,
    administration,
    api_clients,
    login,
    principal,
    providers,
    staff,
    token,
    units,
)

urlpatterns = [
    path("logga-in/", login.resident_login, name="login"),
    path("personal/logga-in/", login.staff_login, name="staff_login"),
    path("logga-in/svar/", login.callback, name="login_callback"),
    path("logga-in/saml/svar/", login.saml_answer, name="saml_answer"),
    path("logga-in/saml/metadata/<slug:slug>/", login.saml_metadata, name="saml_metadata"),
    path("logga-ut/", login.logout, name="logout"),
    path("session/", login.session_state, name="session_state"),
    path("session/forlang/", login.session_extend, name="session_extend"),
    path("fullmakt/", acting.choose_represented, name="choose_represented"),
    path("personal/fyll-i-at/", acting.fill_in_for, name="fill_in_for"),
    path("personal/fyll-i-at/sluta/", acting.stop_filling_in, name="stop_filling_in"),
    path("admin-kommun/", administration.start, name="administration"),
    path("admin-kommun/roller/", administration.roles, name="role_list"),
    path("admin-kommun/installningar/", administration.settings, name="dated_settings"),
    path("admin-kommun/uppgifter/", principal.principal_data, name="principal_data"),
    path("admin-kommun/enheter/", units.unit_list, name="unit_list"),
    path("admin-kommun/enheter/ny/", units.unit_add, name="unit_add"),
    path("admin-kommun/enheter/<uuid:unit_id>/", units.unit_detail, name="unit_detail"),
    path("admin-kommun/enheter/<uuid:unit_id>/oppen/", units.unit_active, name="unit_active"),
    path("admin-kommun/system/", api_clients.client_list, name="api_client_list"),
    path("admin-kommun/system/nytt/", api_clients.client_add, name="api_client_add"),
    path("admin-kommun/system/<uuid:client_id>/", api_clients.client_detail, name="api_client_detail"),
    path("admin-kommun/system/<uuid:client_id>/nyckel/", api_clients.client_rotate, name="api_client_rotate"),
    path("admin-kommun/system/<uuid:client_id>/oppet/", api_clients.client_active, name="api_client_active"),
    path("admin-kommun/personal/", staff.staff_list, name="staff_list"),
    path("admin-kommun/personal/ny/", staff.staff_add, name="staff_add"),
    path("admin-kommun/personal/<uuid:staff_id>/", staff.staff_detail, name="staff_detail"),
    path("admin-kommun/personal/<uuid:staff_id>/konto/", staff.staff_active, name="staff_active"),
    path(
        "admin-kommun/personal/<uuid:staff_id>/roller/<uuid:membership_id>/avsluta/",
        staff.membership_end,
        name="membership_end",
    ),
    path("admin-kommun/inloggning/", providers.provider_list, name="provider_list"),
    path("admin-kommun/inloggning/ny/<slug:protocol>/", providers.provider_add, name="provider_add"),
    path("admin-kommun/inloggning/<uuid:provider_id>/", providers.provider_detail, name="provider_detail"),
    path(
        "admin-kommun/inloggning/<uuid:provider_id>/prova/", providers.provider_check, name="provider_check"
    ),
    path(
        "admin-kommun/inloggning/<uuid:provider_id>/lage/", providers.provider_active, name="provider_active"
    ),
    path("api/v1/token", token.token, name="api_token"),
]
