//! Frames in pieces, before and after.

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
fn bytes_that_are_no_frames_pass() {
    for bytes in [&b"AMQP\0\0\x09\x01"[..], b"\x02", &[2; 300], &[255; 300]] {
        let passed = mended(bytes, 7);
        assert!(bytes.starts_with(&passed), "{bytes:?}");
    }
}
