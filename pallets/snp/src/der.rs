//! A strict reader of DER (ITU-T X.690, 8 and 10): definite lengths in the fewest bytes, low tag numbers, nothing left
//! over. What it does not take is refused, never skipped.

use codec::{Decode, Encode};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The constructed, context-specific tag `[number]`.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// What is not DER, or not the DER expected here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum DerError {
    /// An element is longer than what holds it.
    #[error("an element ends after what holds it")]
    Truncated,
    /// BER's indefinite form.
    #[error("indefinite length")]
    IndefiniteLength,
    /// A length in more bytes than it needs, or of more than two bytes.
    #[error("length not in the fewest bytes")]
    Length,
    /// Another tag than the one expected; 0 where nothing is left.
    #[error("tag {found:#04x}, expected {expected:#04x}")]
    Tag {
        /// What the format wants here.
        expected: u8,
        /// What is here.
        found: u8,
    },
    /// Bytes after the last element.
    #[error("bytes left over")]
    LeftOver,
    /// An integer that is negative, too large, or not in the fewest bytes.
    #[error("integer negative, too large or not in the fewest bytes")]
    Integer,
    /// A boolean that is neither 0x00 nor 0xff, or a default written out.
    #[error("boolean not as DER writes it")]
    Boolean,
    /// A bit string with unused bits.
    #[error("bit string with unused bits")]
    UnusedBits,
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next element; 0, which no element here has, at the end.
    pub(crate) fn tag(&self) -> u8 {
        self.0.first().copied().unwrap_or(0)
    }

    /// The contents of the next element, which must have this tag.
    pub(crate) fn take(&mut self, expected: u8) -> Result<&'a [u8], DerError> {
        self.element(expected).map(|(_, contents)| contents)
    }

    /// The elements inside the next one.
    pub(crate) fn enter(&mut self, expected: u8) -> Result<Self, DerError> {
        self.take(expected).map(Self)
    }

    /// The contents of the next element, if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, DerError> {
        if self.tag() == tag {
            self.take(tag).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The next element with its header, and its contents.
    pub(crate) fn element(&mut self, expected: u8) -> Result<(&'a [u8], &'a [u8]), DerError> {
        let found = self.tag();
        if found != expected {
            return Err(DerError::Tag { expected, found });
        }
        let (header, length) = match self.0.get(1).ok_or(DerError::Truncated)? {
            short @ 0..=0x7f => (2, usize::from(*short)),
            0x80 => return Err(DerError::IndefiniteLength),
            0x81 => match self.0.get(2).ok_or(DerError::Truncated)? {
                0..=0x7f => return Err(DerError::Length),
                length => (3, usize::from(*length)),
            },
            0x82 => match self.0.get(2..4) {
                Some([0, _]) => return Err(DerError::Length),
                Some([high, low]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
                _ => return Err(DerError::Truncated),
            },
            // Nothing here is as long as 64 KB.
            _ => return Err(DerError::Length),
        };
        let (whole, rest) = self.0.split_at_checked(header + length).ok_or(DerError::Truncated)?;
        self.0 = rest;
        Ok((whole, whole.get(header..).ok_or(DerError::Truncated)?))
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), DerError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(DerError::LeftOver)
        }
    }

    /// The bytes of a non-negative integer, without the leading zero that only says so.
    pub(crate) fn unsigned(&mut self) -> Result<&'a [u8], DerError> {
        match self.take(INTEGER)? {
            [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => Err(DerError::Integer),
            [0] => Ok(&[0]),
            [0, rest @ ..] | rest => Ok(rest),
        }
    }

    /// A non-negative integer of at most 64 bits.
    pub(crate) fn u64(&mut self) -> Result<u64, DerError> {
        let bytes = self.unsigned()?;
        let mut wide = [0; 8];
        let at = wide.len().checked_sub(bytes.len()).ok_or(DerError::Integer)?;
        wide.get_mut(at..).ok_or(DerError::Integer)?.copy_from_slice(bytes);
        Ok(u64::from_be_bytes(wide))
    }

    /// A boolean with the default FALSE, which DER therefore leaves out.
    pub(crate) fn flag(&mut self) -> Result<bool, DerError> {
        match self.optional(BOOLEAN)? {
            None => Ok(false),
            Some([0xff]) => Ok(true),
            Some(_) => Err(DerError::Boolean),
        }
    }

    /// The bytes of a bit string without unused bits.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], DerError> {
        match self.take(BIT_STRING)? {
            [0, bits @ ..] => Ok(bits),
            _ => Err(DerError::UnusedBits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(bytes: &[u8]) -> Result<usize, DerError> {
        let mut der = Der::new(bytes);
        let contents = der.take(OCTET_STRING)?;
        der.end()?;
        Ok(contents.len())
    }

    #[test]
    fn only_the_shortest_length_should_be_read() {
        let long = [&[4, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(octets(&[4, 0]), Ok(0));
        assert_eq!(octets(&[4, 1, 7]), Ok(1));
        assert_eq!(octets(&long), Ok(128));
        assert_eq!(octets(&[4, 0x81, 1, 7]), Err(DerError::Length));
        assert_eq!(octets(&[4, 0x82, 0, 1, 7]), Err(DerError::Length));
        assert_eq!(octets(&[&[4, 0x82, 0, 0x80][..], &[7; 128]].concat()), Err(DerError::Length));
        assert_eq!(octets(&[4, 0x83, 0, 0, 1, 7]), Err(DerError::Length));
        assert_eq!(octets(&[4, 0x80, 7, 0, 0]), Err(DerError::IndefiniteLength));
        assert_eq!(octets(&[4, 0xff]), Err(DerError::Length));
        for cut in 0..long.len() {
            assert!(octets(&long[..cut]).is_err());
        }
        assert_eq!(octets(&[4, 1, 7, 0]), Err(DerError::LeftOver));
        assert_eq!(octets(&[0x24, 1, 7]), Err(DerError::Tag { expected: OCTET_STRING, found: 0x24 }));
    }

    #[test]
    fn only_the_shortest_non_negative_integer_should_be_read() {
        let read = |bytes: &[u8]| Der::new(bytes).u64();
        assert_eq!(read(&[2, 1, 0]), Ok(0));
        assert_eq!(read(&[2, 1, 0x7f]), Ok(0x7f));
        assert_eq!(read(&[2, 2, 0, 0xdb]), Ok(0xdb));
        assert_eq!(read(&[2, 9, 0, 0xff, 0, 0, 0, 0, 0, 0, 1]), Ok(0xff00_0000_0000_0001));
        for wrong in
            [&[2, 0][..], &[2, 1, 0xdb], &[2, 2, 0, 1], &[2, 2, 0, 0], &[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]]
        {
            assert_eq!(read(wrong), Err(DerError::Integer));
        }
    }

    #[test]
    fn booleans_and_bits_should_be_as_der_writes_them() {
        assert_eq!(Der::new(&[1, 1, 0xff]).flag(), Ok(true));
        assert_eq!(Der::new(&[4, 0]).flag(), Ok(false));
        assert_eq!(Der::new(&[1, 1, 0]).flag(), Err(DerError::Boolean));
        assert_eq!(Der::new(&[1, 1, 1]).flag(), Err(DerError::Boolean));
        assert_eq!(Der::new(&[3, 2, 0, 9]).bits(), Ok(&[9][..]));
        assert_eq!(Der::new(&[3, 2, 1, 8]).bits(), Err(DerError::UnusedBits));
        assert_eq!(Der::new(&[3, 0]).bits(), Err(DerError::UnusedBits));
    }
}
