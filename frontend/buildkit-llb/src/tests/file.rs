//! File actions: the numbers of their inputs, their paths, and how absent values are written.

use crate::tests::{alpine, op};
use crate::{
    About, Copy, FileActions, Graph, Local, MakeDirectory, MakeFile, Output, Owner, Principal,
    Remove, Symlink, Timestamp, pb,
};

fn actions(graph: &Graph, of: Output) -> Vec<pb::FileAction> {
    match op(graph, of).op {
        Some(pb::op::Op::File(file)) => file.actions,
        other => panic!("not a file operation: {other:?}"),
    }
}

/// Input, secondary input and output of each action.
fn indexes(graph: &Graph, of: Output) -> Vec<(i64, i64, i64)> {
    let actions = actions(graph, of);
    actions
        .iter()
        .map(|action| (action.input, action.secondary_input, action.output))
        .collect()
}

#[test]
fn results_of_actions_are_numbered_after_the_inputs() {
    let mut graph = Graph::new();
    let base = alpine(&mut graph);
    let context = graph.local(Local::new("context", "s"), About::default());
    let chain = |base| {
        FileActions::on(base)
            .copy(Copy::new(context, "/a", "/a"))
            .make_file(MakeFile::new("/f", 0o644, "text"))
            .copy(Copy::new(base, "/b", "/b"))
            .copy(Copy::new(context, "/c", "/c"))
            .symlink(Symlink::new("f", "/g"))
            .remove(Remove::new("/h"))
    };
    let on_base = graph.file(chain(base), About::default());
    assert_eq!(op(&graph, on_base).inputs.len(), 2);
    let expected = [
        (0, 1, -1),
        (2, -1, -1),
        (3, 0, -1),
        (4, 1, -1),
        (5, -1, -1),
        (6, -1, 0),
    ];
    assert_eq!(indexes(&graph, on_base), expected);
    let on_scratch = graph.file(chain(Output::SCRATCH), About::default());
    assert_eq!(op(&graph, on_scratch).inputs.len(), 1);
    let expected = [
        (-1, 0, -1),
        (1, -1, -1),
        (2, -1, -1),
        (3, 0, -1),
        (4, -1, -1),
        (5, -1, 0),
    ];
    assert_eq!(indexes(&graph, on_scratch), expected);
    assert_eq!(graph.file(FileActions::on(base), About::default()), base);
}

#[test]
fn absent_mode_and_time_are_minus_one() {
    let mut graph = Graph::new();
    let base = alpine(&mut graph);
    let mut copy = Copy::new(base, "a//b/", "c/");
    let plain = graph.file(FileActions::on(base).copy(copy.clone()), About::default());
    let expected = pb::FileActionCopy {
        src: "/a/b".to_owned(),
        dest: "/c/".to_owned(),
        mode: -1,
        timestamp: -1,
        ..pb::FileActionCopy::default()
    };
    let action = |graph: &Graph, of| actions(graph, of)[0].action.clone();
    assert_eq!(
        action(&graph, plain),
        Some(pb::file_action::Action::Copy(expected.clone()))
    );

    copy.mode = Some(0);
    copy.time = Some(Timestamp::from_seconds(0));
    let said = graph.file(FileActions::on(base).copy(copy), About::default());
    let expected = pb::FileActionCopy {
        mode: 0,
        timestamp: 0,
        ..expected
    };
    assert_eq!(
        action(&graph, said),
        Some(pb::file_action::Action::Copy(expected))
    );
}

#[test]
fn owners_by_name_are_looked_up_in_the_base() {
    let mut graph = Graph::new();
    let base = alpine(&mut graph);
    let mut directory = MakeDirectory::new("/d", 0o4755);
    directory.owner = Some(Owner {
        user: Principal::Name("me".to_owned()),
        group: Some(Principal::Id(7)),
    });
    directory.time = Some(Timestamp::from_nanoseconds(5));
    let output = graph.file(
        FileActions::on(base).make_directory(directory),
        About::default(),
    );
    let user = |user| Some(pb::UserOpt { user: Some(user) });
    let named = pb::NamedUserOpt {
        name: "me".to_owned(),
        input: 0,
    };
    let expected = pb::FileActionMkDir {
        path: "/d".to_owned(),
        mode: 0o755,
        make_parents: true,
        owner: Some(pb::ChownOpt {
            user: user(pb::user_opt::User::ByName(named)),
            group: user(pb::user_opt::User::ById(7)),
        }),
        timestamp: 5,
    };
    assert_eq!(
        actions(&graph, output)[0].action,
        Some(pb::file_action::Action::Mkdir(expected))
    );
}
