//! Makes the properties of messages readable. Anybody may publish a message whose properties lapin
//! cannot read, a `message_id` that is no UTF-8 for example. lapin would end the connection, the
//! broker would deliver the message again, and nobody would ever get past it.
//!
//! The bytes that come from the broker are looked at before lapin sees them. In a frame with
//! properties, what is no UTF-8 is replaced by question marks, and headers that are no table are left
//! out. All other frames pass as they are.

/// The bytes before the payload of a frame: its type, its channel, its size.
const HEAD: usize = 7;
/// The type of a frame that holds the properties of a message.
const PROPERTIES: u8 = 2;
/// The largest such frame that is looked at; the largest that RabbitMQ sends has 128 KiB.
const LARGEST: usize = 1 << 20;
/// How deep tables and lists may lie in each other.
const DEEPEST: u32 = 16;

/// What the next bytes belong to.
enum Place {
    Head,
    /// So many bytes of a frame that passes.
    Pass(usize),
    /// A frame with properties, of so many bytes.
    Properties(usize),
}

/// Mends what comes from the broker, in pieces of any size.
pub(super) struct Mender {
    place: Place,
    /// The part of a head or of a frame with properties that has come.
    part: Vec<u8>,
    mended: Vec<u8>,
    /// How many of the mended bytes were taken.
    taken: usize,
}

impl Mender {
    pub(super) fn new() -> Self {
        Self { place: Place::Head, part: Vec::new(), mended: Vec::new(), taken: 0 }
    }

    /// Moves as many mended bytes as there are and fit.
    pub(super) fn take(&mut self, out: &mut [u8]) -> usize {
        let left = self.mended.get(self.taken..).unwrap_or_default();
        let count = left.len().min(out.len());
        for (to, from) in out.iter_mut().zip(left) {
            *to = *from;
        }
        self.taken += count;
        if self.taken == self.mended.len() {
            self.mended.clear();
            self.taken = 0;
        }
        count
    }

    /// Takes what has come.
    pub(super) fn put(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = match self.place {
                Place::Head => HEAD - self.part.len(),
                Place::Pass(left) => left,
                Place::Properties(size) => size - self.part.len(),
            };
            let (some, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            self.piece(some, some.len() == wanted);
        }
    }

    /// A piece of what is wanted; whether it is the last one.
    fn piece(&mut self, piece: &[u8], last: bool) {
        match self.place {
            Place::Pass(left) => {
                self.mended.extend_from_slice(piece);
                self.place = if last { Place::Head } else { Place::Pass(left - piece.len()) };
            }
            Place::Head => {
                self.part.extend_from_slice(piece);
                if last {
                    self.head();
                }
            }
            Place::Properties(_) => {
                self.part.extend_from_slice(piece);
                if last {
                    self.properties();
                }
            }
        }
    }

    fn head(&mut self) {
        let size = match self.part.as_slice() {
            [_, _, _, size @ ..] => {
                size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte))
            }
            _ => 0,
        };
        // The end of a frame is one more byte.
        if self.part.first() == Some(&PROPERTIES) && size <= LARGEST {
            self.place = Place::Properties(HEAD + size + 1);
        } else {
            self.mended.append(&mut self.part);
            self.place = Place::Pass(size.saturating_add(1));
        }
    }

    fn properties(&mut self) {
        let end = self.part.len().saturating_sub(1);
        let payload = self.part.get(HEAD..end).unwrap_or_default();
        match readable(payload) {
            Some(payload) => {
                let size = u32::try_from(payload.len()).unwrap_or_default();
                self.mended.extend(self.part.iter().take(3));
                self.mended.extend(size.to_be_bytes());
                self.mended.extend(payload);
                self.mended.extend(self.part.last());
                self.part.clear();
            }
            None => self.mended.append(&mut self.part),
        }
        self.place = Place::Head;
    }
}

/// The bit of the headers among the properties that are there.
const HEADERS: u16 = 1 << 13;

/// What comes next among the properties.
enum Property {
    Text,
    Table,
    Bytes(usize),
}

/// The properties in their order, from the highest bit of the flags.
const ORDER: [Property; 14] = {
    use Property::{Bytes, Table, Text};
    [
        Text,
        Text,
        Table,
        Bytes(1),
        Bytes(1),
        Text,
        Text,
        Text,
        Text,
        Bytes(8),
        Text,
        Text,
        Text,
        Text,
    ]
};

