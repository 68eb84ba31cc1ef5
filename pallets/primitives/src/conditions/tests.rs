mod bad_input;
mod bytes;
mod lit;
mod meaning;
mod syntax;
