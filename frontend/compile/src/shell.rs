//! The hook through which interactive bash reads fragments.
//!
//! A function of the base alone: fragments are files of their own, and this one place reads all of
//! them, whichever there are.

use buildkit_llb::{Exec, Output};

use crate::compilation::{Compilation, Layer};
use crate::scripts;

/// The base with the hook, where any extension has a fragment for it.
pub(crate) fn hook(compilation: &mut Compilation<'_>, base: Output) -> Option<Layer> {
    let plan = compilation.plan;
    if !plan
        .extensions
        .iter()
        .any(|extension| extension.has_bash_fragment)
    {
        return None;
    }
    let (args, script) = scripts::HOOK.command(compilation, &[]);
    let mut exec = Exec::new(base, compilation.request.platform.clone(), args);
    exec.environment = compilation.image_environment(&plan.base.value);
    let time = compilation.request.command_time_seconds();
    exec.environment
        .push(("INLAY_EPOCH".to_owned(), time.to_string()));
    exec.mounts = vec![script];
    exec.network = buildkit_llb::Network::None;
    let about = compilation.about("[shell] let bash read /etc/inlay/bash.d", &[]);
    let output = compilation.exec(exec, about).root;
    Some(Layer {
        output,
        created_by: "let bash read /etc/inlay/bash.d".to_owned(),
    })
}
