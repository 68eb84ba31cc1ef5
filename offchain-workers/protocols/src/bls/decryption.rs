//! Decryption keys by t members, sealed to the client that asks: verifiably encrypted BLS signatures (Boneh, Gentry,
//! Lynn, Shacham, Eurocrypt 2003, section 4), carried to a type-3 pairing and shared as in Boldyreva's scheme.
//!
//! # The scheme
//! Data is encrypted to an identity under the Decrypt root Y = x·g₁ by identity-based encryption (Boneh, Franklin,
//! Crypto 2001, FullIdent: what blsful and Lit call time-lock encryption). Its decryption key is D = x·Q, the BLS
//! signature on the identity, with Q = H(identity) in G2 (RFC 9380, the ciphersuite of [`BlsG2`](super::BlsG2)).
//! Member i holds xᵢ with the public share Yᵢ = xᵢ·g₁, so Sᵢ = xᵢ·Q is its share of D.
//!
//! | who | does |
//! |---|---|
//! | client | draws c; sends C₁ = c·g₁ and C₂ = c·g₂ in the request that it signs |
//! | anyone | checks e(C₁, g₂) = e(g₁, C₂), neither the identity |
//! | member | draws r ≠ 0; sends μ = r·g₂ and ω = Sᵢ + r·C₂ |
//! | anyone | checks e(g₁, ω) = e(Yᵢ, Q)·e(C₁, μ) |
//! | gateway | adds up Σ λᵢ·(μᵢ, ωᵢ) over any t that pass, and checks the same under Y |
//! | client | opens D = ω − c·μ and checks e(g₁, D) = e(Y, Q) |
//!
//! # What it gives, and why
//! **A share that passes opens to Sᵢ**, and combined ones to D, unconditionally: the pairing is non-degenerate and
//! every point is decoded as one of the prime-order groups, so the check is an equation between exponents,
//! ω = xᵢq + cr. No proof, hence no transcript to bind: the equation itself names Yᵢ, the identity and the client. A
//! wrong share is its sender's fault alone, since honest shares pass for every one-time key that passes its own check;
//! a key whose halves differ would let a client make honest members look guilty, and is refused before any share.
//!
//! **Who does not hold c learns nothing that decrypts.** Sealed shares are not indistinguishable from random: whoever
//! guesses D can verify the guess. Nor is it enough that D cannot be computed from them (co-CDH): a gateway that wants
//! a plaintext needs only e(U, D) of a ciphertext's U = ρ·g₁, and has e(U, ω) = e(U, D)·e(g₁, g₂)^(ρrc). What it lacks
//! is the bilinear Diffie-Hellman value of ρ, r and c. That it lacks it follows from what the encryption stands on
//! anyway, BDH on these groups (from a·g₁, a·g₂, b·g₂ and ρ·g₁ compute e(g₁, g₂)^(abρ)), in the random oracle model,
//! against t−1 members that are corrupt from the start and the gateway with them. The reduction of Boneh and Franklin
//! plays with x = a, knows the discrete logarithm of Q for every identity but the target's, whose Q is b·g₂, and
//! answers every question for key shares from a·g₂. What is new is to answer for the target, sealed to honest clients:
//! by Lagrange xᵢ = kᵢ + lᵢ·a, with kᵢ and lᵢ known. It gives the client C = γ·a·g, for a γ that it draws, and as a
//! share μ = r'·g₂ − (lᵢ/γ)·Q and ω = kᵢ·Q + r'·γ·a·g₂: distributed as an honest one, for the unknown lᵢ·ab cancels.
//! So sealed shares give an adversary nothing that it could not have made itself.
//!
//! **Rogue one-time keys**, also ones made from an honest client's, gain nothing: for another identity the reduction
//! knows the share in the clear, whatever it is sealed to; for the target a member seals to the one key that an
//! authorised client signed. So the key must be in the signed request, and members must take it from there. Proof of
//! possession is not needed.
//!
//! **Replays.** A sealed share is bound to its identity and one-time key by the equation, and any share of the two is
//! as good as any other: a second one, or one that somebody re-randomised by (s·g₂, s·C₂), opens to the same Sᵢ.
//! Whether a request may be answered again is the request's business. A client may use one key for several
//! identities, or again after a bad answer: what passes the check opens to D, what does not is refused without c, so
//! its reactions tell nothing about c.
//!
//! **Degenerate points.** With C = 0 or r = 0, ω would be Sᵢ itself: decoding refuses the identity, in C, μ and ω, and
//! points outside the subgroups, which would leak r modulo small orders.
//!
//! **What it does not give.** D is forever: it opens whatever is encrypted to its identity, which is why an identity
//! has a binding of one ciphertext. t members that collude decrypt everything. The client decides by Y: it must know
//! the key set's root from finalized state, or from whom it trusts.

mod combine;
mod share;
mod statement;

pub use combine::{combine, verify_share};
pub use share::DecryptionKey;
pub use statement::{ClientKey, Statement};
