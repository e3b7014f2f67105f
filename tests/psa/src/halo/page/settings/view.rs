//! What the settings page shows, ready for its template.

use askama::Template;

use crate::halo::behaviour::{AgentList, DefaultSiteRule, Lag};
use crate::halo::misbehaviour::{MISDEEDS, Random, RetryAfter, RuleState};
use crate::halo::page::view::{Desk, desk, tone};
use crate::halo::rights::{AgentlessLookups, INTEGRATION_SCOPES};
use crate::halo::seed::LoginType;
use crate::halo::store::Store;
use crate::halo::webhooks::{Authentication, DeliveryRecord, Event, Payload, Webhook};

/// Deliveries the page lists; the ledger has all.
const DELIVERIES_SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "halo/settings.html")]
pub(super) struct Settings {
    desk: Desk,
    key: String,
    message: String,
    application: String,
    scopes: Vec<Choice>,
    withdraw: bool,
    logins: Vec<Choice>,
    agentless: Vec<Choice>,
    permissions: Vec<Choice>,
    under_scoped: Vec<Choice>,
    default_site: Vec<Choice>,
    default_site_refusal: Vec<Choice>,
    mandatory: Vec<Mandatory>,
    statuses: Vec<Choice>,
    agent_list: Vec<Choice>,
    index_lag: LagFields,
    action_lag: LagFields,
    switches: Switches,
    limit: Limit,
    misdeeds: Vec<Choice>,
    rules: Vec<RuleRow>,
    random: Option<Random>,
    held: usize,
    webhooks: Vec<WebhookRow>,
    deliveries: Vec<DeliveryRecord>,
}

/// One of several values, or one box.
struct Choice {
    value: String,
    label: String,
    on: bool,
}

struct Mandatory {
    field: String,
    label: String,
    names: String,
}

struct LagFields {
    kinds: Vec<Choice>,
    amount: u32,
}

/// The plain yes-or-no switches and numbers.
struct Switches {
    customers_need_crm: bool,
    outcome_required: bool,
    site_required_with_user: bool,
    opening_action: bool,
    refuse_unknown_fields: bool,
    tenant_from_host: bool,
    page_cap: u32,
    token_lifetime: u32,
}

struct Limit {
    on: bool,
    requests: u32,
    window: u32,
    retry_after: String,
}

struct RuleRow {
    misdeed: &'static str,
    calls: String,
    how: String,
    matched: u32,
    struck: u32,
}

struct WebhookRow {
    id: String,
    name: String,
    url: String,
    tells: String,
    active: bool,
}

fn choices<const N: usize>(chosen: &str, all: [(&str, &str); N]) -> Vec<Choice> {
    all.into_iter()
        .map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            on: value == chosen,
        })
        .collect()
}

