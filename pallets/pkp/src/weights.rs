//! What the calls cost: measured by benchmarking.rs. A runtime answers with the file that `make weights` writes.

use frame_support::weights::Weight;

/// The weight of each call.
pub trait WeightInfo {
    /// Of `mint`.
    fn mint() -> Weight;
    /// Of `transfer`, with all permissions taken.
    fn transfer() -> Weight;
    /// Of `permit`, of a new auth method.
    fn permit() -> Weight;
    /// Of `revoke`.
    fn revoke() -> Weight;
    /// Of `burn`, with all permissions taken and the depositor not the owner.
    fn burn() -> Weight;
    /// Of `permit_passkey`, of a new one.
    fn permit_passkey() -> Weight;
    /// Of `change_permissions`, with so many changes.
    fn change_permissions(changes: u32) -> Weight;
    /// Of `permit_list`, of a new one.
    fn permit_list() -> Weight;
    /// Of `revoke_list`.
    fn revoke_list() -> Weight;
    /// Of `send_to_itself`, with its own account among the permissions.
    fn send_to_itself() -> Weight;
    /// Of `freeze`.
    fn freeze() -> Weight;
    /// Of `set_logins`.
    fn set_logins() -> Weight;
}

/// Nothing costs anything: for tests.
impl WeightInfo for () {
    fn mint() -> Weight {
        Weight::zero()
    }

    fn transfer() -> Weight {
        Weight::zero()
    }

    fn permit() -> Weight {
        Weight::zero()
    }

    fn revoke() -> Weight {
        Weight::zero()
    }

    fn burn() -> Weight {
        Weight::zero()
    }

    fn permit_passkey() -> Weight {
        Weight::zero()
    }

    fn change_permissions(_: u32) -> Weight {
        Weight::zero()
    }

    fn permit_list() -> Weight {
        Weight::zero()
    }

    fn revoke_list() -> Weight {
        Weight::zero()
    }

    fn send_to_itself() -> Weight {
        Weight::zero()
    }

    fn freeze() -> Weight {
        Weight::zero()
    }

    fn set_logins() -> Weight {
        Weight::zero()
    }
}
