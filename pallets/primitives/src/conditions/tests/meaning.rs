//! Equal hash if and only if equal meaning, for generated pairs.
//!
//! Conditions are drawn as trees over a few leaves and written as JSON with whatever spelling chance gives. What a tree
//! means is decided twice, both times without the code under test: by sets of names (the laws in the documentation of
//! [`super::super`]), and by its truth table.

use super::super::{parse, Condition, Leaf};
use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use rand_core::Rng;
use std::io::Write;

/// `CONCLAVE_PAIRS` sets the number of pairs that are compared; 100,000 take 14 s.
fn pairs() -> u32 {
    std::env::var("CONCLAVE_PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(4_000)
}

/// `CONCLAVE_PAIRS_FILE` names a file that the pairs are written to with their hashes, a line each: for others that run
/// this code, such as the runtime's Wasm.
fn pairs_file() -> Option<impl Write> {
    let name = std::env::var_os("CONCLAVE_PAIRS_FILE")?;
    Some(std::io::BufWriter::new(std::fs::File::create(name).expect("a file that can be written")))
}

#[derive(Clone, Debug)]
enum Tree {
    Leaf(u32),
    Not(Vec<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    AtLeast(usize, Vec<Tree>),
}

const LEAVES: u32 = 7;

struct Draw(ChaCha20Rng);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0.next_u32() as usize % bound
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn tree(&mut self, depth: usize) -> Tree {
        if depth == 0 || self.below(4) == 0 {
            return Tree::Leaf(self.below(LEAVES as usize) as u32);
        }
        let operands =
            |draw: &mut Self, size: usize| (0..size).map(|_| draw.tree(depth - 1)).collect::<Vec<_>>();
        match self.below(4) {
            0 => Tree::Not(operands(self, 1)),
            1 => {
                let size = 1 + self.below(3);
                Tree::All(operands(self, size))
            }
            2 => {
                let size = 1 + self.below(3);
                Tree::Any(operands(self, size))
            }
            _ => {
                // Different leaves, as the language asks for.
                let mut leaves: Vec<u32> = (0..LEAVES).collect();
                self.shuffle(&mut leaves);
                let size = 3 + self.below(2);
                Tree::AtLeast(2, leaves.into_iter().take(size).map(Tree::Leaf).collect())
            }
        }
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }

    /// Another tree that means the same, by the laws.
    fn rewritten(&mut self, tree: &Tree) -> Tree {
        let each = |draw: &mut Self, of: &[Tree]| {
            let mut of: Vec<_> = of.iter().map(|operand| draw.rewritten(operand)).collect();
            draw.shuffle(&mut of);
            of
        };
        let tree = match tree {
            Tree::Leaf(leaf) => Tree::Leaf(*leaf),
            Tree::Not(of) => Tree::Not(each(self, of)),
            Tree::AtLeast(count, of) => Tree::AtLeast(*count, each(self, of)),
            Tree::All(of) | Tree::Any(of) => {
                let all = matches!(tree, Tree::All(_));
                let group = |of| if all { Tree::All(of) } else { Tree::Any(of) };
                let mut of = each(self, of);
                if self.coin() && of.len() < 3 {
                    of.push(of[0].clone());
                }
                if self.below(3) == 0 {
                    let tail = of.split_off(self.below(of.len()).max(1).min(of.len()));
                    if !tail.is_empty() {
                        of.push(group(tail));
                    }
                }
                if self.below(4) == 0 {
                    // De Morgan.
                    let negated = of.into_iter().map(|operand| Tree::Not(vec![operand])).collect();
                    Tree::Not(vec![if all { Tree::Any(negated) } else { Tree::All(negated) }])
                } else {
                    group(of)
                }
            }
        };
        match self.below(8) {
            0 => Tree::Not(vec![Tree::Not(vec![tree])]),
            1 => Tree::Any(vec![tree]),
            _ => tree,
        }
    }

    /// JSON, spelled by chance.
    fn write(&mut self, tree: &Tree) -> String {
        let list = |draw: &mut Self, of: &[Tree]| {
            let items: Vec<_> = of.iter().map(|operand| draw.write(operand)).collect();
            format!("[{}]", items.join(&format!(",{}", draw.space())))
        };
        match tree {
            Tree::Leaf(leaf) => self.leaf(*leaf),
            Tree::Not(of) => {
                let inner = self.write(&of[0]);
                self.object(&[("not", inner)])
            }
            Tree::All(of) => {
                let of = list(self, of);
                self.object(&[("all", of)])
            }
            Tree::Any(of) => {
                let of = list(self, of);
                self.object(&[("any", of)])
            }
            Tree::AtLeast(count, of) => {
                let of = list(self, of);
                let fields = self.object(&[("count", count.to_string()), ("of", of)]);
                self.object(&[("atLeast", fields)])
            }
        }
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n\t", "\r\n  "][self.below(5)]
    }

    fn string(&mut self, text: &str) -> String {
        // Characters beyond 16 bits are two surrogates.
        let escaped = |draw: &mut Self, c: char| match draw.below(6) {
            0 => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            1 => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
            _ => c.to_string(),
        };
        let body: String = text.chars().map(|c| escaped(self, c)).collect();
        format!("\"{body}\"")
    }

    fn object(&mut self, fields: &[(&str, String)]) -> String {
        let mut fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}{}:{}{value}", self.space(), self.string(name), self.space()))
            .collect();
        self.shuffle(&mut fields);
        format!("{{{}{}}}", fields.join(","), self.space())
    }

    fn integer(&mut self, value: u32) -> String {
        match self.below(4) {
            0 => self.string(&value.to_string()),
            1 => self.string(&format!("0x{value:x}")),
            2 => self.string(&format!("0x00{value:X}")),
            _ => value.to_string(),
        }
    }

    fn leaf(&mut self, leaf: u32) -> String {
        let chain = self.string("base");
        let user = self.string("$user");
        let ge = self.string(">=");
        let address = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";
        let address: String = address
            .chars()
            .map(|c| if c != 'x' && self.coin() { c.to_ascii_uppercase() } else { c })
            .collect();
        let contract = self.string(&address);
        match leaf {
            // These two differ in the number alone.
            0 | 1 => {
                let value = self.integer(10 + leaf);
                let fields = [("chain", chain), ("account", user), ("comparator", ge), ("value", value)];
                let inner = self.object(&fields);
                self.object(&[("evmBalance", inner)])
            }
            2 => {
                let value = self.integer(10);
                let fields = [
                    ("chain", chain),
                    ("contract", contract),
                    ("account", user),
                    ("comparator", ge),
                    ("value", value),
                ];
                if self.coin() {
                    let inner = self.object(&fields);
                    return self.object(&[("erc20", inner)]);
                }
                let [(_, chain), (_, contract), (_, user), (_, ge), (_, value)] = fields;
                let uint = if self.coin() { "[\"uint\"]" } else { "[\"uint256\"]" };
                let fields = [
                    ("chain", chain),
                    ("contract", contract),
                    ("function", self.string("balanceOf")),
                    ("inputs", "[\"address\"]".to_string()),
                    ("arguments", format!("[{user}]")),
                    ("outputs", uint.to_string()),
                    ("output", "0".to_string()),
                    ("comparator", ge),
                    ("value", value),
                ];
                let inner = self.object(&fields);
                self.object(&[("evmCall", inner)])
            }
            3 => {
                let value = self.integer(10);
                let gt = self.string(">");
                let fields = [("chain", chain), ("account", user), ("comparator", gt), ("value", value)];
                let inner = self.object(&fields);
                self.object(&[("evmBalance", inner)])
            }
            4 => {
                let account = if self.coin() {
                    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".to_string()
                } else {
                    "0xd43593C715FDD31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d".to_string()
                };
                let account = self.string(&account);
                let inner = self.object(&[("account", account)]);
                self.object(&[("user", inner)])
            }
            5 => {
                let inner = if self.coin() {
                    self.object(&[("until", "99".to_string())])
                } else {
                    self.object(&[("from", "0".to_string()), ("until", "99".to_string())])
                };
                self.object(&[("blocks", inner)])
            }
            _ => {
                let value = self.string("ä😀");
                self.object(&[("siweResource", value)])
            }
        }
    }
}

