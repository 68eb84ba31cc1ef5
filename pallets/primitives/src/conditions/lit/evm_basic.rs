//! `accessControlConditions`: by standard contract type.

use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::fmt::Display;

use super::{
    address, address_argument, both, check_type, contract_at, decimal, decimal_at, never, not, substitute,
    AbiArgument, AbiType, Comparator, Expression, Integer, Leaf, Parsed, ReturnValueTest, TextValue,
    Variable,
};
use crate::conditions::{
    abi::parse_hex,
    leaf::{EvmCall, PoapField},
    reader::{At, Object},
    ChainName,
};

/// The registry's entry that answers for POAP.
const POAP: &str = "poap";

/// A condition whose fields are read.
struct Basic<'a> {
    at: At<'a>,
    contract: At<'a>,
    chain: ChainName,
    parameters: Vec<At<'a>>,
    method: &'a str,
    test: ReturnValueTest<'a>,
}

pub(super) fn compile(at: &At<'_>) -> Parsed<Expression> {
    check_type(at, "evmBasic")?;
    let required =
        ["contractAddress", "chain", "standardContractType", "method", "parameters", "returnValueTest"];
    let fields: Object<'_> = at.object(&required, &["conditionType"])?;
    let parameters = fields.must("parameters")?.elements()?;
    parameters.iter().try_for_each(|parameter| parameter.text().map(|_| ()))?;
    fields.must("contractAddress")?.text()?;
    let condition = Basic {
        at: at.clone(),
        contract: fields.must("contractAddress")?,
        chain: fields.must("chain")?.chain()?,
        method: fields.must("method")?.text()?,
        test: ReturnValueTest::read(&fields.must("returnValueTest")?, false)?,
        parameters,
    };
    condition.compile(fields.must("standardContractType")?.text()?)
}

impl<'a> Basic<'a> {
    fn compile(&self, contract_type: &str) -> Parsed<Expression> {
        match (contract_type, self.method) {
            ("", "") => self.requester(),
            ("", "eth_getBalance") => {
                let (account, asked) = (address_argument(self.parameter(0)?)?, decimal_at(&self.test.value)?);
                let leaf =
                    |comparator| Leaf::EvmBalance { chain: self.chain.clone(), account, comparator, asked };
                Ok(self.known(Comparator::is_order, leaf))
            }
            ("timestamp", _) => {
                let asked = decimal_at(&self.test.value)?;
                let leaf = |comparator| Leaf::EvmTime { chain: self.chain.clone(), comparator, asked };
                Ok(self.known(Comparator::is_order, leaf))
            }
            ("ERC20" | "ERC721", "balanceOf") => {
                self.uint("balanceOf", vec![(AbiType::Address, address_argument(self.parameter(0)?)?)])
            }
            ("ERC721", "ownerOf") => {
                let token = AbiArgument::Integer(decimal_at(self.parameter(0)?)?);
                let asked = address_argument(&self.test.value)?;
                let arguments = vec![(AbiType::Uint(256), token)];
                self.call("ownerOf", arguments, AbiType::Address, self.address_comparator(), asked)
            }
            ("ERC1155", "balanceOf") => {
                let (account, token) = (address_argument(self.parameter(0)?)?, self.token(1)?);
                self.uint("balanceOf", vec![(AbiType::Address, account), (AbiType::Uint(256), token)])
            }
            ("ERC1155", "balanceOfBatch") => self.batch(),
            ("MolochDAOv2.1", "members") => self.moloch(),
            ("Creaton", "subscribers") => {
                let arguments = vec![(AbiType::Address, address_argument(self.parameter(0)?)?)];
                let one = AbiArgument::Integer(Integer::from(1));
                self.call("subscribers", arguments, AbiType::Uint(8), Some(Comparator::Equal), one)
            }
            ("ProofOfHumanity", "isRegistered") => {
                let arguments = vec![(AbiType::Address, address_argument(self.parameter(0)?)?)];
                let yes = AbiArgument::Bool(true);
                self.call("isRegistered", arguments, AbiType::Bool, Some(Comparator::Equal), yes)
            }
            ("CASK", "getActiveSubscriptionCount") => {
                let plan = self.parameter(2)?;
                let plan = decimal(plan.text()?)
                    .map(AbiArgument::Integer)
                    .filter(|plan| AbiType::Uint(32).admits(plan))
                    .ok_or_else(|| plan.error("a number of 32 bits in decimal digits"))?;
                let arguments = vec![
                    (AbiType::Address, address_argument(self.parameter(0)?)?),
                    (AbiType::Address, address_argument(self.parameter(1)?)?),
                    (AbiType::Uint(32), plan),
                ];
                self.uint("getActiveSubscriptionCount", arguments)
            }
            ("PKPPermissions", "isPermittedAction" | "isPermittedAddress") => self.pkp_permissions(),
            ("POAP", _) => self.poap(),
            ("SIWE", _) => self.siwe(),
            ("LitAction", _) => self.action(),
            _ => Ok(never()),
        }
    }

