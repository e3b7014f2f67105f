//! Proxies of the environment, which programs without a window go by, on every system.

use super::proxy::{self, Settings};

/// `None` if nothing is set.
pub(super) fn settings() -> Option<Settings> {
    of(&|name| std::env::var(name).ok())
}

/// Small letters come first, as in curl.
fn of(get: &dyn Fn(&str) -> Option<String>) -> Option<Settings> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&str, &str)]) -> Option<Settings> {
        of(&|name| {
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
}