pub(super) fn settings(store: &Store, message: &str) -> Settings {
    let behaviour = &store.behaviour;
    let misbehaviour = store.misbehaviour.state();
    let application = store.seed.applications.iter().find(|it| it.active);
    let limit = behaviour.rate_limit;
    Settings {
        desk: desk(store, "settings"),
        key: store.form_key.clone(),
        message: message.to_owned(),
        application: application.map_or_else(String::new, |it| it.name.clone()),
        scopes: scopes(store),
        withdraw: !behaviour.withdrawn_scopes.is_empty(),
        logins: logins(store),
        agentless: choices(
            match behaviour.agentless_lookups {
                AgentlessLookups::Refused => "refused",
                AgentlessLookups::Empty => "empty",
            },
            [
                ("refused", "403 without a body"),
                ("empty", "200 with an empty list"),
            ],
        ),
        permissions: permissions(store),
        under_scoped: choices(
            &behaviour.under_scoped_status.to_string(),
            [("401", "401"), ("403", "403")],
        ),
        default_site: choices(
            match behaviour.default_site_rule {
                DefaultSiteRule::Allow => "allow",
                DefaultSiteRule::Reject => "reject",
                DefaultSiteRule::AcceptButDrop => "accept-but-drop",
            },
            [
                ("allow", "Unchecked: notes are stored"),
                ("reject", "Checked: notes are refused"),
                (
                    "accept-but-drop",
                    "Checked: notes are answered as stored and lost",
                ),
            ],
        ),
        default_site_refusal: choices(
            &behaviour.default_site_refusal.to_string(),
            [("400", "400"), ("403", "403")],
        ),
        mandatory: mandatory(store),
        statuses: choices(
            &behaviour.success_status.to_string(),
            [("201", "201 (newest schema)"), ("200", "200 (older schemas)")],
        ),
        agent_list: choices(
            match behaviour.agent_list {
                AgentList::Array => "array",
                AgentList::Envelope => "envelope",
            },
            [("array", "bare array"), ("envelope", "{record_count, agents}")],
        ),
        index_lag: lag(behaviour.index_lag),
        action_lag: lag(behaviour.action_lag),
        switches: Switches {
            customers_need_crm: behaviour.customers_need_crm,
            outcome_required: behaviour.outcome_required,
            site_required_with_user: behaviour.site_required_with_user,
            opening_action: behaviour.opening_action,
            refuse_unknown_fields: behaviour.refuse_unknown_fields,
            tenant_from_host: behaviour.tenant_from_host,
            page_cap: behaviour.page_cap,
            token_lifetime: behaviour.token_lifetime_seconds,
        },
        limit: Limit {
            on: limit.is_some(),
            requests: limit.map_or(crate::halo::RATE_LIMIT_REQUESTS, |limit| limit.requests),
            window: limit.map_or(crate::halo::RATE_LIMIT_WINDOW_SECONDS, |limit| {
                limit.window_seconds
            }),
            retry_after: limit
                .and_then(|limit| limit.retry_after_seconds)
                .map_or_else(String::new, |seconds| seconds.to_string()),
        },
        misdeeds: MISDEEDS
            .into_iter()
            .map(|misdeed| Choice {
                value: misdeed.name().to_owned(),
                label: misdeed.name().replace('-', " "),
                on: misbehaviour
                    .random
                    .as_ref()
                    .is_some_and(|random| random.among.contains(&misdeed)),
            })
            .collect(),
        rules: misbehaviour.rules.iter().map(rule_row).collect(),
        random: misbehaviour.random,
        held: misbehaviour.held,
        webhooks: store
            .webhooks
            .webhooks()
            .map(|(webhook, _)| webhook_row(webhook))
            .collect(),
        deliveries: store
            .webhooks
            .log()
            .iter()
            .rev()
            .take(DELIVERIES_SHOWN)
            .cloned()
            .collect(),
    }
}

/// The integration's scopes, those that stand for several, and whatever else is ticked.
fn scopes(store: &Store) -> Vec<Choice> {
    let application = store.seed.applications.iter().find(|it| it.active);
    let seeded = application.map_or(&[][..], |it| it.scopes.as_slice());
    let ticked = store.behaviour.application_scopes.as_deref().unwrap_or(seeded);
    let known = INTEGRATION_SCOPES
        .into_iter()
        .chain(["all", "all:standard", "admin"]);
    let mut names: Vec<&str> = known.collect();
    for scope in ticked {
        if !names.contains(&scope.as_str()) {
            names.push(scope);
        }
    }
    let on = |name: &str| {
        ticked.iter().any(|scope| scope == name)
            && !store.behaviour.withdrawn_scopes.iter().any(|scope| scope == name)
    };
    names
        .into_iter()
        .map(|name| Choice {
            value: name.to_owned(),
            label: name.to_owned(),
            on: on(name),
        })
        .collect()
}

fn logins(store: &Store) -> Vec<Choice> {
    let now = match store.behaviour.login {
        None => "seeded".to_owned(),
        Some(login) if login.login_type != LoginType::Agent => "none".to_owned(),
        Some(login) => login
            .agent_id
            .map_or_else(|| "missing".to_owned(), |id| id.to_string()),
    };
    let fixed = [
        ("seeded", "As each application was set up"),
        ("none", "Login Type other than Agent"),
        ("missing", "Agent, but none chosen"),
    ];
    let mut all = choices(&now, fixed);
    all.extend(
        store
            .seed
            .agents
            .iter()
            .filter(|it| it.id != 1)
            .map(|agent| Choice {
                value: agent.id.to_string(),
                label: match agent.disabled {
                    true => format!("Agent: {} (disabled)", agent.name),
                    false => format!("Agent: {}", agent.name),
                },
                on: now == agent.id.to_string(),
            }),
    );
    all
}