/// What a tree means, by names: of a leaf, of its opposite, of a group as the set of its operands.
fn meaning(tree: &Tree, negated: bool) -> String {
    let group = |all: bool, of: &[Tree]| {
        let all = all != negated;
        let (open, close) = if all { ('(', ')') } else { ('[', ']') };
        let mut operands = BTreeSet::new();
        for operand in of {
            let name = meaning(operand, negated);
            if name.starts_with(open) {
                operands.extend(parts(&name));
            } else {
                operands.insert(name);
            }
        }
        match operands.len() {
            1 => operands.into_iter().collect(),
            _ => format!("{open}{}{close}", operands.into_iter().collect::<Vec<_>>().join(",")),
        }
    };
    match tree {
        Tree::Leaf(leaf) => format!("{}{leaf}", if negated { "!" } else { "" }),
        Tree::Not(of) => meaning(&of[0], !negated),
        Tree::All(of) => group(true, of),
        Tree::Any(of) => group(false, of),
        Tree::AtLeast(count, of) => {
            let count = if negated { of.len() - count + 1 } else { *count };
            let operands: BTreeSet<_> = of.iter().map(|operand| meaning(operand, negated)).collect();
            format!("{{{count}:{}}}", operands.into_iter().collect::<Vec<_>>().join(","))
        }
    }
}

