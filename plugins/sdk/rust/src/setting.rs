//! Settings that know their type: declared once, and so in the schema, the form, the guide and the code.

use std::marker::PhantomData;

use crate::{Call, Failure, Setting};

/// A setting of this type. A constant of the connector's:
///
/// ```
/// use helpbell_connector::setting::{self, Typed};
///
/// const SERVER: Typed<String> = setting::url("server", "Server", "The address in the browser.")
///     .required()
///     .example("https://desk.example.com");
/// const DAYS: Typed<i64> = setting::whole("days", "Days", "How far a search goes back.").default("30");
///
/// # let host = helpbell_connector::testing::ScriptedHost::new();
/// # let call = host.call(&[("server", "https://desk.example.com"), ("days", "30")]);
/// assert_eq!(SERVER.of(&call).unwrap(), "https://desk.example.com");
/// assert_eq!(DAYS.of(&call).unwrap(), 30);
/// ```
#[derive(Debug)]
pub struct Typed<T> {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    kind: &'static str,
    choices: &'static [(&'static str, &'static str)],
    required: bool,
    default: Option<&'static str>,
    example: &'static str,
    value: PhantomData<fn() -> T>,
}

/// A line of text.
pub const fn text(name: &'static str, label: &'static str, help: &'static str) -> Typed<String> {
    Typed::new(name, label, help, "text")
}

/// An address. It reaches the connector with its scheme and without a slash at its end.
pub const fn url(name: &'static str, label: &'static str, help: &'static str) -> Typed<String> {
    Typed::new(name, label, help, "url")
}

/// An e-mail address.
pub const fn email(name: &'static str, label: &'static str, help: &'static str) -> Typed<String> {
    Typed::new(name, label, help, "email")
}

/// A whole number.
pub const fn whole(name: &'static str, label: &'static str, help: &'static str) -> Typed<i64> {
    Typed::new(name, label, help, "integer")
}

/// Yes or no.
pub const fn flag(name: &'static str, label: &'static str, help: &'static str) -> Typed<bool> {
    Typed::new(name, label, help, "boolean")
}

/// One of these values, each with its label.
pub const fn choice(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    choices: &'static [(&'static str, &'static str)],
) -> Typed<String> {
    let mut setting = Typed::new(name, label, help, "choice");
    setting.choices = choices;
    setting
}

impl<T> Typed<T> {
    const fn new(name: &'static str, label: &'static str, help: &'static str, kind: &'static str) -> Self {
        Self {
            name,
            label,
            help,
            kind,
            choices: &[],
            required: false,
            default: None,
            example: "",
            value: PhantomData,
        }
    }

    /// The connector cannot work without it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What holds where nothing is given.
    #[must_use]
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// A realistic value, shown in an empty field.
    #[must_use]
    pub const fn example(mut self, value: &'static str) -> Self {
        self.example = value;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// As the contract describes it.
    pub fn described(&self) -> Setting {
        let pair = |(value, label): &(&str, &str)| ((*value).to_owned(), (*label).to_owned());
        Setting {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            help: self.help.to_owned(),
            kind: self.kind.to_owned(),
            choices: self.choices.iter().map(pair).collect(),
            required: self.required,
            default: self.default.map(str::to_owned),
            example: self.example.to_owned(),
        }
    }
}

impl<T: Value> Typed<T> {
    /// Its value.
    ///
    /// # Errors
    ///
    /// `invalid-input` with its name as field, where there is none.
    pub fn of(&self, call: &Call<'_>) -> Result<T, Failure> {
        T::read(call.required(self.name)?).ok_or_else(|| self.unreadable())
    }

    /// Its value, if there is one.
    ///
    /// # Errors
    ///
    /// `invalid-input` with its name as field, where there is one of another type.
    pub fn given(&self, call: &Call<'_>) -> Result<Option<T>, Failure> {
        match call.setting(self.name) {
            None => Ok(None),
            Some(text) => T::read(text).map(Some).ok_or_else(|| self.unreadable()),
        }
    }

    /// The host has checked it before: this happens in tests, or where kind and type do not belong together.
    fn unreadable(&self) -> Failure {
        let message = format!("the setting {} is not of the kind {}", self.name, self.kind);
        Failure::invalid_input("settings.unreadable", message).field(self.name)
    }
}

/// A type that settings have.
pub trait Value: Sized {
    /// Reads it; None if the text is something else.
    fn read(text: &str) -> Option<Self>;
}

impl Value for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Value for i64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value for bool {
    fn read(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScriptedHost;

    const ALWAYS: Typed<bool> = flag("always", "Always", "Whether it always does.");
    const DAYS: Typed<i64> = whole("days", "Days", "How many.").required().example("7");

    #[test]
    fn a_setting_is_read_as_what_it_is() {
        let host = ScriptedHost::new();
        let call = host.call(&[("always", "true"), ("days", " 30 ")]);
        assert_eq!(ALWAYS.given(&call).unwrap(), Some(true));
        assert_eq!(DAYS.of(&call).unwrap(), 30);
        let none = host.call(&[]);
        assert_eq!(ALWAYS.given(&none).unwrap(), None);
        assert_eq!(DAYS.of(&none).unwrap_err().field.as_deref(), Some("days"));
        let wrong = host.call(&[("days", "many")]);
        assert_eq!(DAYS.of(&wrong).unwrap_err().code, "settings.unreadable");
    }

    #[test]
    fn what_was_declared_is_what_is_described() {
        let described = DAYS.described();
        assert_eq!(
            (described.name.as_str(), described.kind.as_str()),
            ("days", "integer")
        );
        assert!(described.required && described.default.is_none() && described.example == "7");
        let colour = choice("colour", "Colour", "Which.", &[("r", "Red")])
            .default("r")
            .described();
        assert_eq!(colour.choices, [("r".to_owned(), "Red".to_owned())]);
        assert_eq!(colour.default.as_deref(), Some("r"));
    }
}
