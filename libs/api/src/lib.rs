//! The contract of Abacus in Rust: messages, clients and servers generated from `proto/abacus/v1`, and the
//! descriptor set that serves reflection. Nothing here is written by hand; the comments are those of the contract.

/// Package `abacus.v1`.
pub mod v1 {
    tonic::include_proto!("abacus.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of `proto/`, with its imports and comments.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
