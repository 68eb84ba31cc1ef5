//! `conclave-node action`: what an author does with an action before anybody else sees it.

mod remote;
mod shown;

use crate::{
    external_chains,
    worker::{auth_context, Local, ANSWERABLE},
    Edition,
};
use conclave_actions::{trace, AuthContext, Limits, LocalSandbox, Report, Request, Trace, Vm};
use conclave_primitives::AuthMethod;
use remote::Remote;
use serde_json::{Map, Value};
use shown::{Ended, Shown};
use sp_core::{sr25519, Pair};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// How much of prepared programs is kept while one runs.
const CACHE_BYTES: usize = 64 << 20;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ActionCommand {
    /// Run an action on this machine, and print what it asked of the host, by line, with fuel and time.
    ///
    /// It runs in the sandbox that nodes have, with the network's limits, and fetches what a node would let it fetch. There is
    /// no committee and no chain: this is the only member; signatures are by keys that are thrown away, and what reads a
    /// chain, checks conditions or decrypts is refused unless --answer has its answer. All that stands in for the network is
    /// printed. With --node a network with all of that runs it instead, and says what it asked. Fails where the action does.
    Run(Box<RunCommand>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunCommand {
    /// JavaScript, or a Wasm module.
    file: PathBuf,

    /// Its jsParams: a JSON object, or @ and a file with one.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}", value_parser = params)]
    params: Map<String, Value>,

    /// The RPC of a node that was started with --dev, as 127.0.0.1:9944: its committee runs the action, with its keys and its
    /// chain.
    #[arg(long, value_name = "IP:PORT", conflicts_with_all = ["caller", "answers", "programs", "allow_address", "external_chains"])]
    node: Option<SocketAddr>,

    /// Which account asks there.
    #[arg(long, value_name = "SURI", default_value = "//Alice", requires = "node")]
    suri: String,

    /// Whose wallet asks, as `Lit.Auth` shows it; by default nobody's.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    caller: Option<[u8; 20]>,

    /// What every call of an operation answers: `isPermittedAction=true`. May be given again.
    #[arg(long = "answer", value_name = "OPERATION=JSON", value_parser = answer)]
    answers: Vec<(String, Value)>,

    /// The file of an action that this one may call. May be given again.
    #[arg(long = "program", value_name = "FILE")]
    programs: Vec<PathBuf>,

    /// Let it reach this address, although it is not public, and over plain HTTP, too: 127.0.0.1:8080. May be given again.
    #[arg(long, value_name = "IP:PORT", conflicts_with = "external_chains")]
    allow_address: Vec<SocketAddr>,

    /// The file that a node is given: what its `[actions]` allows, and endpoints for what reads other chains.
    #[arg(long, value_name = "FILE")]
    external_chains: Option<PathBuf>,
}

fn params(text: &str) -> Result<Map<String, Value>, String> {
    let text = match text.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?,
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| format!("expected a JSON object: {error}"))
}

fn address(text: &str) -> Result<[u8; 20], String> {
    let decoded = hex::decode(text.trim_start_matches("0x")).map_err(|error| error.to_string())?;
    decoded.try_into().map_err(|_| "expected 20 bytes".into())
}

fn answer(text: &str) -> Result<(String, Value), String> {
    let (operation, json) = text.split_once('=').ok_or("expected OPERATION=JSON")?;
    if !ANSWERABLE.contains(&operation) {
        return Err(format!("expected one of {}", ANSWERABLE.join(", ")));
    }
    let answer =
        serde_json::from_str(json).map_err(|error| format!("{operation}: expected JSON: {error}"))?;
    Ok((operation.into(), answer))
}

impl ActionCommand {
    pub(crate) fn run(&self, edition: Edition) -> sc_cli::Result<()> {
        let Self::Run(command) = self;
        let (shown, ended) = match command.node {
            Some(node) => command.run_at(node)?,
            None => command.run(edition)?,
        };
        println!("{shown}");
        // Why, is the last line of what is shown.
        ended.failure.map_or(Ok(()), |_| Err(input("the action failed")))
    }
}

impl RunCommand {
    /// On a development network.
    fn run_at(&self, node: SocketAddr) -> sc_cli::Result<(String, Ended)> {
        let who = sr25519::Pair::from_string(&self.suri, None);
        let who = who.map_err(|error| input(format!("--suri: {error:?}")))?;
        let remote = Remote::new(node, who);
        let (ended, traced) = remote.run(&read(&self.file)?, &self.params).map_err(input)?;
        let shown = Shown { stand_ins: &[], trace: &traced.trace, ended: &ended, limits: &traced.limits };
        Ok((shown.to_string(), ended))
    }

    /// On this machine alone.
    fn run(&self, edition: Edition) -> sc_cli::Result<(String, Ended)> {
        let outside = match &self.external_chains {
            Some(path) => external_chains::load(Some(path), edition.is_production).map_err(input)?,
            None => external_chains::for_actions_alone(self.allow_address.clone()),
        };
        let programs = self.programs.iter().map(|file| read(file)).collect::<sc_cli::Result<_>>()?;
        let local = Local::new(self.answers.iter().cloned().collect(), programs, outside).map_err(input)?;
        let local = Arc::new(local);
        let sandbox = LocalSandbox::new(Arc::new(Vm::new(CACHE_BYTES).map_err(input)?));
        // What waits for the web does so on threads of Tokio's.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let request = self.request()?;
        let (limits, host) = (request.limits, local.host());
        let (report, trace): (Report, Trace) = runtime.block_on(trace(&sandbox, &host, request));
        let (ended, stand_ins) = (Ended::from(report), local.stand_ins());
        let shown = Shown { stand_ins: &stand_ins, trace: &trace, ended: &ended, limits: &limits };
        Ok((shown.to_string(), ended))
    }

    fn request(&self) -> sc_cli::Result<Request> {
        let (mut id, mut entropy) = ([0; 32], [0; 32]);
        getrandom::fill(&mut id).map_err(input)?;
        getrandom::fill(&mut entropy).map_err(input)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let who = self.caller.map(AuthMethod::EthereumWallet);
        Ok(Request {
            id,
            code: read(&self.file)?,
            params: self.params.clone(),
            spread: true,
            auth: who.map_or_else(AuthContext::default, |who| auth_context(&who, None)),
            headers: Map::new(),
            now_us: now.saturating_mul(1_000_000),
            entropy,
            limits: Limits::default(),
        })
    }
}

fn read(file: &Path) -> sc_cli::Result<Vec<u8>> {
    fs::read(file).map_err(|error| input(format!("{}: {error}", file.display())))
}

fn input(error: impl ToString) -> sc_cli::Error {
    sc_cli::Error::Input(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        run: RunCommand,
    }

    fn line(arguments: &[&str]) -> Result<RunCommand, clap::Error> {
        let example =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../offchain-workers/actions/examples/limit-order.js");
        Line::try_parse_from([&["run", example], arguments].concat()).map(|line| line.run)
    }

    /// A market with one price.
    fn market() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 14\r\nconnection: close\r\n\r\n";
                let _ = write!(stream, "{head}{{\"price\":99.5}}");
            }
        });
        address
    }

    #[test]
    fn an_example_should_run_and_show_what_it_asked() {
        let market = market();
        let params = format!(
            r#"{{"publicKey":"04ab","marketUrl":"http://{market}/","limitPrice":100,"order":"{}"}}"#,
            "11".repeat(32)
        );
        let allowed = market.to_string();
        let run = line(&["--params", &params, "--allow-address", &allowed]).expect("arguments");
        let (shown, ended) = run.run(Edition::PRODUCTION).expect("a run");
        assert_eq!(ended.failure, None, "{shown}");
        for part in [r#"{"filled":true,"price":99.5}"#, "fetch", "thrown away", "EcdsaK256Sha256 for 04ab"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let closed = line(&["--params", &params]).expect("arguments");
        let (shown, ended) = closed.run(Edition::PRODUCTION).expect("a run");
        assert!(ended.failure.is_some() && shown.contains("not on the public internet"), "{shown}");
    }

    #[test]
    fn what_cannot_be_meant_should_be_refused() {
        for (arguments, expected) in [
            (["--params", "[]"], "expected a JSON object"),
            (["--params", "@/nowhere"], "/nowhere"),
            (["--answer", "isPermitted=true"], "expected one of callContract"),
            (["--answer", "isPermittedAction=yes"], "isPermittedAction: expected JSON"),
            (["--caller", "0x12"], "expected 20 bytes"),
            (["--allow-address", "localhost:1"], "invalid socket address"),
        ] {
            let refused = line(&arguments).expect_err("refused").to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        assert!(line(&["--allow-address", "127.0.0.1:1", "--external-chains", "x"]).is_err());
        assert!(line(&["--node", "127.0.0.1:1", "--answer", "isPermittedAction=true"]).is_err());
        let nobody = line(&["--node", "127.0.0.1:1"]).expect("arguments");
        let unreachable = nobody.run_at("127.0.0.1:1".parse().expect("an address")).expect_err("no node");
        assert!(
            unreachable.to_string().contains("chain_getFinalizedHead at http://127.0.0.1:1/"),
            "{unreachable}"
        );
    }
}
