//! Applies a plan to the merged root, except for its commands.

use std::fs;

use reconcile::{IdMap, Move, Plan, map_access_list, to_text};

use crate::failure::Failure;
use crate::root::{
    Changed, Root, add_parent, log, read_attribute, read_metadata, remove, set_attribute,
    set_owner, write,
};

/// Applies the plan except for its commands, and adds the changed paths.
pub(crate) fn apply(root: &Root, plan: &Plan, changed: &mut Changed) -> Result<(), Failure> {
    for step in &plan.moves {
        move_file(root, step, changed)?;
    }
    for (path, file) in &plan.files {
        write(root, path, file, changed)?;
    }
    for path in &plan.remove {
        if plan.files.contains_key(path) {
            continue;
        }
        remove(root, path, changed)?;
    }
    let mut owners_set = 0_usize;
    for (path, owner) in &plan.owners {
        if read_metadata(&root.locate(path))?.is_none() {
            let path = to_text(path);
            eprintln!(
                "inlay: joint: warning: `{path}` is in the listing of a layer but not in the image"
            );
        } else if set_owner(&root.locate(path), *owner)? {
            owners_set += 1;
            changed.insert(path.clone());
        }
    }
    if owners_set > 0 {
        // One line for all of them: a database cluster alone has a thousand files.
        eprintln!("inlay: joint: changed the owner or mode of {owners_set} paths");
    }
    for (map, paths) in &plan.access_lists {
        for path in paths {
            map_access_lists(root, path, map, changed)?;
        }
    }
    Ok(())
}

fn move_file(root: &Root, step: &Move, changed: &mut Changed) -> Result<(), Failure> {
    let from = root.locate(&step.from);
    let to = root.locate(&step.to);
    fs::rename(&from, &to).map_err(|error| Failure::at(&from, error))?;
    add_parent(&step.from, changed);
    set_owner(&to, step.owner)?;
    log("moved the diverted file to", &step.to);
    add_parent(&step.to, changed);
    changed.insert(step.to.clone());
    Ok(())
}

fn map_access_lists(
    root: &Root,
    path: &[u8],
    map: &IdMap,
    changed: &mut Changed,
) -> Result<(), Failure> {
    let place = root.locate(path);
    for name in ["system.posix_acl_access", "system.posix_acl_default"] {
        let mapped = read_attribute(&place, name).and_then(|list| map_access_list(&list, map));
        if let Some(mapped) = mapped {
            set_attribute(&place, name, &mapped)?;
            log("mapped the access list of", path);
            changed.insert(path.to_vec());
        }
    }
    Ok(())
}
