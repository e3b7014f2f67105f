//! Takes secrets and names out of texts that others wrote into a log.
//!
//! A log's words are worth reading and were never meant to leave the machine. What looks like a password, a key, a
//! token, an address of a person or a home folder is replaced. Scrubbing always leaks: it is the last line behind
//! telling as little as possible, never a reason to tell more.

use helpbell_model::text::one_line;
use regex::{Captures, Regex, Replacer};
use std::sync::LazyLock;

/// What stands where something was taken out.
const HIDDEN: &str = "[hidden]";

/// Characters that are looked at. A shown text is cut far before, so that no half of a secret, which nobody would
/// recognise, stands at its end.
const LOOKED_AT: usize = 4000;

/// Words that are followed by a secret, as part of a name: `DB_PASSWORD`, `x-api-key`.
const SECRETS: &str = "passwo?r?d|passwd|passphrase|pwd|passwort|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|\
                       account[_-]?key|credentials?|authorization|cookie|signature";

/// A foreign text as it may stand in the report: on one line, without hidden characters, scrubbed, at most `max`
/// characters.
#[must_use]
pub(crate) fn scrubbed_line(text: &str, max: usize) -> String {
    let head: String = text.chars().take(LOOKED_AT).collect();
    // First without hidden characters: one within a secret would keep it from being recognised.
    let line: String = one_line(&head, LOOKED_AT);
    one_line(&scrubbed(&line), max)
}

/// The text without what looks like a secret, without addresses of people and devices, and with the owners of home
/// folders taken out.
fn scrubbed(text: &str) -> String {
    let mut text = text.to_owned();
    for rule in RULES.iter() {
        text = rule.apply(&text);
    }
    homes(&text)
}

/// `/home/maria/x` to `/home/<user>/x`, `C:\Users\maria` to `C:\Users\<user>`; likewise below the folders where a
/// desktop mounts the sticks of one person.
#[must_use]
pub(crate) fn homes(text: &str) -> String {
    /// A name with blanks counts as one only where a separator ends it.
    static HOME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?x)
            ( (?i:[a-z]:[\\/]+(?:users|documents\x20and\x20settings)[\\/]+)
            | (?:/var)?/home/ | /Users/ | (?:/run)?/media/
            )
            (?: [^\\/:*?"'<>|\r\n]{1,64} ([\\/]) | [^\s\\/:*?"'<>|,;)]{1,64} )"#,
        )
        .ok()
    });
    let Some(home) = HOME.as_ref() else {
        return HIDDEN.to_owned();
    };
    home.replace_all(text, "$1<user>$2").into_owned()
}

/// What is looked for, and what takes its place.
struct Rule {
    /// `None` would be a mistake in this file; then nothing is shown at all.
    pattern: Option<Regex>,
    put: Put,
}

