//! The certificates that a host hands its guests with a report (GHCB specification, SNP Extended Guest Request).

/// 63da758d-e664-4564-adc5-f4b93be8accd: the entry with the VCEK's certificate.
pub const VCEK_GUID: [u8; 16] =
    [0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd];

/// The entries of a table: GUID and contents. Each header is GUID, offset and length, both of 4 bytes, little endian;
/// one of zeros ends them. None where the bytes are no table.
pub fn certificate_table(table: &[u8]) -> Option<Vec<([u8; 16], &[u8])>> {
    let mut entries = Vec::new();
    for header in table.chunks_exact(24) {
        let (guid, place) = header.split_first_chunk::<16>()?;
        if *guid == [0; 16] {
            return Some(entries);
        }
        let (offset, length) = place.split_first_chunk::<4>()?;
        let offset = usize::try_from(u32::from_le_bytes(*offset)).ok()?;
        let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
        entries.push((*guid, table.get(offset..offset.checked_add(length)?)?));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn table(entries: &[([u8; 16], &[u8])]) -> Vec<u8> {
        let mut offset = 24 * (entries.len() + 1);
        let mut headers = Vec::new();
        for (guid, contents) in entries {
            headers.extend(guid);
            headers.extend((offset as u32).to_le_bytes());
            headers.extend((contents.len() as u32).to_le_bytes());
            offset += contents.len();
        }
        headers.extend([0; 24]);
        headers.extend(entries.iter().flat_map(|(_, contents)| contents.iter()));
        headers
    }

    #[test]
    fn entries_should_be_inside_the_table() {
        let good = table(&[([1; 16], b"ask"), (VCEK_GUID, b"certificate")]);
        let entries = certificate_table(&good).unwrap();
        assert_eq!(entries, [([1; 16], &b"ask"[..]), (VCEK_GUID, b"certificate")]);
        assert_eq!(certificate_table(&[0; 24]), Some(vec![]));
        assert_eq!(certificate_table(&good[..good.len() - 1]), None, "ends beyond the table");
        assert_eq!(certificate_table(&good[..24]), None, "does not end");
        assert_eq!(certificate_table(&[]), None);
        let mut wild = good;
        wild[16..24].fill(0xff);
        assert_eq!(certificate_table(&wild), None);
    }
}