/// The operands in a group's name.
fn parts(name: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in name[1..name.len() - 1].chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().expect("never empty").push(c),
        }
    }
    parts
}

fn truth(tree: &Tree, assignment: u32) -> bool {
    let number = |of: &[Tree]| of.iter().filter(|operand| truth(operand, assignment)).count();
    match tree {
        Tree::Leaf(leaf) => assignment >> leaf & 1 == 1,
        Tree::Not(of) => !truth(&of[0], assignment),
        Tree::All(of) => number(of) == of.len(),
        Tree::Any(of) => number(of) > 0,
        Tree::AtLeast(count, of) => number(of) >= *count,
    }
}

fn decided(condition: &Condition, leaves: &[Leaf], assignment: u32) -> Option<bool> {
    condition.expression().decide(&mut |leaf| {
        let position = leaves.iter().position(|known| known == leaf);
        let position = position.unwrap_or_else(|| panic!("{leaf:?} is none of {leaves:?}"));
        Some(assignment >> position & 1 == 1)
    })
}

#[test]
fn equal_hash_should_be_equal_meaning() {
    let mut draw = Draw(ChaCha20Rng::seed_from_u64(7));
    let leaves: Vec<Leaf> = (0..LEAVES)
        .map(|leaf| parse(&draw.leaf(leaf)).expect("sound").leaves().pop().expect("one leaf").clone())
        .collect();
    let (mut equal, mut different) = (0u32, 0u32);
    let mut file = pairs_file();
    while equal + different < pairs() {
        let pair = equal + different;
        let a = draw.tree(3);
        let b = match draw.below(3) {
            0 => draw.tree(3),
            1 => draw.rewritten(&a),
            // Changed in some place, usually.
            _ => {
                let other = draw.tree(1);
                let changed = if draw.coin() {
                    Tree::All(vec![a.clone(), other])
                } else {
                    Tree::Any(vec![a.clone(), other])
                };
                draw.rewritten(&changed)
            }
        };
        let texts = [&a, &b].map(|tree| draw.write(tree));
        let conditions = texts.each_ref().map(|text| match parse(text) {
            Ok(condition) => Some(condition),
            // Rewriting nests and repeats: the limits may be passed.
            Err(error) if error.expected.contains("at most") => None,
            Err(error) => panic!("pair {pair}: {error}\n{text}"),
        });
        let [Some(first), Some(second)] = conditions else { continue };
        let same = meaning(&a, false) == meaning(&b, false);
        assert_eq!(first.hash() == second.hash(), same, "pair {pair}:\n{}\n{}", texts[0], texts[1]);
        assert_eq!(first.to_bytes() == second.to_bytes(), same, "pair {pair}");
        if let Some(file) = &mut file {
            let hashes = [first.hash(), second.hash()].map(|hash| crate::domain::Hex(&hash.0).to_string());
            let line = serde_json::json!({ "conditions": texts, "hashes": hashes });
            writeln!(file, "{line}").expect("a disk with space");
        }
        for _ in 0..8 {
            let assignment = draw.0.next_u32() % (1 << LEAVES);
            assert_eq!(decided(&first, &leaves, assignment), Some(truth(&a, assignment)), "pair {pair}");
            if same {
                assert_eq!(truth(&a, assignment), truth(&b, assignment), "pair {pair}");
            }
        }
        *if same { &mut equal } else { &mut different } += 1;
    }
    assert!(equal > pairs() / 5 && different > pairs() / 5, "{equal} equal, {different} different");
    std::eprintln!("{equal} pairs equal, {different} different");
}

/// What CI gives to the Wasm runtime, too; see `tests/vectors/README.md`.
#[test]
fn the_pairs_of_the_vectors_should_have_their_hashes() {
    let vectors = include_str!("../../../../../tests/vectors/condition-pairs.jsonl");
    let mut compared = 0;
    for line in vectors.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        for side in [0, 1] {
            let text = line["conditions"][side].as_str().expect("a condition");
            let hash = parse(text).expect("sound").hash();
            assert_eq!(line["hashes"][side], crate::domain::Hex(&hash.0).to_string(), "{text}");
            compared += 1;
        }
    }
    assert_eq!(compared, 120);
}
