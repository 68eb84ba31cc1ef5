mod authorities;
mod governance;
mod mock;
mod registration;
mod standing;
