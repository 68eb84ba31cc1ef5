//! Writes DER.

/// One element: tag, length in the fewest bytes, contents. Contents of up to 64 KB.
pub fn element(tag: u8, contents: impl AsRef<[u8]>) -> Vec<u8> {
    let contents = contents.as_ref();
    let mut bytes = vec![tag];
    match u16::try_from(contents.len()).unwrap_or(u16::MAX).to_be_bytes() {
        [0, short @ 0..=0x7f] => bytes.push(short),
        [0, long] => bytes.extend([0x81, long]),
        [high, low] => bytes.extend([0x82, high, low]),
    }
    bytes.extend(contents);
    bytes
}

/// A sequence of elements.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, parts.concat())
}

/// A non-negative integer.
pub fn integer(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let used = bytes.len() - (value.leading_zeros() as usize / 8).min(7);
    let mut contents = bytes.iter().copied().skip(bytes.len() - used).collect::<Vec<_>>();
    if contents.first().is_some_and(|first| first & 0x80 != 0) {
        contents.insert(0, 0);
    }
    element(0x02, contents)
}

/// A bit string without unused bits.
pub fn bits(contents: &[u8]) -> Vec<u8> {
    element(0x03, [&[0], contents].concat())
}

/// An object identifier, from its contents.
pub fn identifier(contents: &[u8]) -> Vec<u8> {
    element(0x06, contents)
}
