//! By which logins users are let in.

use crate::{
    mock::{run, Pkp, RuntimeEvent, RuntimeOrigin, System, Test, ALICE},
    Error, Event, Logins,
};
use conclave_primitives::{DiscordLogin, LoginSettings, LoginText, LoginTexts};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn governance_should_set_logins_and_nobody_else() {
    run(|| {
        let settings = LoginSettings { discord: DiscordLogin::Off, ..LoginSettings::default() };
        assert_eq!(Logins::<Test>::get(), LoginSettings::default());
        assert_noop!(
            Pkp::set_logins(RuntimeOrigin::signed(ALICE), settings.clone()),
            DispatchError::BadOrigin
        );
        assert_ok!(Pkp::set_logins(RuntimeOrigin::root(), settings.clone()));
        let event = RuntimeEvent::Pkp(Event::LoginsSet { settings: settings.clone() });
        System::assert_last_event(event);
        assert_eq!(Logins::<Test>::get(), settings);
    });
}

#[test]
fn what_is_no_text_should_be_refused() {
    run(|| {
        let domains = Some(LoginTexts::truncate_from(vec![LoginText::truncate_from(vec![0xff])]));
        let settings = LoginSettings { domains, ..LoginSettings::default() };
        assert_noop!(Pkp::set_logins(RuntimeOrigin::root(), settings), Error::<Test>::NoText);
    });
}
