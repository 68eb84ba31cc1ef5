pub(crate) mod condition;
pub(crate) mod dealing;
pub(crate) mod machine;
pub(crate) mod message;
pub(crate) mod point;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod worker;
