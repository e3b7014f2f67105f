"""The connector for {{title}}: a REST desk that takes tickets as JSON."""

from helpbell_connector import (
    Authorization, Call, Connector, Created, Description, Draft, Failure, FromSetting, Header, Limits, Origin,
    Placement, Secret, Secrets, Setting, Ticket, effect, export, marker,
)
from helpbell_connector.http import Request, address
from helpbell_connector.text import quote


@export
class Desk(Connector):
    """{{title}}."""

    def describe(self) -> Description:
        return Description(
            id="{{name}}",
            name="{{title}}",
            version="0.1.0",
            summary="Files tickets in {{title}}.",
            settings=[Setting("server", "Server", "Where {{title}} is.", kind="url", required=True, example="https://desk.example.com")],
            secrets=[Secret("api-key", "API key", "Made in {{title}} under Settings > API.", example="k-123")],
            origins=[Origin("api", FromSetting("server"))],
            requests=[effect("api", "POST", "/tickets", "file the ticket")],
            capabilities=["html"],
            limits=Limits(summary_chars=200),
        )

    def authenticate(self, call: Call, secrets: Secrets) -> Authorization:
        return Authorization([Placement("api", Header("Authorization"), f"Bearer {secrets.required('api-key')}")])

    def create(self, call: Call, draft: Draft) -> Created:
        body = {"title": draft.summary, "html": draft.body_html + marker.footer_html(call.reference)}
        answer = call.send(Request.json("POST", address(call.required("server"), "/tickets"), body))
        if not answer.ok:
            raise Failure(
                "invalid-input", "{{name}}.refused", f"{{title}} answered {answer.status}: “{quote(answer.text)}”",
                help="Check the required fields under Settings > Tickets.",
            )
        id = str(answer.json("{{title}}'s answer")["id"])
        return Created(Ticket(id, id, address(call.required("server"), f"/tickets/{id}")))
