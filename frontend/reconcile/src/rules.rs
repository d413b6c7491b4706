//! The rules, and the order in which they plan a joint.
//!
//! Each rule is a module that reads the [`Input`] and adds to the [`Draft`]. A rule writes a file only if it
//! differs from the one in the stack, so the plan for a single layer is empty.

mod accounts;
mod alternatives;
mod catalogs;
mod conflicts;
mod debconf;
mod diversions;
mod guests;
mod marks;
mod one_root;
mod overlaps;
mod packages;
mod records;
mod statoverride;
mod status;
mod subordinate_ids;
mod triggers;

pub use one_root::plan_one_root;
pub use packages::{Installation, check_packages};

use crate::aliases::Aliases;
use crate::draft::Draft;
use crate::input::Input;
use crate::plan::Plan;
use crate::refusal::{Refusal, keep_essential};
use crate::state::{Layer, State};

/// Plans the joint of a base and layers, which are in canonical order.
///
/// `architecture` is the native architecture by its Debian name.
///
/// # Errors
/// The sorted refusals if the layers cannot be combined, without those that follow from others.
pub fn plan(base: &State, layers: &[Layer], architecture: &str) -> Result<Plan, Vec<Refusal>> {
    let aliases = Aliases::find(&base.listing);
    let input = Input {
        base,
        layers,
        architecture: architecture.as_bytes(),
        aliases,
    };
    let mut draft = Draft::default();
    let packages = status::reconcile(&input, &mut draft);
    marks::reconcile(&input, &packages, &mut draft);
    conflicts::check(&input, &packages, &mut draft);
    let names = accounts::reconcile(&input, &mut draft);
    subordinate_ids::reconcile(&input, &mut draft);
    diversions::reconcile(&input, &mut draft);
    alternatives::reconcile(&input, &mut draft);
    debconf::reconcile(&input, &mut draft);
    records::reconcile(&input, &mut draft);
    catalogs::reconcile(&input, &mut draft);
    triggers::reconcile(&input, &packages, &mut draft);
    let overrides = statoverride::reconcile(&input, &names, &mut draft);
    overlaps::check(&input, &overrides, &mut draft);
    guests::find(&input, &mut draft);
    if draft.refusals.is_empty() {
        Ok(draft.plan)
    } else {
        Err(keep_essential(draft.refusals))
    }
}
