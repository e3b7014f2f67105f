//! Proxies of the environment and of the desktop; NetworkManager's opinion.

use super::proxy::{self, Settings};
use crate::probes::linux::programs::Programs;
use std::{path::Path, time::Duration};

pub(super) fn settings(limit: Duration) -> Settings {
    of_environment(&|name| std::env::var(name).ok())
        .unwrap_or_else(|| of_desktop(&Programs::below(Path::new("/"), limit)))
}

/// What the system thinks.
pub(super) fn says(limit: Duration) -> Option<String> {
    connectivity(&Programs::below(Path::new("/"), limit))
}

/// What most programs without a window go by; `None` if nothing is set. Small letters come first, as in curl.
pub(super) fn of_environment(get: &dyn Fn(&str) -> Option<String>) -> Option<Settings> {
    let either = |name: &str| {
        get(name)
            .or_else(|| get(&name.to_uppercase()))
            .filter(|value| !value.is_empty())
    };
    let proxy = ["https_proxy", "all_proxy", "http_proxy"]
        .into_iter()
        .find_map(|name| proxy::parse(&either(name)?))?;
    Some(Settings {
        proxy: Some(proxy),
        script: None,
        except: proxy::exceptions(&either("no_proxy").unwrap_or_default()),
    })
}

/// What the desktop's settings say: GNOME's, which others share.
fn of_desktop(programs: &Programs) -> Settings {
    programs
        .ask("gsettings", &["list-recursively", "org.gnome.system.proxy"])
        .and_then(|printed| printed.if_it_went_well("gsettings"))
        .map(|text| of_gsettings(&text))
        .unwrap_or_default()
}

/// Rows of `schema key value`, where texts are quoted.
fn of_gsettings(text: &str) -> Settings {
    let value = |schema: &str, key: &str| {
        let value = text.lines().find_map(|row| {
            row.strip_prefix(schema)?
                .strip_prefix(' ')?
                .strip_prefix(key)?
                .strip_prefix(' ')
        });
        value
            .map(|value| value.trim().trim_matches('\''))
            .unwrap_or_default()
    };
    let of = |schema: &str| {
        let host = value(&format!("org.gnome.system.proxy.{schema}"), "host");
        let port = value(&format!("org.gnome.system.proxy.{schema}"), "port");
        (!host.is_empty())
            .then(|| proxy::parse(&format!("{host}:{port}")))
            .flatten()
    };
    match value("org.gnome.system.proxy", "mode") {
        "manual" => Settings {
            proxy: of("https").or_else(|| of("http")),
            script: None,
            except: proxy::exceptions(
                &value("org.gnome.system.proxy", "ignore-hosts").replace(['[', ']', '\''], ""),
            ),
        },
        "auto" => Settings {
            script: Some(value("org.gnome.system.proxy", "autoconfig-url").to_owned())
                .filter(|url| !url.is_empty()),
            ..Settings::default()
        },
        _ => Settings::default(),
    }
}

fn connectivity(programs: &Programs) -> Option<String> {
    let printed = programs
        .ask("nmcli", &["-t", "networking", "connectivity"])
        .ok()?;
    let says = match printed.if_it_went_well("nmcli").ok()?.trim() {
        "full" => "internet",
        "limited" => "connected, but no internet",
        "portal" => "a sign-in page is in the way",
        "none" => "not connected",
        // It has not looked.
        _ => return None,
    };
    Some(says.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    /// Longer than any test run.
    const AMPLE: Duration = Duration::from_secs(600);

    const GSETTINGS: &str = "org.gnome.system.proxy autoconfig-url 'http://wpad.corp.example/proxy.pac'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '*.corp.example']
org.gnome.system.proxy mode 'MODE'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host ''
org.gnome.system.proxy.ftp port 0
org.gnome.system.proxy.http authentication-password 's3cret'
org.gnome.system.proxy.http host 'web.corp.example'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host 'secure.corp.example'
org.gnome.system.proxy.https port 3128
";

    fn environment(pairs: &'static [(&str, &str)]) -> Option<Settings> {
        of_environment(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read_as_programs_read_it() {
        let settings = environment(&[
            ("HTTPS_PROXY", "http://maria:s3cret@proxy.corp.example:3128"),
            ("http_proxy", "http://other:1"),
            ("no_proxy", "localhost,.corp.example"),
        ])
        .unwrap();
        assert_eq!(
            settings.proxy.as_ref().unwrap().to_string(),
            "proxy.corp.example:3128"
        );
        assert!(
            settings.proxy_for("desk.corp.example").is_none() && settings.proxy_for("a.example").is_some()
        );
        assert_eq!(
            environment(&[("http_proxy", "web:80")])
                .unwrap()
                .proxy
                .unwrap()
                .to_string(),
            "web:80"
        );
        assert_eq!(environment(&[("https_proxy", "")]), None);
        assert_eq!(environment(&[]), None);
    }

    #[test]
    fn the_desktop_has_a_proxy_a_script_or_neither() {
        let of = |mode| of_gsettings(&GSETTINGS.replace("MODE", mode));
        let manual = of("manual");
        assert_eq!(
            manual.proxy.as_ref().unwrap().to_string(),
            "secure.corp.example:3128"
        );
        assert!(manual.proxy_for("desk.corp.example").is_none() && manual.script.is_none());
        let auto = of("auto");
        assert_eq!(auto.script.as_deref(), Some("http://wpad.corp.example/proxy.pac"));
        assert_eq!(auto.proxy, None);
        assert_eq!(of("none"), Settings::default());
    }

    #[test]
    fn network_managers_opinion_is_told_in_words() {
        let says = |script: &str| {
            let machine = MadeUp::machine().program("nmcli", script);
            connectivity(&Programs::below(machine.root(), AMPLE))
        };
        assert_eq!(says("echo full").as_deref(), Some("internet"));
        assert_eq!(
            says("echo portal").as_deref(),
            Some("a sign-in page is in the way")
        );
        assert_eq!(says("echo unknown"), None);
        assert_eq!(
            says("echo Error: NetworkManager is not running. >&2; exit 8"),
            None
        );
        let bare = MadeUp::machine();
        assert_eq!(connectivity(&Programs::below(bare.root(), AMPLE)), None);
    }

    #[test]
    fn a_desktop_that_never_answers_is_not_waited_for() {
        let machine = MadeUp::machine().program("gsettings", "sleep 1000");
        let programs = Programs::below(machine.root(), Duration::from_millis(50));
        assert_eq!(of_desktop(&programs), Settings::default());
    }

    proptest! {
        #[test]
        fn any_output_of_gsettings_is_read_without_a_crash(text in "(org.gnome.system.proxy|\\.https|mode|host|port|'| |manual|auto|\n|\\PC){0,40}") {
            of_gsettings(&text);
        }
    }
}
