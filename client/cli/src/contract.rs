//! The contract at run time: its messages, their comments, and their JSON form.

use std::sync::LazyLock;

use abacus_api::v1::{self, chunk::Content};
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FileDescriptor, MessageDescriptor,
    prost_types::source_code_info::Location,
};
use serde_json::Value;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(abacus_api::DESCRIPTOR_SET).expect("the build has made the descriptor set")
});

/// The descriptor of a message of the contract.
pub(crate) fn descriptor(name: &str) -> MessageDescriptor {
    let full = format!("abacus.v1.{name}");
    POOL.get_message_by_name(&full)
        .expect("the name stands in the contract, as the tests of each command show")
}

/// A message of the contract in its JSON form.
pub(crate) fn to_json(name: &str, message: &impl Message) -> Value {
    let dynamic = DynamicMessage::decode(descriptor(name), message.encode_to_vec().as_slice());
    let dynamic = dynamic.expect("both sides are made from the same definition");
    serde_json::to_value(dynamic).expect("a message has no value that JSON cannot hold")
}

/// Reads a message of the contract from its JSON form.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn from_json<M: Message + Default>(name: &str, json: &Value) -> Result<M, String> {
    let dynamic = DynamicMessage::deserialize(descriptor(name), json).map_err(|error| error.to_string())?;
    let message = M::decode(dynamic.encode_to_vec().as_slice());
    Ok(message.expect("both sides are made from the same definition"))
}

/// A part of a result. Its checksum has been compared and is left out.
pub(crate) fn chunk(offset: u64, bytes: &[u8], is_text: bool) -> v1::Chunk {
    let content = match std::str::from_utf8(bytes) {
        Ok(text) if is_text => Content::Text(text.to_owned()),
        _ => Content::Binary(bytes.to_vec().into()),
    };
    v1::Chunk { offset, content: Some(content), ..Default::default() }
}

/// The comment above a definition, in one line.
pub(crate) fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let found = |location: &&Location| location.path == path;
    let comment = info.and_then(|info| info.location.iter().find(found)?.leading_comments.as_deref());
    comment.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
