//! Notes and files.

use super::tickets::unwitnessed;
use crate::{
    Verdict,
    scenario::{Broken, Scenario, of},
    witness::Seen,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use helpbell_model::{Attachment, Note, PressId};
use sha2::{Digest as _, Sha256};

/// Words that only agents may read.
pub(super) const SECRET_WORDS: &str = "known only to agents";

/// Bytes of the larger file; less where the PSA takes less.
const LARGE_BYTES: u64 = 700_000;

/// Every byte there is, in an order in which no encoding keeps them by chance.
fn every_byte(size: u64) -> Vec<u8> {
    (0..size)
        .map(|index| u8::try_from((index * 131 + index / 256) % 256).unwrap_or_default())
        .collect()
}

fn files(scenario: &Scenario, press: PressId) -> Vec<Attachment> {
    let limits = scenario.session.connector().description().limits;
    let page = format!("<!DOCTYPE html><title>Grüße</title><p>{SECRET_WORDS} 日本語</p>\n");
    let page = page.into_bytes();
    let size = limits
        .attachment_bytes
        .min(LARGE_BYTES)
        .min(limits.note_bytes.saturating_sub(page.len() as u64));
    let file = |name: &str, content_type: &str, bytes: Vec<u8>| Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes,
        reference: format!("{press}/{name}"),
    };
    vec![
        file("report.html", "text/html", page),
        file("every-byte.bin", "application/octet-stream", every_byte(size)),
    ]
}

/// The file that is added later.
fn later(press: PressId) -> Attachment {
    Attachment {
        name: "later.txt".into(),
        content_type: "text/plain".into(),
        bytes: "added later: Grüße\r\n\0 end".as_bytes().to_vec(),
        reference: format!("{press}/later.txt"),
    }
}

fn reference(press: PressId) -> String {
    format!("{press}/note")
}

pub(super) async fn add(scenario: &mut Scenario) -> Verdict {
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    if !scenario.has("private-notes") {
        return Verdict::Skipped("it does not claim private notes".into());
    }
    let files = files(scenario, press);
    let references: Vec<String> = files.iter().map(|file| file.reference.clone()).collect();
    let note = Note {
        private: true,
        html: format!("<p>The report is <b>{SECRET_WORDS}</b>: a &lt; b</p>"),
        text: format!("The report is {SECRET_WORDS}: a < b"),
        attachments: files,
        reference: reference(press),
    };
    let mut broken = Broken::default();
    let call = scenario.session.add_note(&of(press), &ticket, note).await;
    let Some(added) = broken.of("adding the note", scenario.took("notes.add", call)) else {
        return broken.verdict("");
    };
    broken.unless(!added.id.is_empty(), || "the note has no id".into());
    for file in references.iter().filter(|file| !added.attachments.contains(file)) {
        broken.unless(false, || {
            format!("the file {file} is not among those it says it added")
        });
    }
    let call = scenario
        .session
        .find_notes(&of(press), &ticket, &reference(press))
        .await;
    if let Some(found) = broken.of(
        "looking for the note",
        scenario.took("notes.find-by-reference", call),
    ) {
        broken.unless(found.len() == 1, || {
            format!("one note carries the reference, found were {}", found.len())
        });
        for found in found {
            for file in references.iter().filter(|file| !found.attachments.contains(file)) {
                broken.unless(false, || {
                    format!("the file {file} is there, and not found: after an unknown outcome it would be sent twice")
                });
            }
        }
    }
    let other = scenario.next_press();
    let call = scenario
        .session
        .find_notes(&of(press), &ticket, &reference(other))
        .await;
    if let Some(found) = broken.of(
        "looking for another press's note",
        scenario.took("notes.find-by-reference", call),
    ) {
        broken.unless(found.is_empty(), || {
            "a note was found that carries another reference".into()
        });
    }
    let confirmed = if added.confirmed {
        "read back"
    } else {
        "not read back"
    };
    scenario.note = Some(added.id);
    broken.verdict(format!("with {} files, {confirmed}", references.len()))
}

pub(super) async fn attach(scenario: &mut Scenario) -> Verdict {
    let (Some((press, ticket)), Some(note)) = (scenario.filed.clone(), scenario.note.clone()) else {
        return Verdict::Skipped("no note was added".into());
    };
    let file = later(press);
    let reference_of_file = file.reference.clone();
    let mut broken = Broken::default();
    let call = scenario
        .session
        .attach(&of(press), &ticket, Some(&note), file)
        .await;
    match scenario.took("notes.attach", call) {
        Err(failure) if failure.kind == helpbell_model::FailureKind::Unsupported => {
            return Verdict::Skipped(format!("it says: {}", failure.message));
        }
        attached => {
            broken.of("adding a file", attached);
        }
    }
    let call = scenario
        .session
        .find_notes(&of(press), &ticket, &reference(press))
        .await;
    if let Some(found) = broken.of(
        "looking for the note",
        scenario.took("notes.find-by-reference", call),
    ) {
        let there = found
            .iter()
            .any(|note| note.attachments.contains(&reference_of_file));
        broken.unless(there, || {
            format!("the file {reference_of_file} is there, and not found again")
        });
    }
    broken.verdict("added to the note, and found again")
}

