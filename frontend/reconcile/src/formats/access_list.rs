//! POSIX access lists, which name users and groups by number.
//!
//! The attributes `system.posix_acl_access` and `system.posix_acl_default` hold a version of four bytes,
//! followed by entries of a tag, permissions and an id, all little-endian
//! (`include/uapi/linux/posix_acl_xattr.h`).

use crate::ids::IdMap;

const VERSION: [u8; 4] = [2, 0, 0, 0];
const USER: u16 = 0x02;
const GROUP: u16 = 0x08;

/// Maps the ids of a list. Returns nothing if no id changes, or if the list has an unknown format.
pub fn map_access_list(bytes: &[u8], map: &IdMap) -> Option<Vec<u8>> {
    let entries = bytes.strip_prefix(&VERSION)?;
    let mut mapped = VERSION.to_vec();
    let (entries, rest) = entries.as_chunks::<8>();
    if !rest.is_empty() {
        return None;
    }
    for [tag_low, tag_high, low, high, id @ ..] in entries {
        let id = u32::from_le_bytes(*id);
        let id = match u16::from_le_bytes([*tag_low, *tag_high]) {
            USER => map.map_user(id),
            GROUP => map.map_group(id),
            _ => id,
        };
        mapped.extend_from_slice(&[*tag_low, *tag_high, *low, *high]);
        mapped.extend_from_slice(&id.to_le_bytes());
    }
    (mapped != bytes).then_some(mapped)
}
