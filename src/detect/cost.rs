//! How well an ID and a secret go together: by their names, the structure around them, and the distance. In: two
//! candidates. Out: what it costs to pair them, and how sure a pair of them is.

use super::binding::Form;
use super::candidate::{Candidate, Value};
use super::scope::{Scope, ScopeKind};
use crate::model::{Confidence, Secret};
use crate::rule::{Name, Role, Trust, Vendor};

/// What it costs to pair these two in a scope of this kind; `None` if they cannot belong together.
pub(super) fn cost(id: &Candidate, secret: &Candidate, kind: Option<ScopeKind>) -> Option<u32> {
    let Value::Id { needs_secret, .. } = id.value else { return None };
    let lines = id.region.start.line.abs_diff(secret.region.start.line);
    // A mask may begin inside what stands before it.
    let bytes = id.start().max(secret.start()).saturating_sub(id.end().min(secret.end()));
    let long = secret.secret().is_some_and(|secret| secret.expose().len() != Secret::LENGTH);
    if long && !id.is_sts_id() {
        return None;
    }
    let together = matches!(kind, Some(ScopeKind::Call | ScopeKind::List)) && lines <= 4;
    let in_call = together && kind == Some(ScopeKind::Call);
    if needs_secret && !in_call && !vouches(secret, id, lines) {
        return None;
    }
    let either = |candidate: &Candidate| candidate.name().is_some_and(|name| name.role == Role::Either);
    if matches!(secret.value, Value::NoSecret { .. }) && either(id) && either(secret) {
        // `access_key: LTAI…`, `access_key: ${…}`: two IDs.
        return None;
    }
    let misnamed = secret.name().is_some_and(|name| name.role == Role::Id);
    if misnamed
        && !(lines <= 4 && id.name().is_some_and(|name| name.role == Role::Secret && name.stem == secret.stem()))
    {
        return None;
    }
    let near = match secret.trust() {
        None if secret.name().is_some() => {
            let same_scope = same_scope(id, secret);
            let near = lines <= if id.stem().is_empty() { 4 } else { 40 };
            are_app_halves(id, secret) && (lines <= 1 || (same_scope && near))
        }
        Some(Trust::Strong | Trust::Context) => true,
        // Every service has a `secret`: it has to be of the same object, or right beside the ID.
        Some(Trust::Generic) => same_scope(id, secret) || lines <= 4,
        // `password: …` beside `username: LTAI…`.
        // An `id` may go with a `token`; an `ak` goes with an `sk`.
        Some(Trust::Neighbour) if word(secret) == "token" && word(id) != "id" => false,
        Some(Trust::Neighbour) => {
            let same_stem = !id.stem().is_empty() && id.stem() == secret.stem();
            if !secret.stem().is_empty() && !same_stem && says_id(id) {
                // `oss.accessKeyId`, `spring.datasource.password`: another thing's.
                return None;
            }
            let scope = lines == 0 || same_scope(id, secret) || are_fields(id, secret);
            (lines <= 5 && bytes < 1024 && scope) || (same_stem && lines <= 40)
        }
        // An argument, a column, a line of its own: only right beside the ID.
        None if secret.binding.form == Form::Beside => lines <= 1 && id.end() < secret.start() && bytes < 256,
        None if secret.binding.form == Form::Pieces && lines > 0 => lines <= 12 && same_scope(id, secret),
        None => {
            let beside = (lines == 0 && bytes <= 400) || together;
            (beside && same_brackets(id, secret) && same_call(id, secret)) || both_alone(id, secret, (lines, bytes))
        }
    };
    let foreign = (lines > 0 || !same_scope(id, secret)) && is_foreign(id, secret);
    let apart = id.owner().world.zip(secret.owner().world).is_some_and(|(one, other)| one != other);
    // Frameworks call the key that they sign with `SECRET_KEY`: beside an `OSS_ACCESS_KEY_ID` it is no other half.
    let is_setting = secret.name().is_some_and(Name::is_setting) && !id.stem().is_empty();
    if !near || foreign || apart || is_setting || stems_disagree(id, secret, lines) {
        return None;
    }
    // What takes the place of a secret yields to a secret on the same line; an ID without a name, in a comment say,
    // to one that a name says to be the ID.
    let no_secret = u32::from(matches!(secret.value, Value::NoSecret { .. })) * 80;
    let no_name = u32::from(!id.name().is_some_and(|name| name.role == Role::Id)) * 160;
    let weakness = weakness(secret) * if kind.is_some() { 40 * 64 } else { 10 * 64 };
    // What may be another's ID yields to one that is beyond doubt.
    let no_prefix = u32::from(needs_secret) * 320;
    let after = u32::from(secret.start() < id.start());
    let lines = u32::try_from(lines.min(1 << 20)).unwrap_or(1 << 20);
    let blocks = u32::try_from(bytes / 64).unwrap_or(32).min(32);
    Some(lines * 64 + blocks * 2 + weakness + no_secret + no_name + no_prefix + after)
}