pub(super) async fn bytes(scenario: &mut Scenario) -> Verdict {
    let (Some((press, ticket)), Some(_)) = (scenario.filed.clone(), scenario.note.clone()) else {
        return Verdict::Skipped("no note was added".into());
    };
    let seen = match scenario.sight(&ticket.id).await {
        Some(Ok(seen)) => seen,
        Some(Err(why)) => return Verdict::Skipped(why),
        None => return on_the_wire(scenario, press).await,
    };
    let mut broken = Broken::default();
    for file in files(scenario, press) {
        let digest = hex::encode(Sha256::digest(&file.bytes));
        let there = seen.files().any(|seen| seen.sha256 == digest);
        broken.unless(there, || {
            format!("{} is not there byte by byte: {}", file.name, kept(&seen))
        });
    }
    broken.verdict("what an agent downloads is what was sent")
}

fn kept(seen: &Seen) -> String {
    let files: Vec<String> = seen
        .files()
        .map(|file| format!("{} ({} bytes)", file.name, file.size))
        .collect();
    if files.is_empty() {
        "there is no file".to_owned()
    } else {
        files.join(", ")
    }
}

/// Without a witness: whether the bytes leave as they are, or in base64. A note of its own, whose requests are heard.
async fn on_the_wire(scenario: &mut Scenario, press: PressId) -> Verdict {
    let Some((_, ticket)) = scenario.filed.clone() else {
        return unwitnessed();
    };
    let other = scenario.next_press();
    let files = files(scenario, press);
    let note = Note {
        private: true,
        html: "<p>once more</p>".into(),
        text: "once more".into(),
        attachments: files.clone(),
        reference: reference(other),
    };
    let mut broken = Broken::default();
    let call = scenario.session.add_note(&of(other), &ticket, note).await;
    broken.of("adding a note", scenario.took("notes.add", call));
    let heard = scenario.line.heard();
    let bodies: Vec<Vec<u8>> = heard
        .iter()
        .filter(|heard| heard.effect && !heard.signing_in)
        // JSON may be written with `\/`.
        .map(|heard| heard.body.iter().copied().filter(|byte| *byte != b'\\').collect())
        .collect();
    for file in files {
        let encoded = BASE64_STANDARD.encode(&file.bytes);
        let raw = heard.iter().any(|heard| contains(&heard.body, &file.bytes));
        let there = raw || bodies.iter().any(|body| contains(body, encoded.as_bytes()));
        broken.unless(there, || {
            format!("{} does not leave as it is, nor in base64", file.name)
        });
    }
    broken.verdict("they leave unchanged; nobody looked at what the PSA keeps")
}

fn contains(body: &[u8], bytes: &[u8]) -> bool {
    let Some((first, rest)) = bytes.split_first() else {
        return true;
    };
    let starts = body
        .iter()
        .enumerate()
        .filter(|(_, byte)| *byte == first)
        .map(|(at, _)| at + 1);
    starts
        .into_iter()
        .any(|at| body.get(at..).is_some_and(|tail| tail.starts_with(rest)))
}

pub(super) async fn private(scenario: &mut Scenario) -> Verdict {
    let (Some((press, ticket)), Some(_)) = (scenario.filed.clone(), scenario.note.clone()) else {
        return Verdict::Skipped("no note was added".into());
    };
    let seen = match scenario.sight(&ticket.id).await {
        None => return unwitnessed(),
        Some(Err(why)) => return Verdict::Skipped(why),
        Some(Ok(seen)) => seen,
    };
    let mut broken = Broken::default();
    let ours: Vec<_> = seen
        .notes
        .iter()
        .filter(|note| note.text.contains(SECRET_WORDS))
        .collect();
    broken.unless(!ours.is_empty(), || {
        "the note is not among those the PSA keeps".into()
    });
    for note in ours {
        broken.unless(note.private, || {
            "the person who asked sees the private note".into()
        });
    }
    broken.unless(!seen.body.contains(SECRET_WORDS), || {
        "the private note's words stand in the ticket's body".into()
    });
    let digests: Vec<String> = files(scenario, press)
        .iter()
        .chain([&later(press)])
        .map(|file| hex::encode(Sha256::digest(&file.bytes)))
        .collect();
    let open: Vec<&str> = seen
        .files()
        .filter(|file| !file.private && digests.contains(&file.sha256))
        .map(|file| file.name.as_str())
        .collect();
    if scenario.has("private-attachments") {
        broken.unless(open.is_empty(), || {
            format!("the person who asked can open: {}", open.join(", "))
        });
        return broken.verdict("the person sees neither the note nor its files");
    }
    broken.verdict(if open.is_empty() {
        "the person sees neither the note nor its files, though it does not claim so for files"
    } else {
        "the person does not see the note; files are open to them, as it says"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_file_holds_every_byte() {
        let bytes = every_byte(1_000);
        assert_eq!((0..=u8::MAX).filter(|byte| bytes.contains(byte)).count(), 256);
    }

    #[test]
    fn bytes_are_found_wherever_they_stand() {
        assert!(contains(b"xaab", b"aab") && contains(b"x", b""));
        assert!(!contains(b"xaa", b"aab") && !contains(b"", b"a"));
    }
}
