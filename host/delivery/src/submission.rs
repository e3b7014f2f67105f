//! What the agent hands over: a press, the findings, and the files that go with it.

use helpbell_model::{Attachment, Press, report::Finding};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A message up to this many bytes is taken. Longer ones are files, and belong attached.
const MESSAGE_BYTES: usize = 4 << 20;

/// Characters of the message that stand in the ticket; a longer one is attached whole.
pub(crate) const MESSAGE_BODY_CHARS: usize = 8_000;

/// A press that is complete and may be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The press.
    pub press: Press,
    /// What the examination found; told in the private note.
    pub findings: Vec<Finding>,
    /// Report and other files, for the private note.
    pub attachments: Vec<Attachment>,
    /// Until when the report may still be completed; none if it is complete. The ticket does not wait for it, the note
    /// does.
    pub awaits: Option<Timestamp>,
}

/// What became known of a press only after it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amendment {
    /// What the examination found, all of it: these take the place of the former findings.
    pub findings: Vec<Finding>,
    /// Files for the private note. One takes the place of the file with the same reference, if there is one; the
    /// others join them.
    pub attachments: Vec<Attachment>,
}

/// Why a press is not complete.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// Nobody can help with nothing.
    #[error("the message is empty; say in a few words what is wrong: --message \"the printer does nothing\"")]
    EmptyMessage,
    /// Too long even for an attachment.
    #[error(
        "the message has {bytes} bytes, more than the {MESSAGE_BYTES} that are taken; shorten it and attach the rest as a file: --attach FILE"
    )]
    MessageTooLong {
        /// Its size.
        bytes: usize,
    },
    /// Not an address; a typing error here would file the ticket under somebody unknown.
    #[error("{0:?} is not an e-mail address; give one such as maria.rossi@example.com: --email")]
    NotAnEmail(String),
}

impl Submission {
    /// Checks a press and completes it: a message too long for the ticket becomes an attachment too.
    ///
    /// # Errors
    /// What is missing or wrong, for the person.
    pub fn new(
        press: Press,
        findings: Vec<Finding>,
        mut attachments: Vec<Attachment>,
    ) -> Result<Self, SubmissionError> {
        if press.message.trim().is_empty() {
            return Err(SubmissionError::EmptyMessage);
        }
        if press.message.len() > MESSAGE_BYTES {
            return Err(SubmissionError::MessageTooLong {
                bytes: press.message.len(),
            });
        }
        if !press.person.email.trim().is_empty() && !looks_like_email(press.person.email.trim()) {
            return Err(SubmissionError::NotAnEmail(helpbell_model::text::one_line(
                &press.person.email,
                80,
            )));
        }
        if press.message.chars().count() > MESSAGE_BODY_CHARS {
            let reference = format!("{}/message", press.id);
            attachments.push(message_file("message.txt", &press.message, reference));
        }
        Ok(Self {
            press,
            findings,
            attachments,
            awaits: None,
        })
    }

    /// The same, whose report may be completed until then.
    #[must_use]
    pub fn awaiting(mut self, until: Timestamp) -> Self {
        // Whole milliseconds, as the outbox keeps its times: a press that is due then must not be early.
        self.awaits = Timestamp::from_millisecond(until.as_millisecond()).ok();
        self
    }

    /// Completes the report.
    pub(crate) fn amend(&mut self, amendment: Amendment) {
        self.findings = amendment.findings;
        for file in amendment.attachments {
            let former = self
                .attachments
                .iter_mut()
                .find(|former| former.reference == file.reference);
            match former {
                Some(former) => *former = file,
                None => self.attachments.push(file),
            }
        }
        self.awaits = None;
    }
}

/// A message that is too long for the ticket, as a file.
pub(crate) fn message_file(name: &str, message: &str, reference: String) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: "text/plain; charset=utf-8".to_owned(),
        bytes: message.as_bytes().to_vec(),
        reference,
    }
}

/// Catches slips, not more: something before and after one `@`, no blanks.
fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    })
}

/// The words of a press; how they are kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) press: Press,
    pub(crate) findings: Vec<Finding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) awaits: Option<Timestamp>,
}

impl Words {
    pub(crate) fn of(submission: &Submission) -> Self {
        Self {
            press: submission.press.clone(),
            findings: submission.findings.clone(),
            awaits: submission.awaits,
        }
    }

    /// With the bytes of its files.
    pub(crate) fn with(self, attachments: Vec<Attachment>) -> Submission {
        Submission {
            press: self.press,
            findings: self.findings,
            attachments,
            awaits: self.awaits,
        }
    }
}

/// One of its files without its bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) reference: String,
}

impl FileEntry {
    pub(crate) fn of(file: &Attachment) -> Self {
        Self {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            reference: file.reference.clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use helpbell_model::{
        DeviceFacts, Person,
        report::{Area, Severity},
    };

    pub(crate) fn press(message: &str) -> Press {
        Press {
            id: "01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f".parse().unwrap(),
            pressed_at: "2026-11-23T09:30:00Z".parse().unwrap(),
            person: Person {
                name: "Maria <b>Rossi</b>".into(),
                email: "maria.rossi@example.com".into(),
                phone: Some("040 123 456".into()),
                company: None,
            },
            message: message.into(),
            selections: vec![
                "This is an emergency".into(),
                "Several people are affected".into(),
            ],
            append: None,
            device: DeviceFacts {
                hostname: "PC-7".into(),
                macs: vec!["02:00:00:00:00:07".into()],
                serial: Some("SN-7".into()),
                ip: Some("192.0.2.7".into()),
                os: "Windows 11 Pro 24H2".into(),
                user: Some("maria".into()),
            },
            locale: "en".into(),
        }
    }

    pub(crate) fn findings() -> Vec<Finding> {
        vec![
            Finding {
                area: Area::Hardware,
                severity: Severity::Problem,
                title: "C: has 1.2 GB free of 237 GB".into(),
                detail: "Windows needs room for updates.".into(),
            },
            Finding {
                area: Area::Network,
                severity: Severity::Info,
                title: "Wi-Fi \"><script>alert(1)</script>".into(),
                detail: String::new(),
            },
        ]
    }

    #[test]
    fn an_empty_message_is_refused_with_the_option_that_cures_it() {
        let error = Submission::new(press(" \n\t"), vec![], vec![]).unwrap_err();
        assert_eq!(error, SubmissionError::EmptyMessage);
        assert!(error.to_string().contains("--message"));
    }

    #[test]
    fn a_megabyte_of_message_is_taken_and_attached_whole() {
        let message = "help! ".repeat((1 << 20) / 6);
        let submission = Submission::new(press(&message), vec![], vec![]).unwrap();
        assert_eq!(submission.attachments[0].bytes, message.as_bytes());
        assert!(Submission::new(press(&"x".repeat(MESSAGE_BYTES + 1)), vec![], vec![]).is_err());
    }

    #[test]
    fn a_slip_in_the_address_is_told_and_a_missing_address_is_fine() {
        let mut wrong = press("x");
        wrong.person.email = "maria.rossi at example.com".into();
        assert!(matches!(
            Submission::new(wrong, vec![], vec![]),
            Err(SubmissionError::NotAnEmail(_))
        ));
        let mut missing = press("x");
        missing.person.email = String::new();
        assert!(Submission::new(missing, vec![], vec![]).is_ok());
    }
}
