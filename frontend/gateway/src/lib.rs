//! The conversation with BuildKit: gRPC over standard input and output.
