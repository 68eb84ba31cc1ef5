//! What JavaScript finds in its globals: one script, evaluated before the snapshot that every action starts from.
//!
//! Each file is a function body over `host` and `define`; the last one returns what configures a run.

/// The files of `prelude/`, in order, as one script.
pub(crate) const PRELUDE: &str = concat!(
    "(() => { 'use strict';\n",
    include_str!("../prelude/base.js"),
    include_str!("../prelude/web.js"),
    include_str!("../prelude/crypto.js"),
    include_str!("../prelude/jwt.js"),
    include_str!("../prelude/fetch.js"),
    include_str!("../prelude/lit.js"),
    "})()\n",
);
