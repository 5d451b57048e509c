//! Makes the properties of messages readable. Anybody may publish a message whose properties lapin
//! cannot read, a `message_id` that is no UTF-8 for example. lapin would end the connection, the
//! broker would deliver the message again, and nobody would ever get past it.
//!
//! The bytes that come from the broker are looked at before lapin sees them. In a frame with
//! properties, what is no UTF-8 is replaced by question marks, and headers that are no table are left
//! out. All other frames pass as they are.

mod payload;

/// The bytes before the payload of a frame: its type, its channel, its size.
const HEAD: usize = 7;
/// The type of a frame that holds the properties of a message.
const PROPERTIES: u8 = 2;
/// The largest such frame that is looked at; the largest that RabbitMQ sends has 128 KiB.
const LARGEST: usize = 1 << 20;

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
        if let Some(left_out) = self.part.get_mut(HEAD..end).and_then(payload::mend) {
            let size = end.saturating_sub(HEAD + left_out.len());
            self.part.drain(HEAD + left_out.start..HEAD + left_out.end);
            if let Some(told) = self.part.get_mut(3..HEAD) {
                told.copy_from_slice(&u32::try_from(size).unwrap_or_default().to_be_bytes());
            }
        }
        self.mended.append(&mut self.part);
        self.place = Place::Head;
    }
}

#[cfg(test)]
mod tests;
