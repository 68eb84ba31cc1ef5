mod chains;
mod origins;
mod policies;
mod weights;
