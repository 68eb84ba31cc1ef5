//! Where the real reports are.

use std::path::{Path, PathBuf};

/// A real report with its certificates.
pub(crate) struct Vector {
    pub(crate) report: Vec<u8>,
    pub(crate) vcek: Vec<u8>,
}

/// Those that stand in the project.
pub(crate) const COMMITTED: [&str; 4] =
    ["milan-v2-sevcrate", "genoa-v2-sev_attest_tool", "milan-v2-omne-kdsvcek", "milan-v2-azure-hcl"];
/// That is read from `shared/`, which lies beside a clone.
pub(crate) const SHARED: &str = "genoa-v3-ms";

impl Vector {
    pub(crate) fn read(folder: &Path) -> Self {
        let file = |name| std::fs::read(folder.join(name)).unwrap_or_else(|_| panic!("{folder:?}/{name}"));
        Self { report: file("report.bin"), vcek: file("vek.der") }
    }

    pub(crate) fn committed(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/sev-snp");
        Self::read(&root.join(name))
    }

    /// None only where no folder above the clone has `shared/`.
    pub(crate) fn shared(name: &str) -> Option<Self> {
        shared().map(|root| Self::read(&root.join(name)))
    }
}

/// `shared/vectors/sev-snp` beside the clone, or beside a folder that the clone is in.
pub(crate) fn shared() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/vectors/sev-snp"))
        .find(|folder| folder.is_dir())
}

/// Every vector there is here.
pub(crate) fn all() -> Vec<(&'static str, Vector)> {
    let committed = COMMITTED.map(|name| (name, Vector::committed(name)));
    committed.into_iter().chain(Vector::shared(SHARED).map(|vector| (SHARED, vector))).collect()
}
