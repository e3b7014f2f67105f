//! Each misconfiguration that the setup guide warns of, or allows, and what the doctor says of it.

use super::*;

/// One misconfiguration: what is wrong, the settings and answers that make it so, and the finding.
struct Row<'a> {
    wrong: &'a str,
    settings: &'a [(&'a str, &'a str)],
    answers: &'a [(&'a str, u16, &'a str)],
    check: &'a str,
    severity: &'a str,
    says: &'a str,
    suggestion: Option<(&'a str, &'a str)>,
}

/// In place of a status: nothing was sent, because there is no token.
const NO_TOKEN: u16 = 0;

const NOTHING: Row<'_> = Row {
    wrong: "",
    settings: &[],
    answers: &[],
    check: "",
    severity: PROBLEM,
    says: "",
    suggestion: None,
};

#[test]
fn every_misconfiguration_of_the_guide_is_named_with_its_cure() {
    let no_agent = [
        ("/api/TicketType", 403, ""),
        ("/api/Agent", 403, ""),
        ("/api/Tickets", 403, ""),
    ];
    let inactive = users(&[&UNREGISTERED.replace("\"client_id\"", "\"inactive\":true,\"client_id\"")]);
    let homeless = users(&[r#"{"id":2,"emailaddress":"unregistered@helpdeskbuttons.com"}"#]);
    let twice = users(&[UNREGISTERED, UNREGISTERED]);
    let rows = [
        Row {
            wrong: "the servers are swapped",
            settings: &[
                ("resource-server", "https://acme.halopsa.com/auth"),
                ("authorisation-server", "https://acme.halopsa.com/api"),
            ],
            answers: &[("/auth/authinfo", 404, "")],
            check: "servers",
            says: "swapped",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "the Authorisation Server stands in both fields",
            settings: &[("resource-server", "https://acme.halopsa.com/auth")],
            answers: &[("/auth/authinfo", 404, "")],
            check: "servers",
            says: "address of the Authorisation Server",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "the Resource Server stands in both fields",
            settings: &[("authorisation-server", "https://acme.halopsa.com/api/")],
            answers: &[("/api/authinfo", NO_TOKEN, "")],
            check: "servers",
            says: "address of the Resource Server",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the Authorisation Server lacks its path",
            settings: &[("authorisation-server", "https://acme.halopsa.com")],
            answers: &[("/api/authinfo", NO_TOKEN, "")],
            check: "servers",
            says: "lacks its /auth",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the token address was pasted",
            settings: &[("authorisation-server", "https://acme.halopsa.com/auth/token/")],
            answers: &[("/api/authinfo", NO_TOKEN, "")],
            check: "servers",
            says: "/token",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the web page's address was pasted",
            settings: &[("resource-server", "https://acme.halopsa.com/tickets?area=1")],
            answers: &[("/tickets", 200, "<html><title>Halo</title></html>")],
            check: "servers",
            says: "not Halo's API",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "something else than Halo answers",
            answers: &[("/api/authinfo", 200, "<html><title>Router</title></html>")],
            check: "servers",
            says: "Router",
            ..NOTHING
        },
        Row {
            wrong: "an old Halo does not tell where its tokens come from",
            answers: &[("/api/authinfo", 404, "")],
            check: "servers",
            severity: NOTE,
            says: "not compared",
            ..NOTHING
        },
        Row {
            wrong: "another Halo's Authorisation Server was pasted",
            settings: &[("authorisation-server", "https://other.halopsa.com/auth")],
            check: "servers",
            severity: WARNING,
            says: "names https://acme.halopsa.com/auth",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "Cloud Hosted is chosen for an On-Prem Halo",
            answers: &[(
                "/api/authinfo",
                200,
                r#"{"auth_url":"https://acme.halopsa.com/auth","tenant_id":""}"#,
            )],
            check: "servers",
            severity: WARNING,
            says: "no tenant",
            suggestion: Some(("hosting", "on-prem")),
            ..NOTHING
        },
        Row {
            wrong: "the key carries another tenant",
            settings: &[("token:identity", "tenant akme, scopes read:tickets")],
            check: "servers",
            severity: WARNING,
            says: "the tenant acme",
            suggestion: Some(("api-key", "acme+client_id:client_secret")),
            ..NOTHING
        },
        Row {
            wrong: "the clock is wrong",
            answers: &[],
            check: "clock",
            severity: WARNING,
            says: "behind",
            ..NOTHING
        },
        Row {
            wrong: "no agent is selected",
            answers: &no_agent,
            check: "login-type",
            says: "does not work as an agent",
            ..NOTHING
        },
        Row {
            wrong: "no agent is selected, and Halo shows empty lists",
            answers: &[("/api/TicketType", 200, "[]"), ("/api/Agent", 200, "[]")],
            check: "login-type",
            says: "not a single ticket type",
            ..NOTHING
        },
        Row {
            wrong: "the agent may not see one list",
            answers: &[("/api/Agent", 403, "")],
            check: "login-type",
            severity: WARNING,
            says: "may not read every list",
            ..NOTHING
        },
        Row {
            wrong: "read:tickets is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:customers",
            )],
            answers: &[("/api/Tickets", 401, "")],
            check: "permission-read-tickets",
            says: "lacks the permission read:tickets",
            ..NOTHING
        },
        Row {
            wrong: "edit:tickets is missing",
            settings: &[(
                "token:identity",
                "scopes read:tickets read:assets read:crm read:customers",
            )],
            check: "permission-edit-tickets",
            says: "lacks the permission edit:tickets",
            ..NOTHING
        },
        Row {
            wrong: "read:customers is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-customers",
            says: "lacks the permission read:customers",
            ..NOTHING
        },
        Row {
            wrong: "read:customers is missing, and read:crm is not blamed for it",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-crm",
            severity: OK,
            says: "lacks read:customers",
            ..NOTHING
        },
        Row {
            wrong: "read:crm is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:customers read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-crm",
            says: "lacks the permission read:crm",
            ..NOTHING
        },
        Row {
            wrong: "read:crm is missing where nothing needs it",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:customers read:tickets",
            )],
            check: "permission-read-crm",
            severity: WARNING,
            says: "does not carry read:crm",
            ..NOTHING
        },
        Row {
            wrong: "read:assets is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:crm read:customers read:tickets",
            )],
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "lacks the permission read:assets",
            ..NOTHING
        },
        Row {
            wrong: "a permission is missing and the token does not tell",
            settings: &[("token:identity", "tenant acme, scopes all")],
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "read:assets is missing, or the selected agent",
            ..NOTHING
        },
        Row {
            wrong: "the agent may less than the application",
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "the agent may not use it",
            ..NOTHING
        },
        Row {
            wrong: "nobody can tell whether tickets may be edited",
            settings: &[("token:identity", "")],
            check: "permission-edit-tickets",
            severity: NOTE,
            says: "cannot be seen without writing",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact was not created",
            answers: &[("/api/Users", 200, r#"{"users":[]}"#)],
            check: "unregistered-contact",
            says: "no contact unregistered@helpdeskbuttons.com",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact has another address than the setting",
            settings: &[("unregistered-contact", "help@msp.example")],
            check: "unregistered-contact",
            says: "no contact help@msp.example",
            suggestion: Some(("unregistered-contact", "unregistered@helpdeskbuttons.com")),
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact is inactive",
            answers: &[("/api/Users", 200, &inactive)],
            check: "unregistered-contact",
            says: "is inactive",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact belongs nowhere",
            answers: &[("/api/Users", 200, &homeless)],
            check: "unregistered-contact",
            says: "no client and site",
            ..NOTHING
        },
        Row {
            wrong: "there are two unregistered contacts",
            answers: &[("/api/Users", 200, &twice)],
            check: "unregistered-contact",
            severity: WARNING,
            says: "2 contacts",
            ..NOTHING
        },
        Row {
            wrong: "a default does not exist in Halo",
            settings: &[("default:team", "1st Lin")],
            check: "defaults",
            severity: WARNING,
            says: "no team named 1st Lin",
            suggestion: Some(("default:team", "1st Line")),
            ..NOTHING
        },
        Row {
            wrong: "a default that the field cannot hold",
            settings: &[("default:impact", "low")],
            check: "defaults",
            severity: WARNING,
            says: "whole number",
            ..NOTHING
        },
        Row {
            wrong: "impact and urgency have no default",
            settings: &[("default:urgency", "")],
            check: "defaults",
            severity: NOTE,
            says: "impact and urgency",
            suggestion: Some(("default:urgency", "3")),
            ..NOTHING
        },
        Row {
            wrong: "the agent has no default",
            settings: &[("default:agent", "")],
            check: "defaults",
            severity: NOTE,
            says: "the agent",
            suggestion: Some(("default:agent", "Unassigned")),
            ..NOTHING
        },
        Row {
            wrong: "the outcome of the setting does not exist",
            settings: &[("private-note-outcome", "Privat Note")],
            check: "private-note-outcome",
            severity: WARNING,
            says: "no Outcome Privat Note",
            ..NOTHING
        },
        Row {
            wrong: "no outcome fits",
            answers: &[("/api/Outcome", 200, r#"[{"id":16,"outcome":"Email User"}]"#)],
            check: "private-note-outcome",
            says: "no Outcome for private notes",
            ..NOTHING
        },
        Row {
            wrong: "the outcomes may not be read",
            answers: &[("/api/Outcome", 403, "")],
            check: "private-note-outcome",
            severity: WARNING,
            says: "could not be read",
            ..NOTHING
        },
        Row {
            wrong: "tickets with the default Client/Site must be moved",
            check: "note-permission",
            severity: NOTE,
            says: "Tickets with the default Client/Site must be moved before working on the Ticket",
            ..NOTHING
        },
        Row {
            wrong: "there is no webhook",
            answers: &[(
                "/api/Webhook",
                200,
                r#"[{"name":"Other","url":"https://o.example"}]"#,
            )],
            check: "webhook",
            severity: NOTE,
            says: "no webhook",
            ..NOTHING
        },
        Row {
            wrong: "the webhook is off and sends a form",
            answers: &[(
                "/api/Webhook",
                200,
                r#"[{"url":"https://gw.example/hook/x","active":false,"content_type":"application/x-www-form-urlencoded"}]"#,
            )],
            check: "webhook",
            severity: WARNING,
            says: "not enabled, its Content Type is not application/json",
            ..NOTHING
        },
        Row {
            wrong: "the webhook lacks an event",
            answers: &[(
                "/api/Webhook",
                200,
                r#"[{"url":"https://gw.example/hook/x","events":[{"eventno":3,"name":"New Ticket Logged"}]}]"#,
            )],
            check: "webhook",
            severity: WARNING,
            says: "lacks the event Ticket Updated",
            ..NOTHING
        },
        Row {
            wrong: "webhooks may not be read",
            answers: &[("/api/Webhook", 403, "")],
            check: "webhook",
            severity: NOTE,
            says: "may not read whether there is a webhook",
            ..NOTHING
        },
    ];
    for row in rows {
        let host = healthy();
        for (path, status, body) in row.answers {
            host.forget_answers("GET", path);
            if *status == NO_TOKEN {
                host.fail("GET", path, Failure::auth("halo.invalid-client", "no token"));
            } else {
                host.answer("GET", path, *status, body);
            }
        }
        if row.check == "clock" {
            host.forget_answers("GET", "/api/authinfo");
            host.answer_with(
                "GET",
                "/api/authinfo",
                200,
                &[("date", "Sun, 06 Nov 1994 09:49:37 GMT")],
                AUTHINFO,
            );
        }
        let findings = found(&host, row.check, row.settings);
        let named = findings.iter().find(|finding| finding.summary.contains(row.says));
        let named = named.unwrap_or_else(|| panic!("{}: {findings:?}", row.wrong));
        assert_eq!(named.severity, row.severity, "{}: {}", row.wrong, named.summary);
        if let Some((setting, value)) = row.suggestion {
            let wanted = Some((setting.to_owned(), value.to_owned()));
            assert_eq!(named.suggestion, wanted, "{}", row.wrong);
        }
    }
}
