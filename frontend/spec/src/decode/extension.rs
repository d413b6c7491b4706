//! Decodes an extension, from its own file or from a spec.

use std::collections::{BTreeMap, BTreeSet};

use source::{Diagnostics, Reported, Spanned};

use crate::decode::build::build;
use crate::decode::install::install;
use crate::decode::scalar::{
    Scope, bad_value, construct, filled_text, image_paths, named, names, template,
};
use crate::decode::value::{Fields, Value, fields, list, mapping, text};
use crate::keys;
use crate::{
    Extension, ExtensionName, Install, Parameter, ParameterName, Shell, Test, VariableName,
};

/// A reader of text.
pub(crate) type TextOf<'a> = &'a dyn Fn(&mut Diagnostics, &Value<'_>) -> Option<Spanned<String>>;

/// An extension without what was reported; an error when it has no valid name.
///
/// `text_of_default` reads the default of a parameter: in a spec, arguments are put into it.
pub(crate) fn extension(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    text_of_default: TextOf<'_>,
) -> Result<Extension, Reported> {
    let fields = fields(diagnostics, value, &keys::EXTENSION).ok_or(Reported)?;
    let (parameters, scope) = parameters(diagnostics, &fields, text_of_default);
    let name = fields.get("name").and_then(|value| {
        named(diagnostics, &value, "extension's name", |name| {
            ExtensionName::new(name)
        })
    });
    let description = fields
        .get("description")
        .and_then(|value| text(diagnostics, &value));
    let extension_name = |name: &str| ExtensionName::new(name);
    let requires = names(
        diagnostics,
        fields.get("requires"),
        "extension's name",
        extension_name,
    );
    let build = fields
        .get("build")
        .and_then(|value| build(diagnostics, &scope, &value));
    let install = fields
        .get("install")
        .map_or_else(Install::default, |value| {
            install(diagnostics, &scope, &value)
        });
    let environment = fields
        .get("environment")
        .map(|value| {
            variables(diagnostics, &value, |diagnostics, value| {
                template(diagnostics, &scope, value)
            })
        })
        .unwrap_or_default();
    let path = image_paths(diagnostics, fields.get("path"));
    let shell = fields
        .get("shell")
        .map_or_else(Shell::default, |value| shell(diagnostics, &value));
    let tests = fields
        .get("tests")
        .map(|value| tests(diagnostics, &scope, &value))
        .unwrap_or_default();
    Ok(Extension {
        name: name.ok_or(Reported)?,
        description,
        parameters,
        requires,
        build,
        install,
        environment,
        path,
        shell,
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
    let Some(value) = fields.get("parameters") else {
        let declared = Some(BTreeSet::new());
        return (parameters, Scope { declared });
    };
    let entries = mapping(diagnostics, &value);
    let is_known = value.is_mapping();
    let declared = is_known.then(|| {
        entries
            .iter()
            .map(|entry| entry.key.value.clone())
            .collect()
    });
    for entry in entries {
        let name = construct(diagnostics, &entry.key, "parameter's name", |name| {
            ParameterName::new(name)
        });
        let parameter = parameter(diagnostics, &Value::of(entry), text_of_default);
        if let Some(name) = name {
            parameters.insert(name.value, parameter);
        }
    }
    (parameters, Scope { declared })
}

/// A parameter, written as its default or with more. It stays declared whatever is wrong with it, so
/// that its uses are not reported too.
fn parameter(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    text_of_default: TextOf<'_>,
) -> Parameter {
    let mut parameter = Parameter {
        default: None,
        description: None,
        span: value.place,
    };
    if value.is_mapping() {
        if let Some(fields) = fields(diagnostics, value, &keys::PARAMETER) {
            parameter.default = fields
                .get("default")
                .and_then(|value| text_of_default(diagnostics, &value));
            parameter.description = fields
                .get("description")
                .and_then(|value| text(diagnostics, &value));
        }
    } else if value.is_scalar() && !value.is_absent() {
        parameter.default = text_of_default(diagnostics, value);
    } else {
        value.wrong_kind(diagnostics, "a default or `{}`");
    }
    parameter
}

/// Variables of the image; `PATH` is refused, since each extension would replace the others'.
pub(crate) fn variables<T>(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    read: impl Fn(&mut Diagnostics, &Value<'_>) -> Option<Spanned<T>>,
) -> BTreeMap<VariableName, Spanned<T>> {
    let mut variables = BTreeMap::new();
    for entry in mapping(diagnostics, value) {
        if entry.key.value == "PATH" {
            let help = "use `path`, whose folders are put before the others";
            let message = "`PATH` cannot be set as a variable";
            bad_value(diagnostics, entry.key.span, message, help);
            continue;
        }
        let name = construct(diagnostics, &entry.key, "variable's name", |name| {
            VariableName::new(name)
        });
        let content = read(diagnostics, &Value::of(entry));
        if let (Some(name), Some(content)) = (name, content) {
            variables.insert(name.value, content);
        }
    }
    variables
}

fn shell(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Shell {
    let Some(fields) = fields(diagnostics, value, &keys::SHELL) else {
        return Shell::default();
    };
    let mut text_of = |name| fields.get(name).and_then(|value| text(diagnostics, &value));
    Shell {
        bash: text_of("bash"),
        profile: text_of("profile"),
    }
}

fn tests(diagnostics: &mut Diagnostics, scope: &Scope, value: &Value<'_>) -> Vec<Test> {
    list(diagnostics, value)
        .iter()
        .filter_map(|entry| test(diagnostics, scope, entry))
        .collect()
}

fn test(diagnostics: &mut Diagnostics, scope: &Scope, value: &Value<'_>) -> Option<Test> {
    let (run, expect) = if value.is_mapping() {
        let fields = fields(diagnostics, value, &keys::TEST)?;
        let run = fields
            .get("run")
            .and_then(|value| filled_text(diagnostics, &value));
        let expect = fields
            .get("expect")
            .and_then(|value| template(diagnostics, scope, &value));
        (run, expect)
    } else {
        (filled_text(diagnostics, value), None)
    };
    Some(Test {
        run: run?,
        expect,
        span: value.node.span,
    })
}
