//! The spooler's queues. Every call may wait for the spooler, and for a print server behind it, without end: only
//! threads that may be left behind call here. Names of documents and of their owners are never looked at.

use jiff::Timestamp;

/// One queue as the spooler describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// `PRINTER_STATUS_…`
    pub(crate) status: u32,
    /// `PRINTER_ATTRIBUTE_…`
    pub(crate) attributes: u32,
    pub(crate) driver: String,
    pub(crate) port: String,
    pub(crate) jobs: Vec<Job>,
    /// How many there are, looked at or not.
    pub(crate) waiting: u32,
}

/// One job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Job {
    /// `JOB_STATUS_…`
    pub(crate) status: u32,
    pub(crate) since: Option<Timestamp>,
}

#[cfg(windows)]
pub(crate) use calls::{default_name, names, queue};

#[cfg(windows)]
mod calls {
    use super::super::{
        memory::{Room, text_at, text_in},
        refusal,
    };
    use super::{Job, Queue};
    use crate::part::ProbeError;
    use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
    use windows::Win32::{
        Foundation::SYSTEMTIME,
        Graphics::Printing::{
            ClosePrinter, EnumJobsW, EnumPrintersW, GetDefaultPrinterW, GetPrinterW, JOB_INFO_1W,
            OpenPrinterW, PRINTER_ENUM_CONNECTIONS, PRINTER_ENUM_LOCAL, PRINTER_HANDLE, PRINTER_INFO_2W,
            PRINTER_INFO_4W,
        },
    };
    use windows::core::{HSTRING, PCWSTR, PWSTR};

    /// Bytes of one answer. A list of a thousand printers takes a tenth of it.
    const ANSWER_BYTES: u32 = 1 << 20;
    /// Jobs that are looked at. With more, the first ones tell the story.
    const MOST_JOBS: u32 = 100;
    /// Units of the name of a printer with that of its server.
    const NAME_UNITS: u32 = 1024;

    struct Opened(PRINTER_HANDLE);