/// The same payload, readable; `None` if it is not understood.
fn readable(payload: &[u8]) -> Option<Vec<u8>> {
    // Class, weight and the size of the body: 12 bytes.
    let (before, rest) = payload.split_at_checked(12)?;
    let (flags, mut rest) = rest.split_first_chunk::<2>()?;
    let mut flags = u16::from_be_bytes(*flags);
    let mut mended = Vec::with_capacity(payload.len());
    for (i, property) in ORDER.iter().enumerate() {
        if flags & (1 << (15 - i)) == 0 {
            continue;
        }
        let length = match property {
            Property::Text => 1 + usize::from(*rest.first()?),
            Property::Table => 4 + length(rest)?,
            Property::Bytes(length) => *length,
        };
        let (value, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let (mut value, at) = (value.to_vec(), mended.len());
        match property {
            Property::Text => mend_text(value.get_mut(1..)?),
            Property::Table if mend_table(value.get_mut(4..)?, DEEPEST).is_none() => {
                flags &= !HEADERS;
                value.clear();
            }
            Property::Table | Property::Bytes(_) => {}
        }
        debug_assert_eq!(at, mended.len());
        mended.append(&mut value);
    }
    Some([before, &flags.to_be_bytes(), &mended, rest].concat())
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

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 0, 1], &size[..], payload, &[0xce]].concat()
    }

    /// A payload with these properties.
    fn payload(flags: u16, properties: &[u8]) -> Vec<u8> {
        [&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], &flags.to_be_bytes()[..], properties].concat()
    }

    fn mended(bytes: &[u8], piece: usize) -> Vec<u8> {
        let (mut mender, mut all) = (Mender::new(), Vec::new());
        for some in bytes.chunks(piece) {
            mender.put(some);
            let mut out = [0; 3];
            loop {
                match mender.take(&mut out) {
                    0 => break,
                    count => all.extend_from_slice(&out[..count]),
                }
            }
        }
        all
    }

    #[test]
    fn what_is_readable_passes_as_it_is_in_pieces_of_any_size() {
        let table = b"\0\0\0\x16\x01aS\0\0\0\x02\xff\xff\x01bF\0\0\0\x07\x01cI\0\0\0\x01";
        let mut table = table.to_vec();
        let length = u32::try_from(table.len() - 4).unwrap();
        table[..4].copy_from_slice(&length.to_be_bytes());
        let properties = [&table[..], b"\x02", b"\x01c"].concat();
        let bytes = [
            frame(1, b"\0\x0a\0\x0a"),
            frame(2, &payload(1 << 13 | 1 << 12 | 1 << 10, &properties)),
            frame(3, b"\xff\xce\xce"),
            frame(8, b""),
        ]
        .concat();
        for piece in [1, 2, 7, 8, 1_000] {
            assert_eq!(mended(&bytes, piece), bytes, "{piece}");
        }
    }

    #[test]
    fn a_property_that_is_no_utf8_gets_question_marks() {
        let wrong = frame(2, &payload(1 << 10 | 1 << 7, b"\x02ok\x05a\xff\xfe\xc3\xa9"));
        let right = frame(2, &payload(1 << 10 | 1 << 7, b"\x02ok\x05a??\xc3\xa9"));
        assert_eq!(mended(&wrong, 5), right);
    }

    #[test]
    fn headers_that_are_no_table_are_left_out() {
        for table in [
            &b"\0\0\0\x03\x01a?"[..], // an unknown type
            b"\0\0\0\x04\x01aI\0",    // cut off
            b"\0\0\0\x02\x09a",       // a name that is too long
            &[&b"\0\0\0\xa5"[..], &b"\x01aF\0\0\0\xff".repeat(24)[..165]].concat(),
        ] {
            let wrong = frame(2, &payload(1 << 13 | 1 << 7, &[table, b"\x017"].concat()));
            assert_eq!(mended(&wrong, 9), frame(2, &payload(1 << 7, b"\x017")), "{table:?}");
        }
    }

    #[test]
    fn a_table_may_not_be_deeper_than_a_reader_may_go() {
        let mut table = Vec::new();
        for _ in 0..2_000 {
            let length = u32::try_from(table.len()).unwrap().to_be_bytes();
            table = [&b"\x01aF"[..], &length, &table].concat();
        }
        assert_eq!(mend_table(&mut table, DEEPEST), None);
    }

    #[test]
    fn bytes_that_are_no_frames_pass() {
        for bytes in [&b"AMQP\0\0\x09\x01"[..], b"\x02", &[2; 300], &[255; 300]] {
            let passed = mended(bytes, 7);
            assert!(bytes.starts_with(&passed), "{bytes:?}");
        }
    }
}
