//! Texts, spans in them, and diagnostics about them.
