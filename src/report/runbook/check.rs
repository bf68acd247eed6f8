//! The steps of a report, held to what plans say. In: an exposure from a report that anybody may have written. Out: its
//! steps, without commands and pages that no plan would name.

use super::task::{Action, Command, Task};
use crate::model::{Call, Exposure, OwnerType, ReportedStep, StepPart, Value, Variable};

/// The steps of `exposure`; what is left out of one is told to `left_out`, with its id.
pub(super) fn tasks(exposure: &Exposure, left_out: &mut dyn FnMut(&str, &'static str)) -> Vec<Task> {
    exposure.recommendation.steps.iter().map(|step| task(exposure, step, left_out)).collect()
}

fn task(exposure: &Exposure, step: &ReportedStep, left_out: &mut dyn FnMut(&str, &'static str)) -> Task {
    let id = if is_id(&step.id) { step.id.to_string() } else { "unnamed".to_owned() };
    let mut left_out = |why| left_out(&id, why);
    let command = step.command.as_deref().and_then(|line| command(exposure, &id, line).map_err(&mut left_out).ok());
    let undo =
        step.undo.as_deref().and_then(|line| call(exposure, (&id, StepPart::Undo), line).map_err(&mut left_out).ok());
    let console = step.console.as_deref().and_then(|page| console(page).map_err(&mut left_out).ok());
    Task {
        when: step.when.clone(),
        at_once: false,
        title: step.title.to_string(),
        why: step.why.to_string(),
        action: Action { command, signed_by: None, undo },
        console,
        must_update: step.must_update.iter().map(|place| format!("{}:{}", place.path, place.line)).collect(),
        id,
    }
}

/// The number of the account that has the key. What is no number is not what the service calls an account.
pub(super) fn account(exposure: &Exposure) -> Option<String> {
    let account = exposure.standing.owner.as_ref()?.account_id.as_deref()?;
    let is_number = (1..=32).contains(&account.len()) && account.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| account.to_owned())
}

/// The name of a step: a few lower-case words.
fn is_id(id: &str) -> bool {
    (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// A page of Alibaba Cloud's consoles, as plans name them.
fn console(page: &str) -> Result<String, &'static str> {
    let rest = page.strip_prefix("https://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let of_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte);
    if host.ends_with(".console.aliyun.com") && host.bytes().all(of_host) && path.bytes().all(of_path) {
        Ok(page.to_owned())
    } else {
        Err("its page is not one of Alibaba Cloud's console")
    }
}

fn command(exposure: &Exposure, step: &str, line: &str) -> Result<Command, &'static str> {
    if is_git(step, line) {
        Ok(Command::Git(line.to_owned()))
    } else {
        call(exposure, (step, StepPart::Command), line).map(Command::Call)
    }
}

/// A call that plans make in this part of the step, on the key and the user of this finding.
fn call(exposure: &Exposure, (step, part): (&str, StepPart), line: &str) -> Result<Call, &'static str> {
    if line.contains('*') {
        return Err("its ID is masked: make the report without --redact-ids for commands");
    }
    let call = Call::parse(line).ok_or("its command is not one that a plan of akscan says")?;
    let owner = exposure.standing.owner.as_ref();
    let id = exposure.identity.access_key_id.as_deref();
    let name = owner.and_then(|owner| owner.user_name.as_deref());
    let logon_name = owner.and_then(|owner| owner.user_principal_name.as_deref());
    let fits = |parameter: &str, allowed: &[Option<&str>]| match call.value(parameter) {
        Some(Value::Word(word)) => allowed.contains(&Some(word)),
        Some(Value::Variable(_)) | None => true,
    };
    // The ID of the finding, or in steps on another key of its user, one of those; or what the person at the keyboard gives.
    let others = exposure.standing.other_keys.iter().map(|key| Some(key.id.as_str())).filter(|other| *other != id);
    let keys: Vec<Option<&str>> = if step.ends_with("-other") { others.collect() } else { vec![id] };
    if !["UserAccessKeyId", "AccessKey", "LookupAttribute.1.Value"].iter().all(|parameter| fits(parameter, &keys)) {
        return Err("its command names another key than its finding");
    }
    if !fits("UserName", &[name]) || !fits("UserPrincipalName", &[logon_name]) {
        return Err("its command names another user than its finding");
    }
    let products = exposure.standing.last_used.as_ref().map(|used| used.products.as_slice()).unwrap_or_default();
    let products: Vec<Option<&str>> = products.iter().map(|product| Some(product.as_str())).collect();
    let owner_type = owner.and_then(|owner| owner.owner_type);
    // A step that is for the primary account alone stands in the plan of a key whose owner is not known.
    let may_be_primary = step == "disable-primary" && owner_type.is_none() && name.is_none() && logon_name.is_none();
    let is_primary = owner_type == Some(OwnerType::Primary) || may_be_primary;
    let as_said = call.is_of_step(step, part) && fits("ServiceName", &products) && (is_primary || !call.is_of_caller());
    let variables = call.variables().all(|variable| variable != Variable::LeakedKeyId || id.is_none());
    if as_said && variables { Ok(call) } else { Err("its command is not one that a plan of akscan says") }
}

/// A line for git that plans say: nothing in it is more than a word to a shell.
fn is_git(step: &str, line: &str) -> bool {
    match step {
        "drop-object" => line == "git gc --prune=now",
        "take-out" => line
            .strip_prefix("git restore --staged ")
            .is_some_and(|paths| !paths.contains(char::is_control) && is_pathspecs(paths) && line.len() <= MOST_BYTES),
        _ => false,
    }
}

/// Longer lines are nothing to copy.
const MOST_BYTES: usize = 4096;

/// Words from the root of a repository on, plain or in single quotes, as `recommend` writes them.
fn is_pathspecs(text: &str) -> bool {
    let plain = |word: &str| {
        word.starts_with(":/") && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/:@%+=,-".contains(&byte))
    };
    let mut rest = text;
    loop {
        let end = if let Some(quoted) = rest.strip_prefix("':") {
            // A quote in it is written `'\''`: the end is the first quote that no such thing begins at.
            let mut at = 0;
            loop {
                let Some(quote) = quoted[at..].find('\'') else { return false };
                at += quote;
                if !quoted[at..].starts_with(r"'\''") {
                    break;
                }
                at += r"'\''".len();
            }
            at + "':'".len()
        } else {
            let end = rest.find(' ').unwrap_or(rest.len());
            if !plain(&rest[..end]) {
                return false;
            }
            end
        };
        match rest[end..].strip_prefix(' ') {
            Some(more) => rest = more,
            None => return rest[end..].is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_git_are_words_and_nothing_else() {
        for line in [
            "git gc --prune=now",
            "git restore --staged :/conf/app.json",
            "git restore --staged ':/a b' :/c",
            r"git restore --staged ':/it'\''s' ':(top,literal)a*b'",
        ] {
            let steps = ["drop-object", "take-out", "disable"].into_iter().filter(|step| is_git(step, line));
            assert_eq!(steps.count(), 1, "{line}");
        }
        for line in [
            "git restore --staged ",
            "git restore --staged x",
            "git restore --staged --worktree",
            "git restore --staged :/a; id",
            "git restore --staged :/a :/$(id)",
            "git restore --staged :/`id`",
            "git restore --staged ':/a' ; id '",
            "git restore --staged ':/a'id",
            "git restore --staged ':/a",
            "git restore --staged ':/a\nid'",
            "git restore --staged ':/\u{1b}[2J'",
            "git gc --prune=now; id",
            "git push",
        ] {
            assert!(!is_git("drop-object", line) && !is_git("take-out", line), "{line:?}");
        }
    }

    #[test]
    fn pages_are_those_of_the_console() {
        assert!(console("https://ram.console.aliyun.com/manage/ak").is_ok());
        assert!(console("https://actiontrail.console.aliyun.com").is_ok());
        for page in [
            "http://ram.console.aliyun.com",
            "https://console.aliyun.com.example.com",
            "https://ram.console.aliyun.com@example.com/",
            "https://example.com/.console.aliyun.com",
            "https://ram.console.aliyun.com/?x=$(id)",
            "https://ram.console.aliyun.com/\u{1b}[2J",
            "https://RAM.console.aliyun.com/",
            "javascript:alert(1)",
        ] {
            assert!(console(page).is_err(), "{page:?}");
        }
    }
}
