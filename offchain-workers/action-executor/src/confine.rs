//! What the child takes from itself before it reads anything.

use landlock::{Access, AccessFs, AccessNet, Ruleset, RulesetAttr, ABI};
use rustix::process::{self, Resource, Rlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

/// Address space: five actions in a row with 256 MiB each, the cache, the engines.
const ADDRESS_SPACE: u64 = 4 << 30;

/// What the engine needs of the kernel, once it runs: memory, its two pipes, clocks, randomness for hash tables, the end.
const SYSTEM_CALLS: &[i64] = &[
    libc::SYS_close,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
/// Allowed on one descriptor, their first argument: commands come in by the one, replies go out by the other, and the
/// node's log is not an action's to write.
const PIPES: [(i64, u64); 2] = [(libc::SYS_read, 0), (libc::SYS_write, 1)];
/// Allowed without PROT_EXEC, which is their third argument.
const MEMORY_CALLS: &[i64] = &[libc::SYS_mmap, libc::SYS_mprotect];

/// Why a process cannot confine itself. It must not run actions then.
#[derive(Debug, thiserror::Error)]
pub enum ConfinementError {
    /// A resource limit.
    #[error("resource limits: {0}")]
    Limits(#[from] rustix::io::Errno),
    /// Landlock; that the kernel does not have it is no error.
    #[error("landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    /// The filter of system calls.
    #[error("seccomp: {0}")]
    Filter(#[from] seccompiler::Error),
    /// The same.
    #[error("seccomp: {0}")]
    Backend(#[from] seccompiler::BackendError),
    /// A processor that the filter is not written for.
    #[error("no filter for {0}")]
    Architecture(&'static str),
}

/// Confines this process for good.
///
/// # Errors
/// The kernel refuses; whoever calls ends then.
pub fn confine() -> Result<(), ConfinementError> {
    // Dies with its parent, shows its memory to nobody, dumps no core.
    process::set_parent_process_death_signal(Some(process::Signal::KILL))?;
    process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::As, ADDRESS_SPACE)?;
    // No file and no port: a ruleset without rules. Older kernels know less of it; seccomp, below, is what is required.
    Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .create()?
        .restrict_self()?;
    // After Landlock, whose ruleset is a file descriptor for a moment.
    limit(Resource::Nofile, 0)?;
    Ok(seccompiler::apply_filter(&filter()?)?)
}

fn limit(resource: Resource, value: u64) -> Result<(), rustix::io::Errno> {
    process::setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
}

fn filter() -> Result<BpfProgram, ConfinementError> {
    let not_executable = SeccompRule::new(vec![SeccompCondition::new(
        2,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64),
        0,
    )?])?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        SYSTEM_CALLS.iter().map(|call| (*call, Vec::new())).collect();
    for (call, descriptor) in PIPES {
        let on = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, descriptor)?;
        rules.insert(call, vec![SeccompRule::new(vec![on])?]);
    }
    rules.extend(MEMORY_CALLS.iter().map(|call| (*call, vec![not_executable.clone()])));
    let architecture = std::env::consts::ARCH;
    let target = architecture.try_into().map_err(|_| ConfinementError::Architecture(architecture))?;
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, target)?;
    Ok(filter.try_into()?)
}
