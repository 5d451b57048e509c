//! The payload of a frame with properties.

use std::ops::Range;

/// How deep tables and lists may lie in each other.
const DEEPEST: u32 = 16;
/// The bytes before the flags: class, weight and the size of the body.
const BEFORE: usize = 12;
/// The bit of the headers among the properties that are there.
const HEADERS: u16 = 1 << 13;

/// What comes next among the properties.
#[derive(Clone, Copy)]
enum Property {
    Text,
    Table,
    Bytes(usize),
}

/// The properties in their order, from the highest bit of the flags.
const ORDER: [Property; 14] = {
    use Property::{Bytes, Table, Text};
    let (text, flag) = (Text, Bytes(1));
    [text, text, Table, flag, flag, text, text, text, text, Bytes(8), text, text, text, text]
};

/// Makes the payload readable, in place. Returns the range that is to be left out: that of headers
/// that are no table, else an empty one. `None` if the payload is not understood.
pub(super) fn mend(payload: &mut [u8]) -> Option<Range<usize>> {
    let (_, rest) = payload.split_at_mut_checked(BEFORE)?;
    let (told, mut rest) = rest.split_first_chunk_mut::<2>()?;
    let flags = u16::from_be_bytes(*told);
    let (mut at, mut left_out) = (BEFORE + 2, 0..0);
    for (i, property) in ORDER.into_iter().enumerate() {
        if flags & (1 << (15 - i)) == 0 {
            continue;
        }
        let length = match property {
            Property::Text => 1 + usize::from(*rest.first()?),
            Property::Table => 4 + length(rest)?,
            Property::Bytes(length) => length,
        };
        let (value, behind) = rest.split_at_mut_checked(length)?;
        match property {
            Property::Text => mend_text(value.get_mut(1..)?),
            Property::Table if mend_table(value.get_mut(4..)?, DEEPEST).is_none() => {
                *told = (flags & !HEADERS).to_be_bytes();
                left_out = at..at + length;
            }
            Property::Table | Property::Bytes(_) => {}
        }
        (rest, at) = (behind, at + length);
    }
    Some(left_out)
}

/// The four bytes that tell a length.
fn length(bytes: &[u8]) -> Option<usize> {
    let (length, _) = bytes.split_first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*length)).ok()
}

/// Replaces what is no UTF-8.
fn mend_text(mut text: &mut [u8]) {
    while let Err(wrong) = std::str::from_utf8(text) {
        let from = wrong.valid_up_to();
        let until = wrong.error_len().map_or(text.len(), |length| from + length);
        text.get_mut(from..until).unwrap_or_default().fill(b'?');
        text = text.get_mut(until..).unwrap_or_default();
    }
}

/// Mends the names in a table; `None` if it is no table that lapin reads.
fn mend_table(mut bytes: &mut [u8], deep: u32) -> Option<()> {
    while !bytes.is_empty() {
        let (name, rest) = bytes.split_first_mut()?;
        let (name, rest) = rest.split_at_mut_checked(usize::from(*name))?;
        mend_text(name);
        bytes = mend_value(rest, deep)?;
    }
    Some(())
}

/// Mends one value; returns what comes behind it.
fn mend_value(bytes: &mut [u8], deep: u32) -> Option<&mut [u8]> {
    let deep = deep.checked_sub(1)?;
    let (kind, bytes) = bytes.split_first_mut()?;
    let fixed = match kind {
        b'V' => 0,
        b't' | b'b' | b'B' => 1,
        b's' | b'u' | b'U' => 2,
        b'I' | b'i' | b'f' => 4,
        b'D' => 5,
        b'l' | b'L' | b'd' | b'T' => 8,
        b'S' | b'x' | b'A' | b'F' => 4 + length(bytes)?,
        _ => return None,
    };
    let (value, behind) = bytes.split_at_mut_checked(fixed)?;
    match kind {
        b'F' => mend_table(value.get_mut(4..)?, deep)?,
        b'A' => {
            let mut items = value.get_mut(4..)?;
            while !items.is_empty() {
                items = mend_value(items, deep)?;
            }
        }
        _ => {}
    }
    Some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_not_be_deeper_than_a_reader_may_go() {
        let mut table = Vec::new();
        for _ in 0..2_000 {
            let length = u32::try_from(table.len()).unwrap().to_be_bytes();
            table = [&b"\x01aF"[..], &length, &table].concat();
        }
        assert_eq!(mend_table(&mut table, DEEPEST), None);
    }
}
