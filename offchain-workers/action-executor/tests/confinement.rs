//! What a confined process is stopped at: each attempt in a process of its own, which has to die of SIGSYS or be refused.

use std::{os::unix::process::ExitStatusExt, process::Command};

const ATTEMPT: &str = "CONCLAVE_CONFINEMENT_ATTEMPT";
const SIGSYS: i32 = 31;

/// In the child: confines itself, then tries.
fn attempt(what: &str) {
    conclave_action_executor::confine().expect("the kernel confines");
    match what {
        "nothing" => {}
        "open" => drop(std::fs::File::open("/etc/passwd")),
        "socket" => drop(std::net::TcpStream::connect("127.0.0.1:1")),
        "exec" => drop(Command::new("/bin/true").status()),
        "stderr" => drop(rustix::io::write(rustix::stdio::stderr(), b"x")),
        "thread" => drop(std::thread::Builder::new().spawn(|| ()).map(|thread| thread.join())),
        other => panic!("{other}"),
    }
    std::process::exit(0);
}

#[test]
fn a_confined_process_should_reach_nothing() {
    if let Ok(what) = std::env::var(ATTEMPT) {
        attempt(&what);
    }
    for (what, allowed) in [
        ("nothing", true),
        ("open", false),
        ("socket", false),
        ("exec", false),
        ("stderr", false),
        ("thread", false),
    ] {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_confined_process_should_reach_nothing", "--test-threads=1", "--nocapture"])
            .env(ATTEMPT, what)
            .output()
            .unwrap()
            .status;
        if allowed {
            assert!(status.success(), "{what}: {status}");
        } else {
            assert_eq!(status.signal(), Some(SIGSYS), "{what}: {status}");
        }
    }
}
