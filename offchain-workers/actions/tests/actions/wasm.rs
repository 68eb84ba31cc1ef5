//! Wasm actions: what they can ask, and what is refused.

use crate::support::Bench;
use conclave_actions::{Failure, Host, Limits, Report};
use serde_json::json;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, Instruction as I, MemorySection, MemoryType, Module, StartSection,
    TypeSection, ValType,
};

/// A module with `lit.call` (function 0), `lit.read` (1), `run` (2), a memory, and some text at 0.
pub(crate) struct Action {
    pub(crate) imports: Vec<(&'static str, &'static str)>,
    pub(crate) run: Vec<I<'static>>,
    pub(crate) text: &'static str,
    pub(crate) pages: u64,
    pub(crate) start: bool,
    pub(crate) functions: u32,
    pub(crate) exports_memory: bool,
}

impl Default for Action {
    fn default() -> Self {
        Self {
            imports: vec![("lit", "call"), ("lit", "read")],
            run: Vec::new(),
            text: "",
            pages: 1,
            start: false,
            functions: 1,
            exports_memory: true,
        }
    }
}

impl Action {
    pub(crate) fn wasm(&self) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32; 4], [ValType::I32]);
        types.ty().function([ValType::I32; 2], []);
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        for (module, name) in &self.imports {
            imports.import(module, name, EntityType::Function(if *name == "read" { 1 } else { 0 }));
        }
        let run = self.imports.len() as u32;
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for number in 0..self.functions {
            functions.function(2);
            let mut function = Function::new([(1, ValType::I32)]);
            if number == 0 {
                for instruction in &self.run {
                    function.instruction(instruction);
                }
            }
            function.instruction(&I::End);
            code.function(&function);
        }
        let mut memories = MemorySection::new();
        let memory_type = MemoryType {
            minimum: self.pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        memories.memory(memory_type);
        let mut exports = ExportSection::new();
        if self.exports_memory {
            exports.export("memory", ExportKind::Memory, 0);
        }
        exports.export("run", ExportKind::Func, run);
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), self.text.bytes());
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports);
        if self.start {
            module.section(&StartSection { function_index: run });
        }
        module.section(&code).section(&data);
        module.finish()
    }
}

fn run(wasm: &[u8]) -> Report {
    let limits = Limits { fuel: 200_000_000, memory_bytes: 32 << 20, ..Limits::default() };
    let bench = Bench::with_host(Host::default());
    bench.finish(bench.request(wasm, json!({ "x": 1 }), limits))
}

/// `lit.call` of the operation and argument that lie at 0 and after it.
fn call(operation: i32, argument: i32) -> Vec<I<'static>> {
    vec![I::I32Const(0), I::I32Const(operation), I::I32Const(operation), I::I32Const(argument), I::Call(0)]
}

#[test]
fn a_wasm_action_should_respond_with_what_it_was_given() {
    // Reads its configuration to 1000 and responds with it.
    let mut body = call(13, 0);
    body.extend([I::LocalSet(0), I::I32Const(1000), I::LocalGet(0), I::Call(1)]);
    body.extend([I::I32Const(13), I::I32Const(11), I::I32Const(1000), I::LocalGet(0), I::Call(0), I::Drop]);
    let action = Action { run: body, text: "configurationsetResponse", ..Default::default() };
    let report = run(&action.wasm());
    assert_eq!(report.result, Ok(()));
    let response: serde_json::Value = serde_json::from_str(&report.response.unwrap()).unwrap();
    assert_eq!(response["jsParams"], json!({ "x": 1 }));
    assert_eq!(response["auth"]["actionIpfsIds"][0], report.cid.to_string());
}

#[test]
fn a_call_that_leaves_the_sandbox_should_block_and_return() {
    // `sleep` of a millisecond, twice; then responds.
    let mut body = call(5, 3);
    body.push(I::Drop);
    body.extend(call(5, 3));
    body.extend([
        I::Drop,
        I::I32Const(8),
        I::I32Const(11),
        I::I32Const(0),
        I::I32Const(5),
        I::Call(0),
        I::Drop,
    ]);
    let action = Action { run: body, text: "sleep1:1setResponse", ..Default::default() };
    let report = run(&action.wasm());
    assert_eq!((report.result, report.response.as_deref()), (Ok(()), Some("sleep")));
    assert_eq!(report.usage.host_calls, 2);
}

#[test]
fn a_refusal_should_come_back_as_an_error_with_its_text() {
    // The length of the error is -1 - n: it is turned round, read, and responded with.
    let mut body = call(8, 2);
    body.extend([I::LocalSet(0), I::I32Const(-1), I::LocalGet(0), I::I32Sub, I::LocalSet(0)]);
    body.extend([I::I32Const(1000), I::LocalGet(0), I::Call(1)]);
    body.extend([I::I32Const(10), I::I32Const(11), I::I32Const(1000), I::LocalGet(0), I::Call(0), I::Drop]);
    let action = Action { run: body, text: "whatever{}setResponse", ..Default::default() };
    let report = run(&action.wasm());
    assert_eq!((report.result, report.response.as_deref()), (Ok(()), Some("whatever is not offered")));
}

