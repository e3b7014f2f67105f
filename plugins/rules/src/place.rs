//! Places in a source as people count them: lines and columns from 1, columns in characters.

use ruff_text_size::TextSize;

/// Where the lines of a source begin.
pub(crate) struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// Counts in a source fit: it is at most some hundred kilobytes long.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl<'a> Lines<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let breaks = source.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            source,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    pub(crate) fn place(&self, offset: TextSize) -> Place {
        let offset = offset.to_usize().min(self.source.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.source.get(start..offset).unwrap_or_default();
        Place {
            line: number(line),
            column: number(before.chars().count()) + 1,
        }
    }

    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        self.place(offset).line
    }

    pub(crate) fn text(&self, from: TextSize, to: TextSize) -> &'a str {
        self.source
            .get(from.to_usize()..to.to_usize())
            .unwrap_or_default()
    }
}
