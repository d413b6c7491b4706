//! The plan's files, owners and removals, made in the merged root.

use std::fs;

use reconcile::{IdMap, Move, Plan, map_access_list, text};

use crate::failure::Failure;
use crate::root::{
    Changed, Root, attribute, own, remove, renamed, say, set_attribute, status, write,
};

/// Applies all but the commands; what it changed.
pub(crate) fn apply(root: &Root, plan: &Plan) -> Result<Changed, Failure> {
    let mut changed = Changed::new();
    for step in &plan.moves {
        move_file(root, step, &mut changed)?;
    }
    for (path, file) in &plan.files {
        write(root, path, file, &mut changed)?;
    }
    for path in &plan.remove {
        if plan.files.contains_key(path) {
            continue;
        }
        remove(root, path, &mut changed)?;
    }
    let mut given = 0_usize;
    for (path, owner) in &plan.owners {
        if status(&root.place(path))?.is_none() {
            let path = text(path);
            eprintln!("inlay: joint: warning: `{path}` is listed by a layer and not there");
        } else if own(&root.place(path), *owner)? {
            given += 1;
            changed.insert(path.clone());
        }
    }
    if given > 0 {
        // A cluster of a database has a thousand files.
        eprintln!("inlay: joint: gave {given} paths another owner or mode");
    }
    for (map, paths) in &plan.access_lists {
        for path in paths {
            map_lists(root, path, map, &mut changed)?;
        }
    }
    Ok(changed)
}

fn move_file(root: &Root, step: &Move, changed: &mut Changed) -> Result<(), Failure> {
    let from = root.place(&step.from);
    let to = root.place(&step.to);
    fs::rename(&from, &to).map_err(|error| Failure::at(&from, error))?;
    renamed(&step.from, changed);
    own(&to, step.owner)?;
    say("diverted to", &step.to);
    renamed(&step.to, changed);
    changed.insert(step.to.clone());
    Ok(())
}

fn map_lists(root: &Root, path: &[u8], map: &IdMap, changed: &mut Changed) -> Result<(), Failure> {
    let place = root.place(path);
    for name in ["system.posix_acl_access", "system.posix_acl_default"] {
        let mapped = attribute(&place, name).and_then(|list| map_access_list(&list, map));
        if let Some(mapped) = mapped {
            set_attribute(&place, name, &mapped)?;
            say("mapped the access list of", path);
            changed.insert(path.to_vec());
        }
    }
    Ok(())
}
