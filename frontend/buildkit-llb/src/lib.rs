//! BuildKit LLB graphs: content-addressed, deterministic, without a daemon.
