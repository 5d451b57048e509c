//! What others wrote, shown on a terminal: bytes as text or as hexadecimal digits, and never a
//! control character.

use std::fmt::Write;

use schemas::dead_letter::BodyView;

/// Bytes on one line of the hexadecimal form.
const LINE: usize = 16;

/// The bytes: as they are if they are plain text, else in the form of `hexdump -C`.
pub(super) fn body(bytes: &[u8]) -> String {
    match BodyView::from(bytes) {
        BodyView::Text(text) => format!("{text}\n"),
        BodyView::Hex(_) => dump(bytes),
    }
}

fn dump(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 5);
    for (i, line) in bytes.chunks(LINE).enumerate() {
        let digits: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
        let plain: String = line.iter().map(shown).collect();
        let _ = writeln!(text, "{:08x}  {:<47}  |{plain}|", i * LINE, digits.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_is_shown_as_hexadecimal_digits_in_80_columns() {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        let shown = body(&bytes);
        assert_eq!(shown.lines().count(), 16);
        assert!(shown.lines().all(|line| line.len() <= 80 && line.is_ascii()));
        assert!(shown.starts_with("00000000  00 01 02 "), "{shown}");
        assert!(shown.contains("|@ABCDEFGHIJKLMNO|"), "{shown}");
    }

    #[test]
    fn text_is_shown_as_it_is() {
        assert_eq!(body(b"{}"), "{}\n");
    }
}
