//! Finds which releases of WASI a text refers to.

/// The release that is vendored. A second one beside it would be two sets of types that do not fit.
pub const WASI: &str = "0.2.12";

/// Every `wasi:…@version` in a text, as the name and the version; without `@`, the version is empty.
#[must_use]
pub fn wasi_references(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or(line))
        .flat_map(|code| code.split("wasi:").skip(1))
        .map(|rest| {
            let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
            let version = rest
                .strip_prefix(name.as_str())
                .and_then(|rest| rest.strip_prefix('@'));
            let version: String = version
                .unwrap_or("")
                .chars()
                .take_while(|c| is_version(*c))
                .collect();
            // `…@0.2.12.{datetime}`: the dot belongs to the list of names.
            (name, version.trim_end_matches('.').to_owned())
        })
        .collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '/' | ':')
}

fn is_version(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_with_and_without_a_list_of_names() {
        let text = "use wasi:io/poll@0.2.12.{pollable};\nimport wasi:cli/stdin@0.2.6;\n// wasi:io@9.9.9\ninclude wasi:x;";
        let expected = [("io/poll", "0.2.12"), ("cli/stdin", "0.2.6"), ("x", "")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(wasi_references(text), expected);
    }
}
