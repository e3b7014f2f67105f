"""django-helpdesk's webhooks: `{"ticket": {…}, "queue_slug": "general", "followup_id": 2}`, sent for new tickets and
for follow-ups. They carry no signature; user and password in the webhook's address arrive as Basic."""

import json

from helpbell_connector import Delivery, Failure, Hook
from helpbell_connector.webhook import Authorized, authorized

_CURE = (
    "Write the address into HELPDESK_NEW_TICKET_WEBHOOK_URLS and HELPDESK_FOLLOWUP_WEBHOOK_URLS as "
    "https://user:password@…, with the user and password that Helpbell shows."
)


def parse(delivery: Delivery, secret: str | None) -> Hook:
    """Verifies a delivery and reads the ticket's id."""
    if secret and authorized(delivery, secret) is not Authorized.YES:
        raise Failure("auth", "django-helpdesk.webhook-secret", "the webhook does not carry the secret", help=_CURE)
    try:
        ticket = json.loads(delivery.body)["ticket"]["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        ticket = None
    if delivery.method != "POST" or isinstance(ticket, bool) or not isinstance(ticket, int) or ticket < 1:
        raise Failure("invalid-input", "django-helpdesk.webhook-form", "the webhook names no ticket of django-helpdesk")
    return Hook([str(ticket)])
