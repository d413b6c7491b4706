//! From what was written to what will be done: resolution, closure, binding, checks.
