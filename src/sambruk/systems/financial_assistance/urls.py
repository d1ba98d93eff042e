"""The system's addresses, under /ekonomiskt-bistand/."""

from django.urls import path

from sambruk.systems.financial_assistance import (
    views_calculation,
    views_debtor,
    views_payment,
    views_payments,
)

app_name = "financial_assistance"

urlpatterns = [
    path("arende/<uuid:case_id>/berakning/", views_calculation.save, name="save"),
    path("arende/<uuid:case_id>/berakning/oppna/", views_calculation.reopen, name="reopen"),
    path("installningar/betalare/", views_debtor.debtor, name="debtor"),
    path("utbetalningar/", views_payments.overview, name="payments"),
    path("utbetalningar/fil/", views_payments.create_file, name="create_file"),
    path("utbetalningar/<uuid:order_id>/", views_payment.payment, name="payment"),
    path("utbetalningar/<uuid:order_id>/godkann/", views_payment.approve, name="approve"),
    path("utbetalningar/<uuid:order_id>/lamna-tillbaka/", views_payment.give_back, name="give_back"),
    path("utbetalningar/<uuid:order_id>/stoppa/", views_payments.stop, name="stop"),
    path("utbetalningar/<uuid:order_id>/bestall-igen/", views_payments.order_again, name="order_again"),
]
