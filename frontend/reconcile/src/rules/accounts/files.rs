//! The four files that describe the accounts of a root file system.

use crate::formats::table::Table;
use crate::input::Input;

const PASSWD: &[u8] = b"/etc/passwd";
const GROUP: &[u8] = b"/etc/group";
const SHADOW: &[u8] = b"/etc/shadow";
const GSHADOW: &[u8] = b"/etc/gshadow";

/// The accounts of a root.
#[derive(Clone)]
pub(crate) struct AccountFiles {
    pub(crate) users: Table,
    pub(crate) groups: Table,
    pub(crate) shadow: Table,
    pub(crate) gshadow: Table,
}

impl AccountFiles {
    /// Reads the base's accounts.
    pub(crate) fn read_base(input: &Input<'_>) -> Self {
        Self::read(|path| Table::parse(input.base_bytes(path)))
    }

    /// Reads the accounts as a layer's root had them, whether the layer changed them or not.
    pub(crate) fn read_layer(input: &Input<'_>, layer: usize) -> Self {
        let state = &input.layers[layer].state;
        Self::read(|path| {
            let changed = state.files.get(path);
            let own = changed.or_else(|| state.accounts.get(path));
            Table::parse(own.map_or_else(|| input.base_bytes(path), Vec::as_slice))
        })
    }

    fn read(table: impl Fn(&[u8]) -> Table) -> Self {
        Self {
            users: table(PASSWD).padded(7),
            groups: table(GROUP).padded(4),
            shadow: table(SHADOW).padded(9),
            gshadow: table(GSHADOW).padded(4),
        }
    }

    /// The four tables, each with the path of its file.
    pub(crate) fn tables(&self) -> [(&'static [u8], &Table); 4] {
        [
            (PASSWD, &self.users),
            (GROUP, &self.groups),
            (SHADOW, &self.shadow),
            (GSHADOW, &self.gshadow),
        ]
    }
}
