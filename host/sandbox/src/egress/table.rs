//! The table of `table.txt`, tried line by line and written into `docs/egress.md`: what is documented is what
//! was tested.

use super::{
    address::{self, AddressDenied, Class},
    policy::{Base, Cure, NetworkGrant, Policy, decide},
};
use helpbell_model::connector::{RequestEffect, RequestTemplate};
use std::{fmt::Write as _, net::IpAddr, path::PathBuf, sync::Arc};

const TABLE: &str = include_str!("table.txt");

/// The requests must be at least so many, to be called a table.
const REQUEST_CASES: usize = 120;

/// A line of a section, and the group it stands in.
struct Row {
    group: &'static str,
    columns: Vec<&'static str>,
    line: usize,
}

/// The lines of one section.
fn rows(section: &str) -> Vec<Row> {
    let (mut here, mut group) = (false, "");
    let mut rows = vec![];
    for (index, text) in TABLE.lines().enumerate() {
        if text.starts_with('[') {
            here = text == format!("[{section}]");
        } else if let Some(heading) = text.strip_prefix("## ") {
            group = heading;
        } else if here && !text.is_empty() && !text.starts_with('#') {
            rows.push(Row {
                group,
                columns: text.split(" | ").map(str::trim).collect(),
                line: index + 1,
            });
        }
    }
    rows
}

fn template(origin: &str, method: &str, path: &str) -> RequestTemplate {
    RequestTemplate {
        origin: origin.into(),
        method: method.into(),
        path: path.into(),
        effect: RequestEffect::Read,
        refusals: vec![],
        purpose: String::new(),
    }
}

/// The connector of the table, as the operator granted it.
fn policy(grant: &str, address: &str) -> Policy {
    let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let network = NetworkGrant {
        allow_http: grant.contains('+'),
        allow_addresses: match grant {
            "own+lan" => ranges(&["10.0.0.0/8", "127.0.0.1/32", "::1/128", "fd00::/8"]),
            "own+all" => ranges(&["0.0.0.0/0", "::/0"]),
            "standard" | "+http" | "own" | "own+http" => vec![],
            other => panic!("there is no grant {other:?}"),
        },
    };
    if grant.starts_with("own") {
        let url = url::Url::parse(address).unwrap();
        let origin = Base::parse(&url.origin().ascii_serialization()).unwrap();
        return Policy {
            origins: vec![("own".into(), origin)],
            requests: Arc::new(vec![template("own", "GET", "/x")]),
            network,
            ..Policy::default()
        };
    }
    let origins = [
        ("api", "https://halo.example.com/api"),
        ("auth", "https://auth.example.com"),
        ("psa", "https://psa.example.com:8443/v1"),
        ("idn", "https://bücher.example"),
    ];
    let requests = vec![
        template("api", "GET", "/Users"),
        template("api", "GET", "/Tickets/{id}"),
        template("api", "GET", "/Tickets/{id}/Actions"),
        template("api", "POST", "/Tickets"),
        template("api", "PUT", "/Tickets/{id}"),
        template("api", "GET", "/Lists/"),
        template("auth", "POST", "/token"),
        template("psa", "GET", "/x"),
        template("idn", "GET", "/x"),
    ];
    let mut declared = requests.clone();
    declared.push(template("api", "DELETE", "/Tickets/{id}"));
    Policy {
        origins: origins
            .map(|(name, base)| (name.to_owned(), Base::parse(base).unwrap()))
            .into(),
        requests: Arc::new(requests),
        declared: Arc::new(declared),
        network,
        reads_only: false,
    }
}

