//! Turns commands into vertices, with the request's settings for all commands.

use buildkit_llb::{
    Exec, ExecOutputs, FileActions, MakeFile, Mount, MountKind, Network, Output, SecretEnvironment,
    Sharing, Timestamp,
};

use crate::recipe::{Command, Label, Line, Mounted, Program};
use crate::scripts::Script;
use crate::vertices::Vertices;
use crate::{LAYER_TIME_SECONDS, Rerun, commands};

/// The variable that holds a script, and the command that runs it.
const SCRIPT: &str = "INLAY_SCRIPT";
const EVALUATE: &str = "eval \"$INLAY_SCRIPT\"";

impl Vertices<'_> {
    pub(super) fn command(&mut self, command: &Command, label: &Label) -> ExecOutputs {
        let root = self.output(&command.root);
        let mut mounts: Vec<Mount> = command
            .mounts
            .iter()
            .map(|mounted| self.mount(mounted))
            .collect();
        let args = match &command.program {
            Program::Arguments(arguments) => arguments.clone(),
            Program::Script(script, arguments) if script.is_in_environment => {
                let shell = ["/bin/sh", "-e", "-c", EVALUATE, script.name].map(str::to_owned);
                shell.into_iter().chain(arguments.iter().cloned()).collect()
            }
            Program::Script(script, arguments) => {
                mounts.push(self.script(script));
                let shell = ["/bin/sh".to_owned(), "-e".to_owned(), script.path()];
                shell.into_iter().chain(arguments.iter().cloned()).collect()
            }
        };
        let mut exec = Exec::new(root, self.request.platform.clone(), args);
        exec.root_readonly = command.root_is_read_only;
        let mut environment = command.variables.resolve(self.request);
        if let Program::Script(script, _) = &command.program
            && script.is_in_environment
        {
            environment.set(SCRIPT, script.text);
        }
        exec.environment = environment.into_pairs();
        if !command.directory.is_empty() {
            exec.cwd.clone_from(&command.directory);
        }
        exec.user.clone_from(&command.user);
        exec.mounts = mounts;
        let secrets = command.secret_variables.iter();
        exec.secret_environment = secrets
            .map(|secret| SecretEnvironment {
                name: secret.name.clone(),
                id: secret.id.clone(),
                optional: secret.is_optional,
            })
            .collect();
        if command.network == spec::Network::None {
            exec.network = Network::None;
        } else {
            exec.proxy_environment.clone_from(&self.request.proxy);
        }
        let about = self.about(label);
        if let (Rerun::Extensions(names), true) = (&self.request.rerun, about.ignore_cache) {
            commands::spare_caches(&mut exec, self.plan, names);
        }
        self.request.commands.apply(&mut exec);
        self.graph.exec(exec, about)
    }

    fn mount(&mut self, mounted: &Mounted) -> Mount {
        match mounted {
            Mounted::ReadOnly { at, tree, path } => {
                let (input, path) = self.place(tree, path);
                Mount::read_only(at.as_str(), input).select(path)
            }
            Mounted::Whole { at, tree } => {
                let input = self.output(tree);
                Mount::read_only(at.as_str(), input).keyed_by_definition()
            }
            Mounted::Kept { at, tree } => Mount::output(*at, self.output(tree)),
            Mounted::Scratch { at } => Mount::discarded(*at, Output::SCRATCH),
            Mounted::Cache { at, id } => Mount::cache(at.as_str(), id.as_str(), Sharing::Shared),
            Mounted::PlatformCache { at, id } => {
                let id = format!("{id}/{}", self.request.platform);
                Mount::cache(*at, id, Sharing::Shared)
            }
            Mounted::Secret {
                at,
                id,
                mode,
                is_optional,
            } => Mount {
                destination: at.clone(),
                kind: MountKind::Secret {
                    id: id.clone(),
                    uid: 0,
                    gid: 0,
                    mode: *mode,
                    optional: *is_optional,
                },
            },
            Mounted::Agent { at, id } => Mount::ssh(at.as_str(), id.as_str()),
        }
    }

    /// Mounts a script as a file. [`crate::scripts`] says why.
    fn script(&mut self, script: &Script) -> Mount {
        let file = format!("/{}", script.name);
        let mut make = MakeFile::new(file.as_str(), 0o644, script.text);
        make.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
        let label =
            Label::constant(format!("[internal] script {}", script.name), &[]).on(Line::Hidden);
        let about = self.about(&label);
        let actions = FileActions::on(Output::SCRATCH).make_file(make);
        let input = self.graph.file(actions, about);
        Mount::read_only(script.path(), input).select(file)
    }
}
