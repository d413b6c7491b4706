//! Merges the system-wide databases of package layers that were installed separately.
//!
//! The Debian packages of each extension are installed alone on the base, and the difference is a layer.
//! These layers are stacked on the base. The stack is right except for what a system has only one of: dpkg's
//! database, accounts, alternatives and caches. [`plan()`] takes the base's version and each layer's version
//! of these files together with a listing of each layer. It returns what the *joint* has to change in the
//! stack, or why the layers cannot be combined. The library works on bytes in memory and does no I/O.
//!
//! The binary of this crate describes root file systems as states, reads states, plans, and applies the plan in the
//! merged root, which is where the stack is mounted. The crate never chooses versions of packages and never
//! uses a network.

mod aliases;
mod contents;
mod draft;
mod formats;
mod ids;
mod input;
mod packages;
mod paths;
mod plan;
mod refusal;
mod rules;
mod sbom;
mod state;

pub use contents::{find_shared, follow, place_contents, refuse_below_link, refuse_other_kind};
pub use formats::access_list::map_access_list;
pub use formats::job::{Job, JobLayer};
pub use formats::listing::{Entry, Kind, Listing, Malformed};
pub use formats::text::to_text;
pub use ids::IdMap;
pub use paths::is_left_behind;
pub use plan::{Above, Choice, Content, Copied, File, Move, Owner, Plan};
pub use refusal::{Reason, Refusal, keep_essential};
pub use rules::{Installation, check_packages, plan, plan_one_root};
pub use sbom::{SbomJob, SbomOwner, SbomRoot, complete_sbom};
pub use state::{Layer, Part, State};

#[cfg(test)]
mod tests;
