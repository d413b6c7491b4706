//! Decodes an extension, from its own file or from a spec.

use std::collections::BTreeMap;

use source::{Diagnostics, Reported, Spanned};

use crate::decode::build::build;
use crate::decode::fields::{Fields, fields};
use crate::decode::install::install;
use crate::decode::scalar::{bad_value, filled_text, name, name_of, names};
use crate::decode::template::{Scope, template};
use crate::decode::value::{Value, list_of, mapping, text};
use crate::keys;
use crate::yaml::tree::Entry;
use crate::{Extension, Parameter, ParameterName, Shell, Test, VariableName};

/// A function that reads text.
pub(crate) type TextOf<'a> =
    &'a dyn Fn(&mut Diagnostics, Value<'_>) -> Result<Spanned<String>, Reported>;

/// An extension without what was reported; an error when it has no valid name.
///
/// `text_of_default` reads the default of a parameter: in a spec, arguments are put into it.
pub(crate) fn extension(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    text_of_default: TextOf<'_>,
) -> Result<Extension, Reported> {
    let fields = fields(diagnostics, value, &keys::EXTENSION)?;
    let (parameters, scope) = parameters(diagnostics, &fields, text_of_default);
    let name = fields
        .required("name")
        .and_then(|value| name(diagnostics, value));
    let description = fields.optional("description", |value| text(diagnostics, value));
    let requires = names(diagnostics, fields.get("requires"));
    let build = fields.optional("build", |value| build(diagnostics, &scope, value));
    let install = fields.optional("install", |value| install(diagnostics, &scope, value));
    let environment = variables(
        diagnostics,
        fields.get("environment"),
        |diagnostics, value| template(diagnostics, &scope, value),
    );
    let path = names(diagnostics, fields.get("path"));
    let shell = fields.optional("shell", |value| shell(diagnostics, value));
    let tests = list_of(diagnostics, fields.get("tests"), |diagnostics, entry| {
        test(diagnostics, &scope, entry)
    });
    Ok(Extension {
        name: name?,
        description,
        parameters,
        requires,
        build,
        install: install.unwrap_or_default(),
        environment,
        path,
        shell: shell.unwrap_or_default(),
        tests,
        span: value.node.span,
    })
}

fn parameters(
    diagnostics: &mut Diagnostics,
    fields: &Fields<'_>,
    text_of_default: TextOf<'_>,
) -> (BTreeMap<ParameterName, Parameter>, Scope) {
    let mut parameters = BTreeMap::new();
    let value = fields.get("parameters");
    let entries = value.map_or(Ok(&[][..]), |value| mapping(diagnostics, value));
    for entry in entries.unwrap_or_default() {
        let name = name_of(diagnostics, &entry.key);
        let parameter = parameter(diagnostics, Value::of(entry), text_of_default);
        if let Ok(name) = name {
            parameters.insert(name.value, parameter);
        }
    }
    let names = |entries: &[Entry]| {
        let names = entries.iter().map(|entry| entry.key.value.clone());
        names.collect()
    };
    let declared = entries.map(names);
    (parameters, Scope { declared })
}

/// A parameter, written as its default or with more. It stays declared whatever is wrong with it, so
/// that its uses are not reported too.
fn parameter(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    text_of_default: TextOf<'_>,
) -> Parameter {
    let mut parameter = Parameter {
        default: None,
        description: None,
        span: value.place,
    };
    if value.is_mapping() {
        if let Ok(fields) = fields(diagnostics, value, &keys::PARAMETER) {
            parameter.default =
                fields.optional("default", |value| text_of_default(diagnostics, value));
            parameter.description =
                fields.optional("description", |value| text(diagnostics, value));
        }
    } else if value.is_scalar() && !value.is_absent() {
        parameter.default = text_of_default(diagnostics, value).ok();
    } else {
        value.wrong_kind(diagnostics, "a default or `{}`");
    }
    parameter
}

/// Variables of the image. `PATH` is refused, since the values of extensions would replace each other.
pub(crate) fn variables<T>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    read: impl Fn(&mut Diagnostics, Value<'_>) -> Result<Spanned<T>, Reported>,
) -> BTreeMap<VariableName, Spanned<T>> {
    let mut variables = BTreeMap::new();
    let Some(Ok(entries)) = value.map(|value| mapping(diagnostics, value)) else {
        return variables;
    };
    for entry in entries {
        if entry.key.value == "PATH" {
            let help = "use `path`, which puts folders at the beginning of the search path";
            let message = "`PATH` cannot be set as a variable";
            bad_value(diagnostics, entry.key.span, message, help);
            continue;
        }
        let name = name_of(diagnostics, &entry.key);
        let content = read(diagnostics, Value::of(entry));
        if let (Ok(name), Ok(content)) = (name, content) {
            variables.insert(name.value, content);
        }
    }
    variables
}

fn shell(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Shell, Reported> {
    let fields = fields(diagnostics, value, &keys::SHELL)?;
    Ok(Shell {
        bash: fields.optional("bash", |value| text(diagnostics, value)),
        profile: fields.optional("profile", |value| text(diagnostics, value)),
    })
}

fn test(diagnostics: &mut Diagnostics, scope: &Scope, value: Value<'_>) -> Result<Test, Reported> {
    let (run, expect) = if value.is_mapping() {
        let fields = fields(diagnostics, value, &keys::TEST)?;
        let run = fields
            .required("run")
            .and_then(|value| filled_text(diagnostics, value));
        let expect = fields.optional("expect", |value| template(diagnostics, scope, value));
        (run?, expect)
    } else {
        (filled_text(diagnostics, value)?, None)
    };
    Ok(Test {
        run,
        expect,
        span: value.node.span,
    })
}
