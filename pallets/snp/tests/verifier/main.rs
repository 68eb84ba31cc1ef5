//! The verifier against real reports of AMD's, and against everything that is not quite one.

mod authorities;
mod flips;
mod forgeries;
mod formats;
mod real;
mod vectors;