    fn parameter(&self, index: usize) -> Parsed<&At<'a>> {
        self.parameters
            .get(index)
            .ok_or_else(|| self.error(format!("at least {} `parameters`", index.saturating_add(1))))
    }

    fn error(&self, what: impl Display) -> crate::conditions::SyntaxError {
        self.at.error(what)
    }

    /// The leaf for the comparator, or never where Lit does not know it for this kind of value.
    fn known(&self, known: fn(Comparator) -> bool, leaf: impl FnOnce(Comparator) -> Leaf) -> Expression {
        self.test.comparator(known).map_or_else(never, |comparator| Expression::Leaf(leaf(comparator)))
    }

    /// Lit compares addresses by order and equality, not by inequality.
    fn address_comparator(&self) -> Option<Comparator> {
        self.test.comparator(|comparator| comparator.is_order() && comparator != Comparator::NotEqual)
    }

    /// Who asks, or another variable, compared with the value.
    fn requester(&self) -> Parsed<Expression> {
        let found = self.parameter(0)?.text()?;
        if found == ":userAddress" {
            let asked = address_argument(&self.test.value)?;
            let leaf = |comparator| Expression::Leaf(Leaf::EvmAddress { comparator, asked });
            return Ok(self.address_comparator().map_or_else(never, leaf));
        }
        let (found, asked) = (substitute(found, &Variable::EvmAddress), self.literal_value()?);
        Ok(self.known(|_| true, |comparator| Leaf::Text { found, comparator, asked }))
    }

    /// The value as a text, in which Lit replaces nothing.
    fn literal_value(&self) -> Parsed<TextValue> {
        Ok(TextValue::Literal(self.test.value.text()?.to_string()))
    }

    /// A token id, decimal or hexadecimal after `0x`.
    fn token(&self, index: usize) -> Parsed<AbiArgument> {
        let at = self.parameter(index)?;
        let text = at.text()?;
        let parsed = if text.starts_with("0x") { Integer::parse(text) } else { decimal(text) };
        parsed
            .map(AbiArgument::Integer)
            .ok_or_else(|| at.error("a token id, decimal or hexadecimal after `0x`"))
    }

    fn uint(&self, function: &str, arguments: Vec<(AbiType, AbiArgument)>) -> Parsed<Expression> {
        let asked = AbiArgument::Integer(decimal_at(&self.test.value)?);
        self.call(function, arguments, AbiType::Uint(256), self.test.comparator(Comparator::is_order), asked)
    }

    fn call(
        &self,
        function: &str,
        arguments: Vec<(AbiType, AbiArgument)>,
        output: AbiType,
        comparator: Option<Comparator>,
        asked: AbiArgument,
    ) -> Parsed<Expression> {
        let contract = contract_at(&self.contract)?;
        let Some(comparator) = comparator else { return Ok(never()) };
        let (inputs, arguments) = arguments.into_iter().unzip();
        Ok(Expression::Leaf(Leaf::EvmCall(EvmCall {
            chain: self.chain.clone(),
            contract,
            function: function.to_string(),
            inputs,
            arguments,
            outputs: vec![output],
            output: 0,
            any_element: false,
            comparator,
            asked,
        })))
    }

    /// Accounts and tokens are lists in one string each; the condition holds if any of the balances passes.
    fn batch(&self) -> Parsed<Expression> {
        let (accounts, tokens) = (self.parameter(0)?, self.parameter(1)?);
        let account = |text: &str| match substitute(text, &Variable::EvmAddress) {
            TextValue::Variable(variable) => Some(AbiArgument::Variable(variable)),
            TextValue::Literal(text) => address(&text).map(AbiArgument::Address),
        };
        let token = |text: &str| decimal(text).map(AbiArgument::Integer);
        let addresses: Option<Vec<_>> = accounts.text()?.split(',').map(account).collect();
        let addresses = addresses.ok_or_else(|| accounts.error("addresses with commas between them"))?;
        let ids: Option<Vec<_>> = tokens.text()?.split(',').map(token).collect();
        let ids = ids.ok_or_else(|| tokens.error("token ids in decimal digits with commas between them"))?;
        let contract = contract_at(&self.contract)?;
        // Lit tries each balance, and logs where the value is no number.
        let comparator = self.test.comparator(Comparator::is_order);
        let (Some(comparator), Some(asked)) = (comparator, decimal(self.test.value.text()?)) else {
            return Ok(never());
        };
        if addresses.len() != ids.len() {
            return Ok(never());
        }
        let array = |element: AbiType| AbiType::Array(alloc::boxed::Box::new(element));
        Ok(Expression::Leaf(Leaf::EvmCall(EvmCall {
            chain: self.chain.clone(),
            contract,
            function: "balanceOfBatch".to_string(),
            inputs: vec![array(AbiType::Address), array(AbiType::Uint(256))],
            arguments: vec![AbiArgument::Array(addresses), AbiArgument::Array(ids)],
            outputs: vec![array(AbiType::Uint(256))],
            output: 0,
            any_element: true,
            comparator,
            asked: AbiArgument::Integer(asked),
        })))
    }

    /// A member that exists and is not jailed; the value is not looked at.
    fn moloch(&self) -> Parsed<Expression> {
        let uint = || AbiType::Uint(256);
        let call = |output, asked| -> Parsed<Leaf> {
            Ok(Leaf::EvmCall(EvmCall {
                chain: self.chain.clone(),
                contract: contract_at(&self.contract)?,
                function: "members".to_string(),
                inputs: vec![AbiType::Address],
                arguments: vec![address_argument(self.parameter(0)?)?],
                outputs: vec![AbiType::Address, uint(), uint(), AbiType::Bool, uint(), uint()],
                output,
                any_element: false,
                comparator: Comparator::Equal,
                asked,
            }))
        };
        Ok(both(call(3, AbiArgument::Bool(true))?, call(5, AbiArgument::Integer(Integer::ZERO))?))
    }

    /// Lit reads a token id that is not hexadecimal from the second parameter.
    fn pkp_permissions(&self) -> Parsed<Expression> {
        let first = self.parameter(0)?;
        let token = if first.text()?.starts_with("0x") {
            self.token(0)?
        } else {
            AbiArgument::Integer(decimal_at(self.parameter(1)?)?)
        };
        let second = if self.method == "isPermittedAction" {
            let at = self.parameter(1)?;
            let digits = at.text()?;
            let bytes = parse_hex(&format!("0x{}", digits.strip_prefix("0x").unwrap_or(digits)));
            let bytes = bytes.ok_or_else(|| at.error("the bytes of a CID in hexadecimal"))?;
            (AbiType::Bytes, AbiArgument::Bytes(bytes))
        } else {
            (AbiType::Address, AbiArgument::Variable(Variable::EvmAddress))
        };
        let asked = AbiArgument::Bool(self.test.value.text()?.eq_ignore_ascii_case("true"));
        let comparator = self.test.comparator(Comparator::is_order);
        self.call(self.method, vec![(AbiType::Uint(256), token), second], AbiType::Bool, comparator, asked)
    }

    fn poap(&self) -> Parsed<Expression> {
        let field = match self.method {
            "tokenURI" => PoapField::EventName,
            "eventId" => PoapField::EventId,
            _ => return Ok(never()),
        };
        let asked: String = self.test.value.text()?.to_string();
        let comparator = self.test.comparator(|comparator| {
            comparator == Comparator::Equal
                || (comparator == Comparator::Contains && field == PoapField::EventName)
        });
        let (Some(comparator), Some(chain)) = (comparator, ChainName::new(POAP)) else { return Ok(never()) };
        Ok(Expression::Leaf(Leaf::Poap { chain, field, comparator, asked }))
    }

    fn siwe(&self) -> Parsed<Expression> {
        let asked = self.test.value.text()?.to_string();
        Ok(match (self.parameter(0)?.text()?, self.test.comparator) {
            (":domain", Some(comparator)) => Expression::Leaf(Leaf::Text {
                found: TextValue::Variable(Variable::SiweDomain),
                comparator,
                asked: TextValue::Literal(asked),
            }),
            (":resources", Some(Comparator::Contains)) => Expression::Leaf(Leaf::SiweResource(asked)),
            (":resources", Some(Comparator::NotContains)) => not(Leaf::SiweResource(asked)),
            _ => never(),
        })
    }

    fn action(&self) -> Parsed<Expression> {
        let cid = self.contract.text()?.replace("ipfs://", "");
        let arguments: Parsed<Vec<_>> = self
            .parameters
            .iter()
            .map(|parameter| Ok(substitute(parameter.text()?, &Variable::EvmAddress)))
            .collect();
        let (arguments, asked) = (arguments?, self.test.value.text()?.to_string());
        let function = self.method.to_string();
        if !crate::conditions::leaf::identifier(&function) || cid.is_empty() {
            return Err(self.error(
                "`contractAddress` of the form `ipfs://<CID>`, and the name of a function in `method`",
            ));
        }
        Ok(self
            .known(|_| true, |comparator| Leaf::ActionResult { cid, function, arguments, comparator, asked }))
    }
}