enum Put {
    /// `$1` and the like stand for what was found.
    Text(&'static str),
    /// Decides for itself.
    Judged(fn(&Captures<'_>) -> String),
}

impl Rule {
    fn new(pattern: &str, put: Put) -> Self {
        Self {
            pattern: Regex::new(pattern).ok(),
            put,
        }
    }

    fn apply(&self, text: &str) -> String {
        let Some(pattern) = &self.pattern else {
            return HIDDEN.to_owned();
        };
        match self.put {
            Put::Text(text_of) => replaced(pattern, text, text_of),
            Put::Judged(judge) => replaced(pattern, text, judge),
        }
    }
}

fn replaced(pattern: &Regex, text: &str, by: impl Replacer) -> String {
    pattern.replace_all(text, by).into_owned()
}

/// In this order: what is recognised by its shape, then what is recognised by the word before it.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    use Put::{Judged, Text};
    vec![
        Rule::new(
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)",
            Text(HIDDEN),
        ),
        // A password may hold anything but blanks and slashes, even an @.
        Rule::new(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/]+@", Text("${1}[hidden]@")),
        Rule::new(
            r"([A-Za-z][A-Za-z0-9+.-]*://[^\s?#]+)[?#]\S+",
            Text("$1?[hidden]"),
        ),
        Rule::new(
            r"(?i)\b(bearer|basic|digest|negotiate|ntlm)\s+[A-Z0-9._~+/=-]{8,}",
            Text("$1 [hidden]"),
        ),
        // JSON web tokens begin with `{"`, in base64.
        Rule::new(r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){1,2}", Text(HIDDEN)),
        Rule::new(
            r"\b(?:AKIA|ASIA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z0-9]{12,}",
            Text(HIDDEN),
        ),
        Rule::new(
            r"\b(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|[rs]k_(?:live|test)_|sk-|AIza|ya29\.|npm_|hf_|dop_v1_)[A-Za-z0-9_-]{16,}",
            Text(HIDDEN),
        ),
        // `password=…`, `"api_key": "…"`, `Password=…;`, `token: …`.
        Rule::new(
            &format!(
                r#"(?i)([\w.-]*(?:{SECRETS})[\w.-]*["']?\s*(?:=>|:=|[:=])\s*)("[^"]*"?|'[^']*'?|[^\s,;&]+)"#
            ),
            Text("${1}[hidden]"),
        ),
        // `--password …`, `-Password …`, `/password:…`, `/p:…`, `/rp …`.
        Rule::new(
            &format!(
                r#"(?i)((?:^|\s)(?:--?[\w-]*(?:{SECRETS})[\w-]*|/(?:p|rp|pass\w*))[\s:=]+)("[^"]*"?|'[^']*'?|\S+)"#
            ),
            Text("${1}[hidden]"),
        ),
        // `the password is …`, `password "…"`.
        Rule::new(
            r#"(?i)\b(pass(?:word|phrase|wd)(?:\s+(?:is|was)\s+|\s+["']))[^\s"']+"#,
            Text("${1}[hidden]"),
        ),
        Rule::new(
            r"(?i)\b((?:mysql|mariadb|sshpass)\S*\s(?:.*?\s)?-p)\s?\S+",
            Text("${1}[hidden]"),
        ),
        Rule::new(r"[A-Za-z0-9+_-]{40,}={0,2}", Judged(random_looking)),
        Rule::new(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", Judged(person)),
        Rule::new(
            r"(?i)\b(?:[0-9a-f]{2}[:-]){5,7}[0-9a-f]{2}\b",
            Text("<hardware address>"),
        ),
    ]
});

/// A long run of letters and digits: keys mix all three kinds, names and checksums do not.
fn random_looking(found: &Captures<'_>) -> String {
    let run = found.get(0).map_or("", |whole| whole.as_str());
    let has = |kind: fn(&char) -> bool| run.chars().any(|c| kind(&c));
    if has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit) {
        HIDDEN.to_owned()
    } else {
        run.to_owned()
    }
}