#[test]
fn hostile_modules_should_be_contained() {
    let endless = vec![I::Loop(BlockType::Empty), I::Br(0), I::End];
    let growing =
        vec![I::Loop(BlockType::Empty), I::I32Const(16), I::MemoryGrow(0), I::Drop, I::Br(0), I::End];
    // What wasmi may not dispatch by sibling calls: each leaves native stack behind until its slice is over.
    let looping = |body: Vec<I<'static>>| {
        let mut run = vec![I::Loop(BlockType::Empty)];
        run.extend(body);
        run.extend([I::Br(0), I::End]);
        run
    };
    let copying = looping(vec![
        I::I32Const(0),
        I::I32Const(0),
        I::I32Const(0),
        I::MemoryCopy { src_mem: 0, dst_mem: 0 },
    ]);
    let filling = looping(vec![I::I32Const(0), I::I32Const(0), I::I32Const(0), I::MemoryFill(0)]);
    let calling =
        looping(vec![I::I32Const(0), I::I32Const(3), I::I32Const(0), I::I32Const(0), I::Call(0), I::Drop]);
    let out_of_bounds = |operation: i32| {
        vec![I::I32Const(-4), I::I32Const(operation), I::I32Const(0), I::I32Const(0), I::Call(0), I::Drop]
    };
    let with = |run: Vec<I<'static>>| Action { run, ..Default::default() }.wasm();
    let modules: Vec<(&str, Vec<u8>, &str)> = vec![
        ("endless loop", with(endless.clone()), "out of fuel"),
        ("growing memory", with(growing), "out of fuel"),
        ("endless copies", with(copying), "out of fuel"),
        ("endless fills", with(filling), "out of fuel"),
        (
            "endless calls that are answered at once",
            Action { run: calling, text: "now", ..Default::default() }.wasm(),
            "out of fuel",
        ),
        ("recursion", with(vec![I::Call(2)]), "call stack exhausted"),
        ("unreachable", with(vec![I::Unreachable]), "trapped"),
        ("division by zero", with(vec![I::I32Const(1), I::I32Const(0), I::I32DivS, I::Drop]), "trapped"),
        (
            "load out of bounds",
            with(vec![
                I::I32Const(-1),
                I::I32Load(wasm_encoder::MemArg { offset: 0, align: 0, memory_index: 0 }),
                I::Drop,
            ]),
            "trapped",
        ),
        ("a name out of bounds", with(out_of_bounds(8)), "trapped"),
        ("reads what is not there", with(vec![I::I32Const(0), I::I32Const(1), I::Call(1)]), "trapped"),
        ("reads to where nothing is", with(vec![I::I32Const(-1), I::I32Const(0), I::Call(1)]), "trapped"),
        ("start function", Action { start: true, ..Default::default() }.wasm(), "not an action"),
        (
            "foreign import",
            Action { imports: vec![("env", "call"), ("lit", "read")], ..Default::default() }.wasm(),
            "imports env.call",
        ),
        (
            "import of the guest's",
            Action { imports: vec![("host", "call"), ("lit", "read")], ..Default::default() }.wasm(),
            "imports host.call",
        ),
        (
            "wrong type of import",
            Action { imports: vec![("lit", "read"), ("lit", "read")], run: vec![], ..Default::default() }
                .wasm(),
            "",
        ),
        ("too much memory", Action { pages: 65_536, ..Default::default() }.wasm(), "not an action"),
        ("impossible memory", Action { pages: 1 << 20, ..Default::default() }.wasm(), "not an action"),
        ("10,001 functions", Action { functions: 10_001, ..Default::default() }.wasm(), "not an action"),
        ("nothing but the magic number", b"\0asm".to_vec(), "not an action"),
        ("another version", b"\0asm\x02\0\0\0".to_vec(), "not an action"),
        ("noise", [b"\0asm\x01\0\0\0".as_slice(), &[0xff; 100]].concat(), "not an action"),
        ("no exports", b"\0asm\x01\0\0\0".to_vec(), "exports no memory"),
        ("5 MiB", [b"\0asm\x01\0\0\0".as_slice(), &vec![0; 5 << 20]].concat(), "code is longer than"),
        (
            "a branch table of a million",
            with(vec![I::I32Const(0), I::BrTable(vec![0; 1_000_000].into(), 0)]),
            "",
        ),
        (
            "waits forever",
            Action {
                run: {
                    let mut sleep = call(5, 10);
                    sleep.push(I::Drop);
                    sleep
                },
                text: "sleep1:99999999",
                ..Default::default()
            }
            .wasm(),
            "not done in",
        ),
    ];
    for (name, wasm, expected) in modules {
        let report = if name == "waits forever" {
            let bench = Bench::with_host(Host::default());
            bench.finish(bench.request(&wasm, json!({}), Limits { time_ms: 200, ..Limits::default() }))
        } else {
            run(&wasm)
        };
        match report.result {
            Err(failure) => assert!(failure.to_string().contains(expected), "{name}: {failure}"),
            Ok(()) => assert!(expected.is_empty(), "{name}: ended well"),
        }
    }
    assert!(matches!(run(&with(endless)).result, Err(Failure::OutOfFuel { limit: 200_000_000 })));
}
