//! Percent-encoding (RFC 3986, 2.1).

/// Decodes a text.
///
/// # Errors
/// What is wrong, without a part of the text.
pub(crate) fn decoded(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "a % is not followed by two hexadecimal digits: write % as %25";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2).ok_or(WRONG)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let [high, low] = digits else { return Err(WRONG) };
        bytes.push(digit(*high).ok_or(WRONG)? * 16 + digit(*low).ok_or(WRONG)?);
        rest = behind;
    }
    String::from_utf8(bytes).map_err(|_| "the address is not UTF-8 when it is percent-decoded")
}