/// An e-mail address; `getty@tty1.service` is none.
fn person(found: &Captures<'_>) -> String {
    /// What systemd calls its things.
    const UNITS: [&str; 10] = [
        ".service", ".socket", ".slice", ".scope", ".target", ".mount", ".timer", ".device", ".path", ".swap",
    ];
    let address = found.get(0).map_or("", |whole| whole.as_str());
    if UNITS
        .iter()
        .any(|unit| address.trim_end_matches('.').ends_with(unit))
    {
        address.to_owned()
    } else {
        "<address>".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::text::is_shown;
    use proptest::prelude::*;

    fn line(text: &str) -> String {
        scrubbed_line(text, 300)
    }

    #[test]
    fn every_rule_of_this_file_is_a_valid_pattern() {
        assert!(RULES.iter().all(|rule| rule.pattern.is_some()));
        assert_eq!(homes("nothing to hide"), "nothing to hide");
    }

    #[test]
    fn secrets_are_taken_out_and_the_words_around_them_stay() {
        for (text, scrubbed) in [
            (
                "mount error: user=maria,password=hunter2,vers=3.0",
                "mount error: user=maria,password=[hidden],vers=3.0",
            ),
            (
                "connect Server=db;Password=p@ss w;Timeout=5",
                "connect Server=db;Password=[hidden] w;Timeout=5",
            ),
            (
                r#"{"api_key": "abc def", "n": 1}"#,
                r#"{"api_key": [hidden], "n": 1}"#,
            ),
            (
                "fetch https://bob:s3cr@t@git.example/x.git failed",
                "fetch https://[hidden]@git.example/x.git failed",
            ),
            (
                "GET https://files.example/a?sig=abc&x=1 401",
                "GET https://files.example/a?[hidden] 401",
            ),
            (
                "Authorization: Bearer abcdefgh.ijkl",
                "Authorization: [hidden] [hidden]",
            ),
            (
                "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig_1 back",
                "got [hidden] back",
            ),
            ("key AKIAIOSFODNN7EXAMPLE denied", "key [hidden] denied"),
            ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[hidden]"),
            (
                "run: tool --db-password hunter2 --fast",
                "run: tool --db-password [hidden] --fast",
            ),
            ("net use /p:hunter2", "net use /p:[hidden]"),
            (
                "exec mysql -u root -phunter2 app",
                "exec mysql -u root -p[hidden] app",
            ),
            ("the password is hunter2", "the password is [hidden]"),
            (
                "mail to maria.rossi@contoso.com bounced",
                "mail to <address> bounced",
            ),
            (
                "wlan0: associated with 3c:84:6a:01:02:03 again",
                "wlan0: associated with <hardware address> again",
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNza -----END OPENSSH PRIVATE KEY----- loaded",
                "[hidden] loaded",
            ),
        ] {
            assert_eq!(line(text), scrubbed);
        }
    }

    #[test]
    fn what_only_looks_alike_stays() {
        for text in [
            "getty@tty1.service: Failed with result 'exit-code'.",
            "Started user@1000.service.",
            "pam_unix(sudo:auth): authentication failure",
            "password check failed for user",
            "EXT4-fs error (device sda2): ext4_find_entry:1463",
            "/usr/lib/x86_64-linux-gnu/gnome-shell/libgnome-shell-14.so",
            "image sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "at 12:34:56 the clock jumped",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn home_folders_lose_their_owner() {
        for (path, told) in [
            ("/home/maria/.config/x", "/home/<user>/.config/x"),
            ("open /home/maria: denied", "open /home/<user>: denied"),
            ("/run/media/maria/STICK", "/run/media/<user>/STICK"),
            (r"C:\Users\Maria Rossi\AppData", r"C:\Users\<user>\AppData"),
            (r"c:\users\maria is full", r"c:\users\<user> is full"),
            ("/Users/maria/Library", "/Users/<user>/Library"),
            ("/homework/maria", "/homework/maria"),
        ] {
            assert_eq!(homes(path), told);
        }
    }

    #[test]
    fn a_hidden_character_within_a_secret_does_not_save_it() {
        assert_eq!(line("pass\u{200e}word=hun\u{202e}ter2"), "password=[hidden]");
    }

    proptest! {
        #[test]
        fn a_planted_secret_is_gone(
            before in "[ -~]{0,60}",
            after in "[ -~]{0,60}",
            secret in "[A-Za-z0-9]{12,24}",
            frame in prop::sample::select(vec![
                ("password=", ""), ("\"client_secret\": \"", "\""), ("PGPASSWORD='", "'"), ("--token ", ""),
                ("https://bob:", "@host/x"), ("Bearer ", ""), ("x-api-key: ", ""), ("AWS_SECRET_ACCESS_KEY=", ""),
                ("https://host/p?code=", ""), ("mysql -u root -p", ""), ("/rp ", ""), ("passwd is ", ""),
            ]),
        ) {
            let secret = format!("s{secret}");
            let text = format!("{before} {}{secret}{} {after}", frame.0, frame.1);
            prop_assume!(!before.contains(&secret) && !after.contains(&secret));
            prop_assert!(!line(&text).contains(&secret), "{}", line(&text));
        }

        #[test]
        fn a_planted_key_is_gone_whatever_stands_before_it(
            before in "[ -~]{0,60}",
            key in "AKIA[A-Z0-9]{16}|ghp_[A-Za-z0-9]{36}|eyJ[A-Za-z0-9]{20}\\.[A-Za-z0-9]{20}\\.[A-Za-z0-9]{20}|[a-z]{14}[A-Z]{14}[0-9]{14}",
        ) {
            let shown = line(&format!("{before} {key} after"));
            prop_assert!(!shown.contains(&key), "{shown}");
        }

        #[test]
        fn anything_becomes_a_bounded_visible_line(text in "\\PC*|.{0,400}", max in 1usize..300) {
            let shown = scrubbed_line(&text, max);
            prop_assert!(shown.chars().count() <= max && shown.chars().all(is_shown));
        }
    }
}