/// Whether a secret so many lines away may show that what has no prefix of its own is an ID.
fn vouches(secret: &Candidate, id: &Candidate, lines: u64) -> bool {
    let named = secret.trust().is_some_and(|trust| trust >= Trust::Context);
    // Anybody's, unless it stands with the secret.
    let vague = id.name().is_some_and(|name| name.role == Role::Either && name.vendor == Vendor::Unknown);
    (named || lines == 0) && (!vague || lines <= 1 || same_scope(id, secret))
}

/// How little a name says that its value is a secret: the one that says most wins over those that stand nearer.
fn weakness(secret: &Candidate) -> u32 {
    match secret.trust() {
        Some(Trust::Strong) => 0,
        Some(Trust::Context) => 1,
        Some(Trust::Generic) => 2,
        Some(Trust::Neighbour) => 3,
        None => 4,
    }
}

/// Whether a secret is another vendor's by its name, or that of `s3.…` where the ID is that of `aliyun.…`. What a vendor's
/// name encloses together with the ID is not: Alibaba Cloud runs Kafka, too.
fn is_foreign(id: &Candidate, secret: &Candidate) -> bool {
    let vendor = |candidate: &Candidate| candidate.name().map_or(Vendor::Unknown, |name| name.vendor);
    match (vendor(id), vendor(secret)) {
        (Vendor::Other, Vendor::Other) => !same_scope(id, secret),
        (_, Vendor::Other) | (Vendor::Ours, Vendor::Compatible) => true,
        _ => false,
    }
}

/// `LTAI…` on one line and the secret on the next, nothing else on either and none but empty lines between, or with the
/// same above each.
fn both_alone(id: &Candidate, secret: &Candidate, (lines, bytes): (u64, u64)) -> bool {
    let both = |form: Form| id.binding.form == form && secret.binding.form == form;
    // UTF-16 and UTF-32 take so many bytes for each character.
    let characters = id.id().map_or(1, |id| id.as_str().len() as u64);
    let width = ((id.end() - id.start()) / characters).clamp(1, 4);
    let nothing_between = lines <= 1 || (lines <= 3 && bytes <= 2 * lines * width);
    (nothing_between && both(Form::Alone)) || (lines <= 4 && both(Form::Counted))
}

/// Whether a name says beyond doubt that this is an AccessKey ID.
fn says_id(id: &Candidate) -> bool {
    id.name().is_some_and(|name| name.role == Role::Id && name.trust == Trust::Strong)
}

/// Whether both stand in the same object, block or section; a call around one of them does not count.
pub(super) fn same_scope(a: &Candidate, b: &Candidate) -> bool {
    fn outer(candidate: &Candidate) -> impl Iterator<Item = &Scope> {
        candidate.scopes.iter().skip_while(|scope| scope.kind == ScopeKind::Call)
    }
    outer(a).eq(outer(b))
}

/// Whether both stand in the same brackets, or each in its own of one list: not so `[…] get LTAI…` in a log, nor the field
/// of an object beside another object.
fn same_brackets(id: &Candidate, secret: &Candidate) -> bool {
    let brackets = |candidate: &Candidate| {
        let is_one = |scope: &&Scope| matches!(scope.kind, ScopeKind::Object | ScopeKind::List);
        let mut brackets = candidate.scopes.iter().filter(is_one).copied();
        (brackets.next(), brackets.next())
    };
    let (one, other) = (brackets(id), brackets(secret));
    one.0 == other.0 || (one.1 == other.1 && one.1.is_some_and(|outer| outer.kind == ScopeKind::List))
}

