//! One record of an event log, out of the XML that Windows renders.

use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};

/// Values of a record that are kept. A crash has twelve.
const MOST_VALUES: usize = 20;
/// Characters of one value.
const VALUE_CHARS: usize = 1000;
/// Elements and texts of a record; it has about thirty.
const MOST_NODES: u32 = 2000;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::probes) struct Record {
    pub(in crate::probes) source: String,
    pub(in crate::probes) id: u32,
    /// 1 is critical, 2 an error, 3 a warning.
    pub(in crate::probes) level: u8,
    pub(in crate::probes) at: Option<Timestamp>,
    /// The values in the order of the record, without their names.
    pub(in crate::probes) data: Vec<String>,
}

/// Reads a record; `None` if it is none.
pub(in crate::probes) fn parse(xml: &str) -> Option<Record> {
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(xml, options).ok()?;
    let event = document.root_element();
    let system = child(event, "System")?;
    let text = |name| child(system, name).and_then(|node| node.text());
    let provider = child(system, "Provider")?;
    // Old sources have a name of their own beside the one under which they are registered.
    let source = provider
        .attribute("Name")
        .or_else(|| provider.attribute("EventSourceName"))?;
    let values = child(event, "EventData")
        .into_iter()
        .chain(child(event, "UserData"));
    Some(Record {
        source: source.to_owned(),
        id: text("EventID")?.trim().parse().ok()?,
        level: text("Level")
            .and_then(|level| level.trim().parse().ok())
            .unwrap_or(0),
        at: child(system, "TimeCreated")
            .and_then(|node| node.attribute("SystemTime"))
            .and_then(|time| time.parse().ok()),
        data: values
            .flat_map(|node| node.descendants().filter(Node::is_element))
            .filter(|node| node.tag_name().name() == "Data" || node.children().all(|below| below.is_text()))
            .take(MOST_VALUES)
            .map(|node| {
                node.text()
                    .unwrap_or_default()
                    .trim()
                    .chars()
                    .take(VALUE_CHARS)
                    .collect()
            })
            .collect(),
    })
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.tag_name().name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CRASH: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Application Error' Guid='{a0e9b465-b939-57d7-b27d-95d8e925ff57}'/><EventID>1000</EventID>\
        <Version>0</Version><Level>2</Level><Task>100</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>\
        <TimeCreated SystemTime='2026-11-30T08:14:55.2817735Z'/><EventRecordID>90211</EventRecordID><Correlation/>\
        <Execution ProcessID='5120' ThreadID='14412'/><Channel>Application</Channel><Computer>DESK-7</Computer>\
        <Security UserID='S-1-5-21-1-2-3-1001'/></System><EventData><Data Name='AppName'>EXCEL.EXE</Data>\
        <Data Name='AppVersion'>16.0.18129.20158</Data><Data Name='AppTimeStamp'>6729c8f1</Data>\
        <Data Name='ModuleName'>ntdll.dll</Data><Data Name='ModuleVersion'/></EventData></Event>";

    #[test]
    fn a_record_gives_source_number_level_moment_and_values() {
        assert_eq!(
            parse(CRASH).unwrap(),
            Record {
                source: "Application Error".into(),
                id: 1000,
                level: 2,
                at: Some("2026-11-30T08:14:55.2817735Z".parse().unwrap()),
                data: ["EXCEL.EXE", "16.0.18129.20158", "6729c8f1", "ntdll.dll", ""]
                    .map(str::to_owned)
                    .to_vec(),
            }
        );
    }

    #[test]
    fn an_old_source_and_values_of_its_own_shape_are_read() {
        let xml = "<Event xmlns='x'><System><Provider Name='disk'/><EventID Qualifiers='32772'>51</EventID>\
            <Level>3</Level><TimeCreated SystemTime='soon'/></System><UserData><Warning xmlns='y'>\
            <Device>\\Device\\Harddisk0\\DR0</Device></Warning></UserData></Event>";
        let record = parse(xml).unwrap();
        assert_eq!((record.source.as_str(), record.id, record.at), ("disk", 51, None));
        assert_eq!(record.data, [r"\Device\Harddisk0\DR0"]);
    }

    #[test]
    fn what_is_no_record_is_none() {
        for xml in [
            "",
            "<",
            "<Event/>",
            "<Event><System/></Event>",
            "\u{0}",
            "<Event><System><Provider/></System></Event>",
        ] {
            assert_eq!(parse(xml), None, "{xml:?}");
        }
    }

    #[test]
    fn entities_that_grow_are_not_followed() {
        let bomb = "<!DOCTYPE e [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;&a;'>]>\
            <Event><System><Provider Name='&b;'/><EventID>1</EventID></System></Event>";
        assert_eq!(parse(bomb), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".{0,400}", at in 0_usize..CRASH.len(), length in 0_usize..40) {
            let _ = parse(&text);
            // The same with a piece of a real record replaced.
            let end = (at + length).min(CRASH.len());
            let broken = format!("{}{text}{}", &CRASH[..at], &CRASH[end..]);
            if let Some(record) = parse(&broken) {
                prop_assert!(record.data.len() <= MOST_VALUES);
                prop_assert!(record.data.iter().all(|value| value.chars().count() <= VALUE_CHARS));
            }
        }
    }
}
