//! What a user writes: the image's spec and an extension's file, decoded with spans.
