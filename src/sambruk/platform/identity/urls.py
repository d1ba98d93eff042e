"""Addresses of identity."""

from django.urls import path

from sambruk.platform.identity.views import acting, login, staff, token

urlpatterns = [
    path("logga-in/", login.resident_login, name="login"),
    path("personal/logga-in/", login.staff_login, name="staff_login"),
    path("logga-in/svar/", login.callback, name="login_callback"),
    path("logga-ut/", login.logout, name="logout"),
    path("session/", login.session_state, name="session_state"),
    path("session/forlang/", login.session_extend, name="session_extend"),
    path("fullmakt/", acting.choose_represented, name="choose_represented"),
    path("personal/fyll-i-at/", acting.fill_in_for, name="fill_in_for"),
    path("personal/fyll-i-at/sluta/", acting.stop_filling_in, name="stop_filling_in"),
    path("admin-kommun/personal/", staff.staff_list, name="staff_list"),
    path("admin-kommun/personal/ny/", staff.staff_add, name="staff_add"),
    path("admin-kommun/personal/<uuid:staff_id>/", staff.staff_detail, name="staff_detail"),
    path("admin-kommun/personal/<uuid:staff_id>/konto/", staff.staff_active, name="staff_active"),
    path(
        "admin-kommun/personal/<uuid:staff_id>/roller/<uuid:membership_id>/avsluta/",
        staff.membership_end,
        name="membership_end",
    ),
    path("api/v1/token", token.token, name="api_token"),
]
