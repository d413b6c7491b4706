//! What is one for the whole system, united from package layers installed apart.
//!
//! Each extension's Debian packages are installed alone on the base, and the difference is a
//! layer. The layers, stacked, are right but for what the whole system has one of: dpkg's
//! database, accounts, alternatives, caches. [`plan()`] takes the base's and each layer's version
//! of those and a listing of each layer, and gives what the *joint* must change in the stack, or
//! why the layers cannot be united. Bytes in, bytes out.
//!
//! The binary of this crate reads the states that `capture.sh` wrote, plans, and applies the plan
//! in the merged root. Deliberately absent: any choice of versions, and any network.

mod aliases;
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

pub use formats::access_list::map_access_list;
pub use formats::job::{Job, JobLayer};
pub use formats::listing::{Entry, Kind, Listing, Malformed};
pub use formats::text::to_text;
pub use ids::IdMap;
pub use paths::is_left_behind;
pub use plan::{Choice, Content, File, Move, Owner, Plan};
pub use refusal::{Reason, Refusal};
pub use rules::plan;
pub use sbom::{SbomJob, SbomOwner, SbomRoot, complete_sbom};
pub use state::{Layer, State};

#[cfg(test)]
mod tests;
