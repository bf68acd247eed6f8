//! A call in a script. In: the call. Out: what asks for the values that it needs, unless the call is to be left out, and
//! the function of the script that makes it.

use std::fmt::Write as _;

use super::quote::shell;
use crate::model::{Call, Effect, Variable};

/// Writes a call, after what has to be given for it, if it is to be made at all.
pub(super) fn write(out: &mut String, call: &Call) {
    let repeated = is_repeated(call);
    let anew = repeated && !is_of_role(call);
    let names: Vec<_> = asked(call).filter(|variable| !anew || !stays(*variable)).map(Variable::name).collect();
    let give = if anew { "give_anew" } else { "give" };
    let mut indent = "        ";
    if !names.is_empty() {
        let _ = writeln!(out, "{indent}if {give} {}; then", names.join(" "));
        indent = "            ";
    }
    if repeated {
        write_repeated(out, call, indent);
    } else {
        write_call(out, call, ("need", indent));
    }
    if !names.is_empty() {
        if matches!(call.effect(), Effect::Keep(_)) {
            out.push_str("        else\n            stop 'later steps need the answer'\n");
        }
        out.push_str("        fi\n");
    }
}

fn is_of_role(call: &Call) -> bool {
    call.value("RoleName").is_some()
}

/// What the person at the keyboard gives for a call: not what was kept of a role.
fn asked(call: &Call) -> impl Iterator<Item = Variable> {
    use Variable::{PolicyName, PolicyType, SessionSeconds, TrustPolicy};
    let of_role = is_of_role(call);
    let kept = move |variable: &Variable| match variable {
        TrustPolicy | SessionSeconds => true,
        PolicyName | PolicyType => of_role,
        _ => false,
    };
    call.variables().filter(move |variable| !kept(variable))
}

/// A call that is made once for each of several things: of the policies of a role, those that were kept.
fn write_repeated(out: &mut String, call: &Call, indent: &str) {
    let of_role = is_of_role(call);
    let _ = writeln!(out, "{indent}while {}; do", if of_role { "next_policy" } else { ":" });
    write_call(out, call, ("need_anew", &format!("{indent}    ")));
    let next = if of_role { "finish_policy" } else { "again 'Another one?' || break" };
    let _ = writeln!(out, "{indent}    {next}\n{indent}done");
}

/// Whether it is the same each time that a call is made. Records are asked for by region, and for a month at most.
fn stays(variable: Variable) -> bool {
    matches!(variable, Variable::RoleName | Variable::NewUserName | Variable::LeakedKeyId)
}

fn write_call(out: &mut String, call: &Call, (need, indent): (&str, &str)) {
    for variable in asked(call) {
        let need = if stays(variable) { "need" } else { need };
        let _ = writeln!(out, "{indent}{need} {} {}", variable.name(), shell(variable.meaning()));
    }
    if call.variables().any(|variable| variable == Variable::TrustPolicy) {
        let _ = writeln!(out, "{indent}kept_role");
    }
    let function = match call.effect() {
        Effect::Look if call.is_lookup() => "look_up",
        Effect::Look => "look",
        Effect::Keep(file) => &format!("keep {file}"),
        Effect::Change => "change",
        Effect::CreateKey => "create",
    };
    let as_primary = if call.is_of_caller() { "as_primary " } else { "" };
    let _ = writeln!(out, "{indent}{as_primary}{function} {}", call.bare());
}

/// Whether a call is made once for each of several policies, products or regions.
fn is_repeated(call: &Call) -> bool {
    let each = [Variable::PolicyType, Variable::ServiceName, Variable::LogRegion];
    call.variables().any(|variable| each.contains(&variable))
}
