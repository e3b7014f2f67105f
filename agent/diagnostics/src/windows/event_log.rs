//! Windows' event log.

use super::refusal;
use crate::part::ProbeError;
use std::collections::HashMap;
use windows::Win32::{
    Foundation::ERROR_NO_MORE_ITEMS,
    System::EventLog::{
        EVT_HANDLE, EvtClose, EvtFormatMessage, EvtFormatMessageEvent, EvtNext, EvtOpenPublisherMetadata,
        EvtQuery, EvtQueryChannelPath, EvtQueryReverseDirection, EvtRender, EvtRenderEventXml,
    },
};
use windows::core::{HSTRING, PCWSTR};

/// Records that are fetched at once.
const AT_ONCE: usize = 32;
/// Milliseconds one fetching may take.
const FETCHING_MS: u32 = 1000;
/// Bytes of a record; larger ones carry dumps nobody reads here.
const RECORD_BYTES: u32 = 64 * 1024;
/// Units of a record's words, which are cut much earlier.
const WORDS_UNITS: usize = 8 * 1024;

/// A handle of the event log that closes itself.
struct Handle(EVT_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: whoever made this got the handle from Windows and gave it to nobody else; it is closed once.
        let _ = unsafe { EvtClose(self.0) };
    }
}

/// The answers to one question, the newest first.
pub(crate) struct EventLog {
    answers: Handle,
    fetched: Vec<Handle>,
    /// Sources that can put a record into words; `None` for those that cannot.
    sources: HashMap<String, Option<Handle>>,
}

/// One record.
pub(crate) struct Record(Handle);

impl EventLog {
    /// Asks for the records of `channel` (`System`, `Application`) that an XPath selects.
    pub(crate) fn ask(channel: &str, select: &str) -> Result<Self, ProbeError> {
        let flags = EvtQueryChannelPath.0 | EvtQueryReverseDirection.0;
        let (path, query) = (HSTRING::from(channel), HSTRING::from(select));
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: both texts live until after the call and are only read; no session is this machine.
        let answers = unsafe { EvtQuery(None, &path, &query, flags) }.map_err(|error| {
            // No answer and no reason: there is nobody behind the function, as under Wine.
            if error.code().is_ok() {
                ProbeError::unsupported("this system has no event log")
            } else {
                refusal(&format!("the event log {channel}"), &error)
            }
        })?;
        Ok(Self {
            answers: Handle(answers),
            fetched: Vec::new(),
            sources: HashMap::new(),
        })
    }

    /// The next record; `None` at the end, and where the log breaks off.
    pub(crate) fn next(&mut self) -> Option<Record> {
        if self.fetched.is_empty() {
            self.fetch();
        }
        self.fetched.pop().map(Record)
    }

    fn fetch(&mut self) {
        let mut handles = [0_isize; AT_ONCE];
        let mut count = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; the list tells its own length and may be written to, as may the number.
        let asked = unsafe { EvtNext(self.answers.0, &mut handles, FETCHING_MS, 0, &raw mut count) };
        let end = ERROR_NO_MORE_ITEMS.to_hresult();
        if asked.is_err_and(|error| error.code() == end || count == 0) {
            return;
        }
        let fetched = handles.into_iter().take(count as usize);
        self.fetched = fetched.map(|handle| Handle(EVT_HANDLE(handle))).collect();
        // They are taken from the end.
        self.fetched.reverse();
    }

    /// A record in the words of its source, in the language of the person. `None` if the source is not installed any
    /// more or has no words for it.
    pub(crate) fn words(&mut self, record: &Record, source: &str) -> Option<String> {
        let source = self
            .sources
            .entry(source.to_owned())
            .or_insert_with(|| publisher(source))
            .as_ref()?;
        let mut words = vec![0_u16; WORDS_UNITS];
        let mut used = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: both handles are open; no values replace the record's own; the text tells its own length and may be
        // written to, as may the number.
        unsafe {
            EvtFormatMessage(
                Some(source.0),
                Some(record.0.0),
                0,
                None,
                EvtFormatMessageEvent.0,
                Some(&mut words),
                &raw mut used,
            )
        }
        .ok()?;
        Some(super::memory::text_in(&words)).filter(|words| !words.is_empty())
    }
}

fn publisher(source: &str) -> Option<Handle> {
    let name = HSTRING::from(source);
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: the name lives until after the call and is only read; no session and no file mean this machine's own.
    let opened = unsafe { EvtOpenPublisherMetadata(None, &name, PCWSTR::null(), 0, 0) };
    opened.ok().filter(|handle| !handle.is_invalid()).map(Handle)
}

impl Record {
    /// The record as XML. `None` if it is larger than anything worth reading.
    pub(crate) fn xml(&self) -> Option<String> {
        let mut room = super::memory::Room::of(RECORD_BYTES);
        let (mut used, mut properties) = (0, 0);
        let place = std::ptr::from_mut(room.bytes()).cast();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; `place` has room for that many bytes; both numbers may be written to.
        unsafe {
            EvtRender(
                None,
                self.0.0,
                EvtRenderEventXml.0,
                RECORD_BYTES,
                Some(place),
                &raw mut used,
                &raw mut properties,
            )
        }
        .ok()?;
        #[expect(unsafe_code, reason = "the answer is a text")]
        // SAFETY: the room is initialised, whatever Windows wrote, and every pair of bytes is a unit.
        let units: &[u16] = unsafe { room.rows(used / 2) };
        Some(super::memory::text_in(units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_gives_its_records_or_says_that_it_cannot() {
        match EventLog::ask("System", "*[System[(Level=1 or Level=2)]]") {
            Ok(mut log) => {
                while let Some(record) = log.next() {
                    assert!(record.xml().is_none_or(|xml| xml.starts_with("<Event")));
                }
            }
            Err(error) => assert!(!error.words().is_empty()),
        }
    }

    #[test]
    fn a_log_that_does_not_exist_is_an_error_in_words() {
        assert!(EventLog::ask("no such log", "*").is_err());
    }
}
