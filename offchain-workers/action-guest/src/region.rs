//! Splits the fuel regions of a module.
//!
//! wasmi charges fuel by function body, loop body and arm of an `if`: whoever enters pays for all of it. One turn of an
//! interpreter's `for (;;) switch (op)` would pay for every case. This pass wraps the code behind a block that is branched
//! to, and behind a `br_if`, into a `loop` that never iterates: a region of its own, paid for when it is reached. The
//! meaning stays, fuel only falls, and stays an upper bound of the operators that ran.
//!
//! A loop without parameters cannot reach operands below it, so code is wrapped only where the frame has none.

use std::collections::VecDeque;
use wasm_encoder::{
    reencode::{Error, Reencode},
    CodeSection, Function, Instruction, Module,
};
use wasmparser::{
    BlockType, CompositeInnerType, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, Parser,
    ValidPayload, Validator, WasmModuleResources,
};

/// One frame of the original, while it is rewritten.
struct Frame {
    /// What a wrapping loop has as its type: the results of the frame; `None` where that needs a type of its own.
    loop_type: Option<BlockType>,
    /// Blocks that are branched to end with code that may not run.
    targeted: bool,
    is_block: bool,
    /// How many wrapping loops are open in it.
    loops: u32,
}

/// The module with its regions split.
///
/// # Errors
/// The module is not valid Wasm.
pub(crate) fn split(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let mut validator = Validator::new();
    let mut functions = VecDeque::new();
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(wasm) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            let mut validator = function.into_validator(allocations);
            functions.push_back(rewrite(&mut validator, &body)?);
            allocations = validator.into_allocations();
        }
    }
    let mut module = Module::new();
    Rewritten(functions).parse_core_module(&mut module, Parser::new(0), wasm)?;
    Ok(module.finish())
}

/// Puts the rewritten functions, which come in order, in the place of the originals.
struct Rewritten(VecDeque<Function>);

impl Reencode for Rewritten {
    type Error = std::convert::Infallible;

    fn parse_function_body(&mut self, code: &mut CodeSection, _: FunctionBody<'_>) -> Result<(), Error> {
        if let Some(function) = self.0.pop_front() {
            code.function(&function);
        }
        Ok(())
    }
}

fn rewrite<T: WasmModuleResources>(
    validator: &mut FuncValidator<T>,
    body: &FunctionBody<'_>,
) -> Result<Function, Error> {
    let mut encoder = wasm_encoder::reencode::RoundtripReencoder;
    let mut binary = body.get_binary_reader();
    validator.read_locals(&mut binary)?;
    let mut function = encoder.new_function_with_parsed_locals(body)?;
    let mut reader = body.get_operators_reader()?;
    let mut frames = vec![Frame {
        // The results of a function are not said by a block type, but by its own; one result or none can be said.
        loop_type: body_type(validator),
        targeted: false,
        is_block: false,
        loops: 0,
    }];
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        let mut split_here = false;
        let mut closing = 0;
        match &operator {
            Operator::Block { blockty } => frames.push(frame(*blockty, true)),
            Operator::Loop { blockty } | Operator::If { blockty } => frames.push(frame(*blockty, false)),
            Operator::Else => {
                if let Some(frame) = frames.last_mut() {
                    closing = std::mem::take(&mut frame.loops);
                }
            }
            Operator::End => {
                if let Some(frame) = frames.pop() {
                    closing = frame.loops;
                    split_here = frame.is_block && frame.targeted && !frames.is_empty();
                }
            }
            Operator::BrIf { .. } => split_here = true,
            _ => {}
        }
        for _ in 0..closing {
            function.instruction(&Instruction::End);
        }
        let instruction = encoder.instruction(operator.clone())?;
        function.instruction(&retarget(instruction, &mut frames));
        validator.op(offset, &operator)?;
        let open = validator.get_control_frame(0).filter(|open| !open.unreachable);
        let bare = open.is_some_and(|open| open.height == validator.operand_stack_height() as usize);
        if let (true, true, Some(frame)) = (split_here, bare, frames.last_mut()) {
            if let Some(loop_type) = frame.loop_type {
                function.instruction(&Instruction::Loop(encoder.block_type(loop_type)?));
                frame.loops = frame.loops.saturating_add(1);
            }
        }
    }
    Ok(function)
}

fn frame(block_type: BlockType, is_block: bool) -> Frame {
    let loop_type = match block_type {
        BlockType::FuncType(_) => None,
        plain => Some(plain),
    };
    Frame { loop_type, targeted: false, is_block, loops: 0 }
}

fn body_type<T: WasmModuleResources>(validator: &FuncValidator<T>) -> Option<BlockType> {
    let types = validator.resources();
    let function = types.sub_type_at_id(types.type_id_of_function(validator.index())?);
    let CompositeInnerType::Func(function) = &function.composite_type.inner else { return None };
    match function.results() {
        [] => Some(BlockType::Empty),
        [one] => Some(BlockType::Type(*one)),
        _ => None,
    }
}

/// Branches count the loops that were put between them and their targets, and mark their targets.
fn retarget<'a>(instruction: Instruction<'a>, frames: &mut [Frame]) -> Instruction<'a> {
    let mut depth = |old: u32| {
        let between = frames.iter_mut().rev().take((old as usize).saturating_add(1));
        let mut new = old;
        for (passed, frame) in between.enumerate() {
            new = new.saturating_add(frame.loops);
            frame.targeted |= passed == old as usize;
        }
        new
    };
    match instruction {
        Instruction::Br(old) => Instruction::Br(depth(old)),
        Instruction::BrIf(old) => Instruction::BrIf(depth(old)),
        Instruction::BrTable(olds, default) => {
            let news: Vec<u32> = olds.iter().map(|old| depth(*old)).collect();
            let default = depth(default);
            Instruction::BrTable(news.into(), default)
        }
        other => other,
    }
}