#[test]
fn every_request_of_the_table_leaves_or_stays_as_it_says() {
    let rows = rows("requests");
    assert!(rows.len() >= REQUEST_CASES, "{} cases", rows.len());
    let mut wrong = vec![];
    for Row { columns, line, .. } in &rows {
        let [grant, method, address, outcome, cure] = columns[..] else {
            panic!("line {line} has not five columns");
        };
        let policy = policy(grant, address);
        let (told, told_cure) = match decide(&policy, method, address) {
            Ok(allowed) => (format!("leaves by {}", allowed.template.path), None),
            Err(denied) => (format!("stays: {}", denied.reason), denied.cure),
        };
        let told_cure = told_cure.map_or("-".to_owned(), |cure| match cure {
            Cure::Line { line, .. } => line,
            Cure::Command(command) => command.to_owned(),
        });
        let as_said = match outcome.strip_prefix("stays: ") {
            Some(words) => told.starts_with("stays: ") && told.contains(words),
            None => told == outcome,
        };
        if !as_said || told_cure != cure {
            wrong.push(format!("line {line}: {method} {address}: {told}; {told_cure}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

/// The control: a policy that compares no paths and no addresses lets most of them out.
#[test]
fn without_the_policy_the_table_would_fail() {
    let staying = rows("requests")
        .into_iter()
        .filter(|row| row.columns[3].starts_with("stays"))
        .filter(|row| {
            // What a host does that trusts the URL and checks that a name is on a list.
            url::Url::parse(row.columns[2]).is_ok_and(|url| {
                let listed = ["halo.example.com", "auth.example.com", "psa.example.com"];
                row.columns[0].starts_with("own") || url.host_str().is_some_and(|host| listed.contains(&host))
            })
        });
    assert!(staying.count() > REQUEST_CASES / 2);
}

/// `global`, `granted` (needs a grant) or `never`.
fn judged(address: IpAddr) -> &'static str {
    match address::classify(address) {
        Class::Global => "global",
        Class::Private(_) => "granted",
        Class::Forbidden(_) => "never",
    }
}

#[test]
fn every_range_of_the_table_begins_and_ends_where_it_says() {
    let everything = ["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
    for Row { columns, line, .. } in rows("ranges") {
        let [range, kind, class, first, last, below, above] = columns[..] else {
            panic!("line {line} has not seven columns");
        };
        let network: ipnet::IpNet = range.parse().unwrap();
        let inside = [first, last].map(|text| text.parse::<IpAddr>().unwrap());
        for address in inside {
            assert!(
                network.contains(&address),
                "line {line}: {address} is not in {range}"
            );
            assert_eq!(judged(address), class, "line {line}: {address}");
            let (Class::Private(said) | Class::Forbidden(said)) = address::classify(address) else {
                panic!("line {line}: {address} is global");
            };
            let mapped = network.to_string() == "::ffff:0.0.0.0/96";
            assert!(mapped || said.contains(kind), "line {line}: {address} is {said}");
            // A grant of everything opens what can be granted and nothing else.
            let opened = address::check(address, &everything);
            assert_eq!(opened.is_ok(), class == "granted", "line {line}: {address}");
            assert!(matches!(opened, Ok(()) | Err(AddressDenied::Never { .. })));
            if let IpAddr::V4(v4) = address {
                assert_eq!(
                    judged(v4.to_ipv6_mapped().into()),
                    class,
                    "line {line}: ::ffff:{v4}"
                );
            }
        }
        for neighbour in [below, above].into_iter().filter(|neighbour| *neighbour != "-") {
            let (address, class) = neighbour.split_once(' ').unwrap();
            assert_eq!(judged(address.parse().unwrap()), class, "line {line}: {address}");
        }
    }
}

const GUIDE: &str = "docs/egress.md";

/// Writes the tables into the guide when told to; otherwise they must stand there.
const UPDATE: &str = "HELPBELL_UPDATE_DOCS";

#[test]
fn the_guide_shows_what_was_tested() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(GUIDE);
    let guide = std::fs::read_to_string(&path).unwrap();
    let mut wanted = guide.clone();
    for (section, head) in [
        (
            "requests",
            "| grant | request | outcome | what the operator is told |\n|---|---|---|---|\n",
        ),
        (
            "ranges",
            "| range | is | reachable | first, last | below, above |\n|---|---|---|---|---|\n",
        ),
    ] {
        let (begin, end) = (
            format!("<!-- {section} -->\n"),
            format!("<!-- end of {section} -->"),
        );
        let (before, rest) = wanted.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        wanted = format!("{before}{begin}{}{end}{after}", render(section, head));
    }
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        wanted,
        "{GUIDE} is not what table.txt says; run this test with {UPDATE}=1"
    );
}

fn render(section: &str, head: &str) -> String {
    let mut text = String::new();
    let mut group = "";
    let code = |text: &str| {
        if text == "-" {
            String::new()
        } else {
            format!("`{text}`")
        }
    };
    for row in rows(section) {
        if row.group != group {
            group = row.group;
            let _ = write!(text, "\n**{group}**\n\n{head}");
        }
        match row.columns[..] {
            [grant, method, address, outcome, cure] => {
                let _ = writeln!(
                    text,
                    "| {grant} | `{method} {address}` | {outcome} | {} |",
                    code(cure)
                );
            }
            [range, kind, class, first, last, below, above] => {
                let class = if class == "granted" {
                    "within a granted range"
                } else {
                    class
                };
                let _ = writeln!(
                    text,
                    "| `{range}` | {kind} | {class} | `{first}`, `{last}` | {below}, {above} |"
                );
            }
            _ => panic!("line {} has another number of columns", row.line),
        }
    }
    text.push('\n');
    text
}
