//! Records as files, written so that each is there, whole, after a power cut.

use conclave_worker::ports::{StoreError, StoreRecords};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

const TEMPORARY: &str = ".writing";
const ERASED: &str = ".erasing";

/// Files in one directory that only its owner may read.
#[derive(Debug)]
pub(crate) struct FileRecords {
    directory: PathBuf,
}

impl FileRecords {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let ends_with = |end: &str| path.to_str().is_some_and(|name| name.ends_with(end));
            if ends_with(TEMPORARY) {
                // What a crash left half-written was never acknowledged.
                fs::remove_file(path)?;
            } else if ends_with(ERASED) {
                // It is listed as long as it is there, and erased again with others of its kind.
                if let Err(error) = erase(&path) {
                    log::error!(target: "conclave::store", "{} could not be erased: {error}", path.display());
                }
            }
        }
        Ok(Self { directory: directory.to_owned() })
    }

    /// Names come from our own code; anything that could leave the directory is refused all the same.
    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a record name"));
        }
        Ok(self.directory.join(name))
    }

    fn sync_directory(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }

    fn write_durably(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name)?;
        let temporary = self.directory.join(format!("{name}{TEMPORARY}"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        self.sync_directory()
    }

    fn erase_durably(&self, name: &str) -> io::Result<()> {
        // Under another name, so that a crash leaves no record that is overwritten in part.
        let erased = self.directory.join(format!("{name}{ERASED}"));
        match fs::rename(self.path(name)?, &erased) {
            Ok(()) => self.sync_directory()?,
            // Unless it was renamed already, and then the disk failed: see `names`.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        erase(&erased)
    }

    fn names(&self, prefix: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            if let Ok(name) = entry?.file_name().into_string() {
                // Of one whose erasure failed there is nothing to read, but more to erase.
                let record = name.strip_suffix(ERASED).unwrap_or(&name);
                if record.starts_with(prefix) && !record.ends_with(TEMPORARY) {
                    names.push(record.to_owned());
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

/// Overwrites before it unlinks, a file that is there. On flash the old cells may live on: that is why records are sealed.
pub(super) fn erase(path: &Path) -> io::Result<()> {
    let length = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

impl StoreRecords for FileRecords {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_durably(name, bytes).map_err(|error| failed(name, &error))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.path(name).and_then(fs::read) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(name, &error)),
        }
    }

    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.erase_durably(name).map_err(|error| failed(name, &error))
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.names(prefix).map_err(|error| failed(prefix, &error))
    }
}

fn failed(name: &str, error: &io::Error) -> StoreError {
    StoreError { name: name.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn records(name: &str) -> FileRecords {
        let directory = std::env::temp_dir().join(format!("conclave-store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        FileRecords::open(&directory).expect("temporary directory")
    }

    #[test]
    fn records_should_be_private_whole_and_erasable() {
        let mut records = records("whole");
        assert_eq!(records.read("shares.1-0"), Ok(None));
        records.write("shares.1-0", b"one").expect("write");
        records.write("shares.1-0", b"second").expect("overwrite");
        records.write("pair.1-0.2", b"pair").expect("write");
        assert_eq!(records.read("shares.1-0"), Ok(Some(b"second".to_vec())));
        assert_eq!(records.list("shares."), Ok(vec!["shares.1-0".to_owned()]));
        let mode = fs::metadata(records.directory.join("shares.1-0")).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        records.erase("shares.1-0").expect("erase");
        records.erase("shares.1-0").expect("erasing twice is fine");
        assert_eq!(records.read("shares.1-0"), Ok(None));
        assert_eq!(records.list(""), Ok(vec!["pair.1-0.2".to_owned()]));
    }

    #[test]
    fn a_half_written_record_should_not_survive_the_next_start() {
        let mut records = records("half");
        records.write("shares.1-0", b"old").expect("write");
        fs::write(records.directory.join("shares.1-0.writing"), b"ne").expect("the crash");
        let records = FileRecords::open(&records.directory).expect("open");
        assert_eq!(records.read("shares.1-0"), Ok(Some(b"old".to_vec())));
        assert_eq!(records.list(""), Ok(vec!["shares.1-0".to_owned()]));
    }

    #[test]
    fn a_record_that_was_being_erased_should_be_gone_after_the_next_start() {
        let mut records = records("erased");
        records.write("next-dealing-key.1", b"secret").expect("write");
        records.write("next-dealing-key.2", b"another").expect("write");
        let (record, erased) = ("next-dealing-key.1", "next-dealing-key.1.erasing");
        // A crash right after the name was changed.
        fs::rename(records.directory.join(record), records.directory.join(erased)).expect("the crash");
        assert_eq!(records.read(record), Ok(None));
        let mut records = FileRecords::open(&records.directory).expect("open");
        let files = fs::read_dir(&records.directory).expect("read").count();
        assert_eq!(files, 1, "nothing of it is left");
        // The disk failed before it was overwritten, and the process did not end: erasing it again ends it.
        fs::write(records.directory.join(erased), b"secret").expect("write");
        assert_eq!(
            records.list("next-dealing-key.1"),
            Ok(vec![record.to_owned()]),
            "whoever erases finds it"
        );
        records.erase(record).expect("erase");
        assert!(!records.directory.join(erased).exists());
    }

    #[test]
    fn names_should_not_leave_the_directory() {
        let mut records = records("names");
        for name in ["../x", "/etc/x", "", ".", "a/b"] {
            assert!(records.write(name, b"").is_err(), "{name}");
        }
    }
}