fn permissions(store: &Store) -> Vec<Choice> {
    let agent = store.behaviour.agent_permissions;
    [
        ("read_tickets", "See tickets", agent.read_tickets),
        ("edit_tickets", "Add and edit tickets", agent.edit_tickets),
        ("add_actions", "Add actions (notes)", agent.add_actions),
        ("read_customers", "See customers", agent.read_customers),
        ("read_assets", "See assets", agent.read_assets),
    ]
    .into_iter()
    .map(|(value, label, on)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        on,
    })
    .collect()
}

fn mandatory(store: &Store) -> Vec<Mandatory> {
    let names = |id: Option<i64>| {
        let rules = &store.behaviour.mandatory_fields;
        let rule = rules.iter().find(|rule| rule.ticket_type_id == id);
        rule.map_or_else(String::new, |rule| rule.fields.join(", "))
    };
    let of_types = store.seed.ticket_types.iter().map(|kind| Mandatory {
        field: format!("mandatory-{}", kind.id),
        label: kind.name.clone(),
        names: names(Some(kind.id)),
    });
    let every = Mandatory {
        field: "mandatory".to_owned(),
        label: "Every other type".to_owned(),
        names: names(None),
    };
    of_types.chain([every]).collect()
}

fn lag(lag: Lag) -> LagFields {
    let (kind, amount) = match lag {
        Lag::None => ("none", 0),
        Lag::Seconds(amount) => ("seconds", amount),
        Lag::Searches(amount) => ("searches", amount),
    };
    let kinds = [
        ("none", "none"),
        ("seconds", "seconds"),
        ("searches", "list calls"),
    ];
    LagFields {
        kinds: choices(kind, kinds),
        amount,
    }
}

fn rule_row(state: &RuleState) -> RuleRow {
    let rule = &state.rule;
    let mut how: Vec<String> = Vec::new();
    if rule.apply == Some(true) {
        how.push("carried out all the same".to_owned());
    }
    if rule.skip > 0 {
        how.push(format!("after {}", rule.skip));
    }
    how.extend(rule.count.map(|count| format!("{count} times")));
    if rule.probability < 1.0 {
        how.push(format!("chance {} (seed {})", rule.probability, rule.seed));
    }
    match rule.retry_after {
        RetryAfter::Absent => {}
        RetryAfter::Seconds(seconds) => how.push(format!("Retry-After {seconds} s")),
        RetryAfter::Date(seconds) => how.push(format!("Retry-After as a date {seconds} s ahead")),
    }
    how.extend(rule.location.as_ref().map(|to| format!("to {to}")));
    RuleRow {
        misdeed: rule.misdeed.name(),
        calls: format!(
            "{} {}",
            rule.method.as_deref().unwrap_or("any"),
            rule.path.as_deref().unwrap_or("/**")
        ),
        how: how.join(" · "),
        matched: state.matched,
        struck: state.struck,
    }
}

fn webhook_row(webhook: &Webhook) -> WebhookRow {
    let payload = match webhook.payload {
        Payload::KeyFields => "key fields",
        Payload::FullObject => "full object",
        Payload::EventOnly => "event only",
    };
    let authentication = match &webhook.authentication {
        Authentication::None => "no authentication",
        Authentication::Basic { .. } => "Basic",
        Authentication::Bearer { .. } => "Bearer",
    };
    let events: Vec<&str> = webhook.events.iter().map(|event| Event::name(*event)).collect();
    let batch = webhook.batch.map_or_else(String::new, |batch| {
        format!(" · up to {} per array, {} s", batch.limit, batch.delay_seconds)
    });
    WebhookRow {
        id: webhook.id.to_string(),
        name: webhook.name.clone(),
        url: webhook.url.clone(),
        tells: format!("{} · {payload} · {authentication}{batch}", events.join(", ")),
        active: webhook.active,
    }
}
