"""The world that a desk begins with: migrations and these rows, made once and copied."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk_settings")

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from helpdesk.models import CustomField, Queue, Ticket

call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)

users = get_user_model().objects
for username, password, first, last, email, staff in (
    # Whom Helpbell signs in as: staff, because the API takes nobody else.
    ("helpbell", "desk:secret-1", "", "", "helpbell@msp.example", True),
    ("agnes", "agnes-secret", "Agnes", "Agent", "agnes@msp.example", True),
    # By whom tests look at what is there.
    ("witness", "witness-secret", "Wilma", "Witness", "witness@msp.example", True),
    ("maria", "maria-secret", "Maria", "Rossi", "maria.rossi@bianchi.example", False),
):
    users.create_user(username, email, password, first_name=first, last_name=last, is_staff=staff)

general = Queue.objects.create(title="General", slug="general", allow_public_submission=True)
Queue.objects.create(title="Network & Wi-Fi", slug="net", allow_public_submission=True)
Queue.objects.create(title="Billing", slug="bill", allow_public_submission=False)

for order, (name, label, kind, values) in enumerate(
    (
        ("hostname", "Computer", "varchar", None),
        ("site", "Site", "list", "Milan\nTurin\nRome"),
        ("seats", "Seats", "integer", None),
    )
):
    CustomField.objects.create(
        name=name, label=label, data_type=kind, list_values=values, max_length=60, ordering=order, staff_only=True
    )

# Somebody else's ticket, so that the first press's is not the only one.
Ticket.objects.create(
    queue=general, title="The coffee machine", description="It leaks.", submitter_email="luca@bianchi.example"
)
