//! Page tokens: where the next page of a list begins, bound to that list, so that a token of one list is refused by
//! another (AIP-158).

use abacus_chassis::{Reason, Refusal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The page size when none is asked for.
pub(crate) const DEFAULT_PAGE_SIZE: u32 = 100;

/// The largest page size.
pub(crate) const MAX_PAGE_SIZE: u32 = 1000;

/// The token of the page of `list` that begins after `order`; empty when there is none.
pub(crate) fn issue(list: &str, order: Option<u64>) -> String {
    let Some(order) = order else { return String::new() };
    let mut bytes = order.to_le_bytes().to_vec();
    bytes.extend(checksum(list, order).to_le_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Where the page of `list` with this token begins; `None` for the first page.
///
/// # Errors
/// `PAGE_TOKEN_INVALID` when the token was not issued for this list.
pub(crate) fn read(list: &str, token: &str) -> Result<Option<u64>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let decode = || {
        let bytes: [u8; 12] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (order, sum) = bytes.split_first_chunk::<8>()?;
        let order = u64::from_le_bytes(*order);
        (checksum(list, order).to_le_bytes() == sum).then_some(order)
    };
    decode().map(Some).ok_or_else(|| {
        let message = "page_token is not one that this list has issued; begin again with an empty one";
        Refusal::new(Reason::PageTokenInvalid, message)
    })
}

/// The size of a page: the asked one, or the default.
pub(crate) fn page_size(asked: u32, violations: &mut abacus_tasks::Violations) -> usize {
    if asked > MAX_PAGE_SIZE {
        violations.push("page_size", format!("must be 0 (for {DEFAULT_PAGE_SIZE}) to {MAX_PAGE_SIZE}"));
    }
    let size = if asked == 0 { DEFAULT_PAGE_SIZE } else { asked };
    usize::try_from(size).unwrap_or(usize::MAX)
}

fn checksum(list: &str, order: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(list.as_bytes()), &order.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_back_for_their_own_list_only() {
        let token = issue("clients/alice", Some(41));
        assert_eq!(read("clients/alice", &token).unwrap(), Some(41));
        assert_eq!(read("clients/bob", &token).unwrap_err().reason(), Reason::PageTokenInvalid);
        assert_eq!(read("clients/alice", "41").unwrap_err().reason(), Reason::PageTokenInvalid);
        assert_eq!(issue("dead", None), "");
        assert_eq!(read("dead", "").unwrap(), None);
    }
}
