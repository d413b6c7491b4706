//! The private engine, and what tests say to it.
