//! The guest with split fuel regions does what the guest does without, for less fuel.

use conclave_action_guest::{QUICKJS, QUICKJS_RAW};
use wasmi::{Caller, CompilationMode, Config, Engine, Instance, Linker, Module, Store};

const CORPUS: &[&str] = &[
    "host.log(String(1 + 1))",
    "const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); host.log(String(fib(15)))",
    "host.log(JSON.stringify(JSON.parse('{\"a\":[1,2.5,null,true,\"x\"]}')))",
    "let text = ''; for (let i = 0; i < 300; i++) { switch (i % 5) { case 0: text += 'a'; break; case 1: continue; default: text += i } } host.log(text)",
    "host.log([5, 3, 9].sort().map((n) => n ** 2).join()); host.log('x'.repeat(100).replace(/x(x+)/, '$1y'))",
    "host.log(String(2n ** 200n % 97n)); try { null.x } catch (error) { host.log(error.message) }",
    "class A { #x = 1; get x() { return this.#x } } host.log(String(new A().x)); host.log(String(0.1 + 0.2))",
    "const f = (n) => f(n + 1) + 1; try { f(0) } catch (error) { host.log(`${error}`) }",
    "function* g() { yield* [1, 2, 3] } host.log([...g()].join()); host.log(new Date(0).toISOString())",
];

/// What a script logs, and the fuel that it takes.
fn run(wasm: &[u8], script: &str) -> (Vec<String>, u64) {
    let mut config = Config::default();
    config.consume_fuel(true).compilation_mode(CompilationMode::Eager);
    config.set_max_recursion_depth(20_000).set_max_stack_height(64 << 20);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wasm).unwrap();
    let mut linker: Linker<Vec<String>> = Linker::new(&engine);
    linker.func_wrap("host", "call", |_: u32, _: u32, _: u32, _: u32, _: i32, _: u32| 0i32).unwrap();
    linker.func_wrap("host", "read", |_: u32, _: u32| {}).unwrap();
    linker.func_wrap("host", "now_us", || 1i64).unwrap();
    let log = |mut caller: Caller<'_, Vec<String>>, at: u32, len: u32| {
        let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
        let text = memory.data(&caller)[at as usize..][..len as usize].to_vec();
        caller.data_mut().push(String::from_utf8(text).unwrap());
    };
    linker.func_wrap("host", "log", log).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    store.set_fuel(u64::MAX).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let init = instance.get_typed_func::<u32, i32>(&store, "init").unwrap();
    assert_eq!(init.call(&mut store, 3 << 20).unwrap(), 1);
    with_text(&mut store, &instance, "prelude", "globalThis.host = __host");
    with_text(&mut store, &instance, "compile", script);
    let before = store.get_fuel().unwrap();
    let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 1, "{script}");
    let fuel = before - store.get_fuel().unwrap();
    (store.into_data(), fuel)
}

fn with_text(store: &mut Store<Vec<String>>, instance: &Instance, function: &str, text: &str) {
    let alloc = instance.get_typed_func::<u32, u32>(&*store, "alloc").unwrap();
    let at = alloc.call(&mut *store, text.len() as u32 + 1).unwrap();
    instance.get_memory(&*store, "memory").unwrap().write(&mut *store, at as usize, text.as_bytes()).unwrap();
    let function = instance.get_typed_func::<(u32, u32), i32>(&*store, function).unwrap();
    assert_eq!(function.call(&mut *store, (at, text.len() as u32)).unwrap(), 1);
}

#[test]
fn splitting_regions_should_change_the_fuel_only() {
    for script in CORPUS {
        let (raw, raw_fuel) = run(QUICKJS_RAW, script);
        let (split, split_fuel) = run(QUICKJS, script);
        assert!(!raw.is_empty(), "{script}");
        assert_eq!(raw, split, "{script}");
        assert!(split_fuel < raw_fuel, "{script}: {split_fuel} of {raw_fuel}");
    }
}

#[test]
fn an_interpreter_loop_should_cost_a_tenth_at_most() {
    let (_, raw) = run(QUICKJS_RAW, CORPUS[1]);
    let (_, split) = run(QUICKJS, CORPUS[1]);
    println!("fib(15): {raw} fuel raw, {split} split");
    assert!(split * 10 < raw, "{split} of {raw}");
}
