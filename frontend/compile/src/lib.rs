//! From a plan to an LLB graph and an image configuration.
