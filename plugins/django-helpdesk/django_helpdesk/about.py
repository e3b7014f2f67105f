"""What the connector is and what it wants."""

from helpbell_connector import (
    Description,
    FromSetting,
    Limits,
    Origin,
    Refusal,
    Secret,
    Setting,
    Strong,
    Variable,
    effect,
    read,
)

#: Setting and origin: where django-helpdesk is, with the path it was put under.
SERVER = "server"
#: Setting: the queue of tickets for which no default or rule names one.
QUEUE = "queue"
#: Setting: which endings of file names this desk takes.
ENDINGS = "file-endings"
#: Setting: the custom field that takes the computer's name.
HOSTNAME_FIELD = "hostname-field"
#: Secret: user and password.
API_KEY = "api-key"

TICKETS, FOLLOWUPS = "/api/tickets/", "/api/followups/"
#: What django-helpdesk 2.6 takes unless HELPDESK_VALID_EXTENSIONS says otherwise.
STOCK_ENDINGS = ".txt .asc .pdf .doc .docx .odt .jpg .png .eml"

# Characters of a title: the column's width.
_TITLE_CHARS = 200
# Bytes of the files of one note. django-helpdesk has no limit of its own; what stands before it has one.
_NOTE_BYTES = 20 * 1024 * 1024
# django-helpdesk answers 400 before it keeps anything.
_REFUSED = [Refusal(400)]


def description() -> Description:
    """Everything the host must know."""
    return Description(
        id="django-helpdesk",
        name="django-helpdesk",
        version="0.1.0",
        summary="Files tickets with private follow-ups and reports in django-helpdesk.",
        settings=[
            Setting(
                SERVER,
                "Address",
                "Where your django-helpdesk is, as in the browser on its dashboard, without dashboard/.",
                kind="url",
                required=True,
                example="https://desk.example.com",
            ),
            Setting(
                QUEUE,
                "Queue",
                "The title of the queue for new tickets, as shown in django-helpdesk. A default or a rule may name another.",
                required=True,
                example="General",
            ),
            Setting(
                HOSTNAME_FIELD,
                "Custom field for the computer",
                "Name of the custom field that takes the computer's name, such as hostname. Empty: none.",
                example="hostname",
            ),
            Setting(
                ENDINGS,
                "File endings",
                "The endings in HELPDESK_VALID_EXTENSIONS of your settings. A file with another one is sent with .txt "
                "added, because django-helpdesk would refuse it.",
                default=STOCK_ENDINGS,
                example=f"{STOCK_ENDINGS} .html .json",
            ),
        ],
        secrets=[
            Secret(
                API_KEY,
                "User and password",
                "user:password of a user of its own with the mark Staff status, made under Admin > Users. The API must "
                "be on: HELPDESK_ACTIVATE_API_ENDPOINT = True.",
                example="helpbell:correct-horse-battery",
            )
        ],
        origins=[Origin(SERVER, FromSetting(SERVER))],
        requests=[
            read(SERVER, "GET", TICKETS, "know queues, priorities, agents and custom fields by name; find a ticket again"),
            read(SERVER, "GET", TICKETS + "{id}/", "show a ticket as it stands"),
            read(SERVER, "GET", FOLLOWUPS, "find a press's ticket again"),
            effect(SERVER, "POST", TICKETS, "file the ticket", _REFUSED),
            effect(SERVER, "POST", FOLLOWUPS, "add the private follow-up with the report", _REFUSED),
            effect(SERVER, "PATCH", TICKETS + "{id}/", "close a duplicate or a test ticket", _REFUSED),
        ],
        auth_requests=[read(SERVER, "GET", FOLLOWUPS, "see whether user and password are right")],
        # Not private-attachments: whoever has a file's address gets it. Not contacts: the API lists nobody.
        capabilities=["private-notes", "close"],
        limits=Limits(_TITLE_CHARS, _NOTE_BYTES, _NOTE_BYTES),
        lookup=Strong(),
    )


def variables() -> list[Variable]:
    """What rules and defaults may set."""
    return [
        Variable("queue", "The queue, by its title.", live=True),
        Variable("priority", "The priority: Critical, High, Normal, Low, Very Low.", live=True),
        Variable("agent", "The user the ticket is assigned to, by user name.", live=True),
        Variable("customfields", "Custom fields, one `name : value` a line. `custom_<name>` is the value of one."),
    ]