/// Whether both are arguments of one call, or each the one of a call in it: `f(text("…"), text("…"))`, and not
/// `f("…", g("…"))`.
fn same_call(id: &Candidate, secret: &Candidate) -> bool {
    let calls =
        |candidate: &'_ Candidate| candidate.scopes.iter().take_while(|scope| scope.kind == ScopeKind::Call).count();
    let around = |candidate: &'_ Candidate| candidate.scopes.get(1).copied();
    let (depth, of_secret) = (calls(id), calls(secret));
    let innermost = id.scopes.first() == secret.scopes.first();
    // A name that is the call's leads out of it: `accessKeyClient("LTAI…", "…")`.
    let named_by_it = id.binding.from.is_some()
        && depth + 1 == of_secret
        && secret.scopes.first().is_some_and(|call| call.start() < id.start());
    let alike = secret.owner().words.is_empty() || secret.owner().words == id.owner().words;
    let wrapped = depth > 1 && around(id) == around(secret) && alike;
    named_by_it || (depth == of_secret && (depth == 0 || innermost || wrapped))
}

/// Whether these are the `appKey` and the `appSecret` of one thing: what they are its ID tells, which is an AccessKey's.
fn are_app_halves(id: &Candidate, secret: &Candidate) -> bool {
    const HALVES: [(&str, &str); 3] = [("appkey", "appsecret"), ("appid", "appsecret"), ("appid", "appkey")];
    id.stem() == secret.stem() && HALVES.contains(&(word(id), word(secret)))
}

/// The words of its name that tell what it is.
fn word(candidate: &Candidate) -> &str {
    candidate.name().map_or("", |name| &name.word)
}

/// Whether these are the `username` and the `password` of one thing, each in an element of its own:
/// `<String><Key>UserName</Key><Value>LTAI…</Value></String>`.
fn are_fields(id: &Candidate, secret: &Candidate) -> bool {
    const LEVELS: usize = 2;
    let named = id.name().is_some_and(|name| name.role == Role::Id && name.trust == Trust::Neighbour);
    let around = |candidate: &'_ Candidate| {
        let elements =
            candidate.scopes.iter().take(LEVELS).take_while(|scope| scope.kind == ScopeKind::Element).count();
        candidate.scopes[elements..].to_vec()
    };
    named && around(id) == around(secret)
}

/// `oss.accessKeyId` far from `sms.accessKeySecret`.
fn stems_disagree(id: &Candidate, secret: &Candidate, lines: u64) -> bool {
    let (one, other) = (id.stem(), secret.stem());
    !one.is_empty() && !other.is_empty() && lines > 2 && !one.contains(other) && !other.contains(one)
}

pub(super) fn grade(id: &Candidate, secret: &Candidate, kind: Option<ScopeKind>) -> (Confidence, String) {
    let lines = id.region.start.line.abs_diff(secret.region.start.line);
    let evidence = match (kind, lines) {
        (_, 0) => "pair on one line".to_owned(),
        (Some(ScopeKind::Call), _) => "pair in one call".to_owned(),
        (Some(ScopeKind::Object), _) if lines <= 100 => "pair in one object".to_owned(),
        (Some(ScopeKind::List), _) => "pair in one list".to_owned(),
        (Some(ScopeKind::Element), _) if lines <= 100 => "pair in one element".to_owned(),
        (Some(ScopeKind::Block), _) if lines <= 100 => "pair in one block".to_owned(),
        (Some(ScopeKind::Section), _) if lines <= 100 => "pair in one section".to_owned(),
        (_, 1) => "pair on neighbouring lines".to_owned(),
        (_, lines) => format!("pair {lines} lines apart"),
    };
    let named = secret.trust().is_some_and(|trust| trust >= Trust::Context);
    let weak_id = matches!(id.value, Value::Id { needs_secret: true, .. });
    let confidence = match (named, lines) {
        _ if weak_id || secret.binding.form == Form::Beside => Confidence::Medium,
        (true, 0..=40) | (false, 0) => Confidence::High,
        _ => Confidence::Medium,
    };
    (confidence, evidence)
}