    impl Drop for Opened {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle was opened by `queue` and is closed once.
            let _ = unsafe { ClosePrinter(self.0) };
        }
    }

    /// The names of all queues this account sees. Level 4 is read from the registry alone: no printer is asked.
    pub(crate) fn names() -> Result<Vec<String>, ProbeError> {
        const LEVEL: u32 = 4;
        let flags = PRINTER_ENUM_LOCAL | PRINTER_ENUM_CONNECTIONS;
        let mut room = Room::of(ANSWER_BYTES);
        let (mut needed, mut count) = (0, 0);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is named; the room tells its own length and may be written to, as may both numbers.
        unsafe {
            EnumPrintersW(
                flags,
                PCWSTR::null(),
                LEVEL,
                Some(room.bytes()),
                &raw mut needed,
                &raw mut count,
            )
        }
        .map_err(|error| refusal("the spooler", &error))?;
        #[expect(unsafe_code, reason = "Windows filled the room")]
        // SAFETY: the call succeeded, so `count` rows of level 4 stand at the beginning of the room.
        let rows: &[PRINTER_INFO_4W] = unsafe { room.rows(count) };
        Ok(rows
            .iter()
            .map(|row| {
                #[expect(unsafe_code, reason = "the texts of a row stand behind the list")]
                // SAFETY: null or a text in the room, which is alive.
                unsafe {
                    text_at(row.pPrinterName)
                }
            })
            .filter(|name| !name.is_empty())
            .collect())
    }

    /// The queue that programs choose by themselves.
    pub(crate) fn default_name() -> Option<String> {
        let mut name = vec![0_u16; NAME_UNITS as usize];
        let mut length = NAME_UNITS;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the text has room for `length` units, and both may be written to.
        let found = unsafe { GetDefaultPrinterW(Some(PWSTR(name.as_mut_ptr())), &raw mut length) };
        found.as_bool().then(|| text_in(&name))
    }

    /// One queue with its jobs.
    pub(crate) fn queue(name: &str) -> Result<Queue, ProbeError> {
        let mut handle = PRINTER_HANDLE::default();
        let name = HSTRING::from(name);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the name lives until after the call and is only read; the handle may be written to; no defaults.
        unsafe { OpenPrinterW(&name, &raw mut handle, None) }
            .map_err(|error| refusal("the printer", &error))?;
        let opened = Opened(handle);
        let mut queue = described(&opened)?;
        // Without the jobs there is still everything else.
        queue.jobs = jobs(&opened).unwrap_or_default();
        Ok(queue)
    }

    fn described(printer: &Opened) -> Result<Queue, ProbeError> {
        const LEVEL: u32 = 2;
        let mut room = Room::of(ANSWER_BYTES);
        let mut needed = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; the room tells its own length and may be written to, as may the number.
        unsafe { GetPrinterW(printer.0, LEVEL, Some(room.bytes()), &raw mut needed) }
            .map_err(|error| refusal("the printer", &error))?;
        #[expect(unsafe_code, reason = "Windows filled the room")]
        // SAFETY: the call succeeded, so one row of level 2 stands at the beginning of the room.
        let rows: &[PRINTER_INFO_2W] = unsafe { room.rows(1) };
        let Some(row) = rows.first() else {
            return Err(ProbeError::Failed("the printer has no description".to_owned()));
        };
        #[expect(unsafe_code, reason = "the texts of a row stand behind it")]
        // SAFETY: null or texts in the room, which is alive.
        let (driver, port) = unsafe { (text_at(row.pDriverName), text_at(row.pPortName)) };
        Ok(Queue {
            status: row.Status,
            attributes: row.Attributes,
            driver,
            port,
            jobs: Vec::new(),
            waiting: row.cJobs,
        })
    }

    fn jobs(printer: &Opened) -> Result<Vec<Job>, ProbeError> {
        const LEVEL: u32 = 1;
        let mut room = Room::of(ANSWER_BYTES);
        let (mut needed, mut count) = (0, 0);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; the room tells its own length and may be written to, as may both numbers.
        unsafe {
            EnumJobsW(
                printer.0,
                0,
                MOST_JOBS,
                LEVEL,
                Some(room.bytes()),
                &raw mut needed,
                &raw mut count,
            )
        }
        .map_err(|error| refusal("the queue", &error))?;
        #[expect(unsafe_code, reason = "Windows filled the room")]
        // SAFETY: the call succeeded, so `count` rows of level 1 stand at the beginning of the room.
        let rows: &[JOB_INFO_1W] = unsafe { room.rows(count) };
        Ok(rows
            .iter()
            .map(|row| Job {
                status: row.Status,
                since: moment(row.Submitted),
            })
            .collect())
    }

    /// Windows tells the moment in universal time.
    fn moment(time: SYSTEMTIME) -> Option<Timestamp> {
        let narrow = |number: u16| i8::try_from(number).ok();
        let civil = DateTime::new(
            i16::try_from(time.wYear).ok()?,
            narrow(time.wMonth)?,
            narrow(time.wDay)?,
            narrow(time.wHour)?,
            narrow(time.wMinute)?,
            narrow(time.wSecond)?,
            0,
        );
        TimeZone::UTC.to_timestamp(civil.ok()?).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_machine_lists_its_queues_and_describes_each_or_says_why_not() {
            match names() {
                Ok(names) => {
                    for name in names {
                        if let Err(error) = queue(&name) {
                            assert!(!error.words().is_empty());
                        }
                    }
                }
                Err(error) => assert!(!error.words().is_empty()),
            }
        }

        #[test]
        fn a_printer_that_does_not_exist_is_an_error_in_words() {
            let error = queue("no such printer").unwrap_err();
            assert!(error.words().starts_with("the printer: "), "{error:?}");
        }
    }
}
