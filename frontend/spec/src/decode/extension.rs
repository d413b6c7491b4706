//! Decodes an extension, from its own file or from the list of a spec.

use std::collections::BTreeMap;

use source::{Diagnostics, Reported, Spanned};

use crate::decode::build::read_build;
use crate::decode::fields::{Fields, read_fields};
use crate::decode::install::read_install;
use crate::decode::scalar::{
    construct_name, read_command, read_name, read_names, report_bad_value,
};
use crate::decode::template::{Scope, read_template};
use crate::decode::value::{Value, read_list_of, read_mapping, read_text};
use crate::keys;
use crate::yaml::tree::Entry;
use crate::{Extension, Parameter, ParameterName, Shell, Test, VariableName};

/// A function that reads text.
pub(crate) type TextOf<'a> =
    &'a dyn Fn(&mut Diagnostics, Value<'_>) -> Result<Spanned<String>, Reported>;

/// Reads an extension, without the parts that were reported. Without a valid name, it is an error.
///
/// `text_of_default` reads the defaults of parameters; in a spec, it puts arguments into them.
pub(crate) fn read_extension(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    text_of_default: TextOf<'_>,
) -> Result<Extension, Reported> {
    let fields = read_fields(diagnostics, value, &keys::EXTENSION)?;
    let (parameters, scope) = read_parameters(diagnostics, &fields, text_of_default);
    let name = fields
        .required("name")
        .and_then(|value| read_name(diagnostics, value));
    let description = fields.optional("description", |value| read_text(diagnostics, value));
    let requires = read_names(diagnostics, fields.get("requires"));
    let build = fields.optional("build", |value| read_build(diagnostics, &scope, value));
    let install = fields.optional("install", |value| read_install(diagnostics, &scope, value));
    let environment = read_variables(
        diagnostics,
        fields.get("environment"),
        |diagnostics, value| read_template(diagnostics, &scope, value),
    );
    let path = read_names(diagnostics, fields.get("path"));
    let shell = fields.optional("shell", |value| read_shell(diagnostics, value));
    let tests = read_list_of(diagnostics, fields.get("tests"), |diagnostics, entry| {
        read_test(diagnostics, &scope, entry)
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

fn read_parameters(
    diagnostics: &mut Diagnostics,
    fields: &Fields<'_>,
    text_of_default: TextOf<'_>,
) -> (BTreeMap<ParameterName, Parameter>, Scope) {
    let mut parameters = BTreeMap::new();
    let value = fields.get("parameters");
    let entries = value.map_or(Ok(&[][..]), |value| read_mapping(diagnostics, value));
    for entry in entries.unwrap_or_default() {
        let name = if keys::RESERVED.contains(&entry.key.value.as_str()) {
            let message = format!("no parameter can be called `{}`", entry.key.value);
            let help = "choose another name: where an extension is used, this word has a meaning of its own";
            Err(report_bad_value(diagnostics, entry.key.span, message, help))
        } else {
            construct_name(diagnostics, &entry.key)
        };
        let parameter = read_parameter(diagnostics, Value::of(entry), text_of_default);
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

/// Reads a parameter, which is written as its default or as a mapping. It stays declared, whatever is
/// wrong with it, so that its uses are not reported too.
fn read_parameter(
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
        if let Ok(fields) = read_fields(diagnostics, value, &keys::PARAMETER) {
            parameter.default =
                fields.optional("default", |value| text_of_default(diagnostics, value));
            parameter.description =
                fields.optional("description", |value| read_text(diagnostics, value));
        }
    } else if value.is_scalar() && !value.is_absent() {
        parameter.default = text_of_default(diagnostics, value).ok();
    } else {
        value.report_wrong_kind(diagnostics, "a default or `{}`");
    }
    parameter
}

/// Reads environment variables. `PATH` is refused, because the values of extensions would replace each
/// other.
pub(crate) fn read_variables<T>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    read: impl Fn(&mut Diagnostics, Value<'_>) -> Result<Spanned<T>, Reported>,
) -> BTreeMap<VariableName, Spanned<T>> {
    let mut variables = BTreeMap::new();
    let Some(Ok(entries)) = value.map(|value| read_mapping(diagnostics, value)) else {
        return variables;
    };
    for entry in entries {
        if entry.key.value == "PATH" {
            let help = "use `path`, which puts folders at the beginning of the search path";
            let message = "`PATH` cannot be set as a variable";
            report_bad_value(diagnostics, entry.key.span, message, help);
            continue;
        }
        let name = construct_name(diagnostics, &entry.key);
        let content = read(diagnostics, Value::of(entry));
        if let (Ok(name), Ok(content)) = (name, content) {
            variables.insert(name.value, content);
        }
    }
    variables
}

fn read_shell(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Shell, Reported> {
    let fields = read_fields(diagnostics, value, &keys::SHELL)?;
    Ok(Shell {
        bash: fields.optional("bash", |value| read_command(diagnostics, value)),
        profile: fields.optional("profile", |value| read_command(diagnostics, value)),
    })
}

fn read_test(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Test, Reported> {
    let (run, expect) = if value.is_mapping() {
        let fields = read_fields(diagnostics, value, &keys::TEST)?;
        let run = fields
            .required("run")
            .and_then(|value| read_command(diagnostics, value));
        let expect = fields.optional("expect", |value| read_template(diagnostics, scope, value));
        (run?, expect)
    } else {
        (read_command(diagnostics, value)?, None)
    };
    Ok(Test {
        run,
        expect,
        span: value.node.span,
    })
}
