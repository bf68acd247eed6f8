//! What to do about keys in commits that are about to be pushed, or that a server has refused. In: what was found, and the
//! range that brings it in. Out: commands that can be pasted into a shell, for each place of its own kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use akscan::model::{Exposure, ObjectId, Place, ReportedLocation, Text};
use akscan::{Range, Standing};

use super::notice::{Act, word};

/// Commands for so many refs are shown.
const FIRST_REFS: usize = 3;

const TAKE_OUT: &str = "\
Take the key out of each commit that holds it, and read it from the environment or use a RAM role instead.
(One more commit that deletes it is not enough: the older one goes out with it.)
";

/// The advice for `found`, which `range` brings in.
pub(super) fn of(found: &[&Exposure], range: &Range, act: Act) -> String {
    let mut groups: BTreeMap<Where<'_>, Vec<&ReportedLocation>> = BTreeMap::new();
    // On a server it is not known what the one who pushes has checked out.
    let checked_out = range.checked_out().filter(|_| act != Act::Receive);
    let checked_out = checked_out.as_ref().and_then(|name| std::str::from_utf8(name.as_bytes()).ok());
    for location in found.iter().flat_map(|exposure| &exposure.locations) {
        groups.entry(Where::of(location, checked_out)).or_default().push(location);
    }
    let mut text = String::from(if groups.keys().any(|place| place.is_rewritten()) { TAKE_OUT } else { "" });
    let more = groups.len().saturating_sub(FIRST_REFS);
    for (place, locations) in groups.iter().take(FIRST_REFS) {
        for line in place.advise(locations, range) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    if more > 0 {
        let _ = writeln!(text, "(And so on for {more} more.)");
    }
    text
}

/// The command that shows all that `range` brings in, which ends at `tips`; of many ends, the one that shows everything.
pub(super) fn command(range: &Range, tips: &[String]) -> String {
    let name = |tip: &String| match ObjectId::from_hex(tip.as_bytes()) {
        Some(id) => Some(short(id)),
        None => word(tip).map(std::borrow::Cow::into_owned),
    };
    let tips: Option<BTreeSet<String>> = tips.iter().map(name).collect();
    let tips: Vec<String> = tips.unwrap_or_default().into_iter().collect();
    match (range.base().map(short), tips.as_slice()) {
        (Some(base), [tip]) => format!("akscan range {base}..{tip}"),
        (Some(base), [_, ..]) if tips.len() <= FIRST_REFS => format!("akscan range {} '^{base}'", tips.join(" ")),
        _ => "akscan".to_owned(),
    }
}

/// What has to be changed to take a key out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Where<'r> {
    /// Commits of the branch that is checked out; or of none, in a detached HEAD.
    Here(&'r str),
    /// Commits of another branch.
    Branch(&'r str),
    /// Commits that only a tag names.
    Tag(&'r str),
    /// Commits that something else names, by its full name.
    Other(&'r str),
    /// Commits that nothing names.
    Nowhere,
    /// What a tag names is no commit.
    TaggedFile(&'r str),
    /// The text of a tag.
    TagText(&'r str),
    /// Commits that hold git's notes.
    Notes(&'r str),
    /// The name of a ref.
    Name(&'r str),
}

impl<'r> Where<'r> {
    fn of(location: &'r ReportedLocation, checked_out: Option<&str>) -> Self {
        let provenance = location.provenance.as_ref();
        let refs = || provenance.into_iter().flat_map(|provenance| &provenance.refs).map(Text::as_str);
        let first = |start: &'static str| refs().find(|name| name.starts_with(start));
        let any = || refs().next().unwrap_or_default();
        match (location.place, provenance.and_then(|provenance| provenance.commit.as_ref())) {
            (Place::Config, _) => Self::Name(any()),
            (Place::TagMessage, _) => Self::TagText(any()),
            (_, None) => Self::TaggedFile(any()),
            (_, Some(_)) => {
                let here = refs().find(|name| checked_out == Some(name));
                let kinds = [here.map(Self::Here), first("refs/heads/").map(Self::Branch)];
                let others = [first("refs/tags/").map(Self::Tag), first("refs/notes/").map(Self::Notes)];
                let named = kinds.into_iter().chain(others).flatten().next();
                named.or_else(|| refs().next().map(Self::Other)).unwrap_or(Self::Nowhere)
            }
        }
    }

    /// Whether these are commits that have to be made anew.
    fn is_rewritten(self) -> bool {
        matches!(self, Self::Here(_) | Self::Branch(_) | Self::Tag(_) | Self::Other(_) | Self::Nowhere)
    }

    /// Lines that say how to take a key out of these places.
    fn advise(self, locations: &[&ReportedLocation], range: &Range) -> Vec<String> {
        let (begin, name, end) = match self {
            Self::Here(name) => (vec![format!("{}:", on(name))], name, None),
            Self::Branch(name) => {
                let switch = format!("  git switch {}", operand(name, "refs/heads/", "BRANCH"));
                (vec![format!("{}:", on(name)), switch], name, None)
            }
            Self::Tag(name) => {
                let tag = operand(name, "refs/tags/", "TAG");
                let switch = format!("  git switch --detach {}", operand(name, "", "TAG"));
                let end = format!("  git tag -f {tag}");
                (vec![format!("In commits that only the tag {tag} names:"), switch], name, Some(end))
            }
            Self::Other(name) => {
                let begin = format!("In commits of {}, on the branch that you make them from:", shown(name));
                (vec![begin], name, None)
            }
            Self::Nowhere => {
                let end = match range.ends().as_slice() {
                    [end] => short(*end),
                    _ => "COMMIT".to_owned(),
                };
                let begin = "In commits that are on no branch here:".to_owned();
                let push = "  git push REMOTE HEAD:refs/heads/BRANCH".to_owned();
                (vec![begin, format!("  git switch --detach {end}")], "", Some(push))
            }
            Self::TaggedFile(name) => return tagged_file(name).into(),
            Self::TagText(name) => return tag_text(name).into(),
            Self::Notes(name) => return notes(name, oldest(locations, range).as_ref()).into(),
            Self::Name(name) => return other_name(name).into(),
        };
        begin.into_iter().chain(rewrite(locations, range, name)).chain(end).collect()
    }
}

fn tagged_file(name: &str) -> [String; 2] {
    let command = if name.starts_with("refs/tags/") {
        format!("  git tag -d {}", operand(name, "refs/tags/", "TAG"))
    } else {
        format!("  git update-ref -d {}", operand(name, "", "REF"))
    };
    [format!("{} names a file or files with a key, not a commit. Take it away:", shown(name)), command]
}

fn tag_text(name: &str) -> [String; 2] {
    let tag = operand(name, "refs/tags/", "TAG");
    let target = operand(&format!("{name}^{{}}"), "", "COMMIT");
    [format!("In the text of the tag {tag}, to be written anew:"), format!("  git tag -f -a {tag} {target}")]
}

fn notes(name: &str, oldest: Option<&Standing>) -> [String; 2] {
    let name = operand(name, "", "REF");
    let command = match oldest {
        Some(Standing { commit, parents: 1.., .. }) => format!("  git update-ref {name} {}~1", short(*commit)),
        _ => format!("  git update-ref -d {name}"),
    };
    [format!("In notes ({name}). This takes away the note and all later ones:"), command]
}

fn other_name(name: &str) -> [String; 2] {
    let command = if name.starts_with("refs/tags/") {
        let tag = operand(name, "refs/tags/", "OLD-NAME");
        format!("  git tag NEW-NAME {tag} && git tag -d {tag}")
    } else {
        format!("  git branch -m {} NEW-NAME", operand(name, "refs/heads/", "OLD-NAME"))
    };
    ["In the name of a ref. Give it another name:".to_owned(), command]
}

/// The commands that rewrite commits of what is checked out by then: `name`, or where that is empty the end of the range.
fn rewrite(locations: &[&ReportedLocation], range: &Range, name: &str) -> Vec<String> {
    let Some(standing) = oldest(locations, range) else { return Vec::new() };
    let id = short(standing.commit);
    let in_text = |location: &&&ReportedLocation| location.place == Place::CommitMessage;
    let texts = locations.iter().filter(in_text).count();
    let texts_only = texts == locations.len();
    let amend = match texts {
        0 => "  git commit --amend --no-edit",
        _ if texts_only => "  write its text anew: git commit --amend",
        _ => "  write its text anew, too: git commit --amend",
    };
    let edit = match file(locations) {
        _ if texts_only => None,
        Some(file) => Some(format!("  edit it, then: git add {file}")),
        None => Some("  edit the files, then: git add FILE...".to_owned()),
    };
    let edit = edit.into_iter().chain([amend.to_owned()]);
    let single = locations.iter().all(|location| commit(location).is_some_and(|other| other.starts_with(&id)));
    // What the one who pushes has there may be newer than what was pushed; then this names the older commit.
    let is_last = match name {
        "" => range.ends().iter().map(ToString::to_string).eq(commit(locations[0]).map(str::to_owned)),
        name => standing.named_by.iter().any(|named| named.as_bytes() == name.as_bytes()),
    };
    if is_last && single {
        return [format!("  {id} is its last commit:")].into_iter().chain(edit).collect();
    }
    let merges = if standing.merges { " --rebase-merges" } else { "" };
    // Not `^`, which some shells take for a pattern.
    let from = if standing.parents == 0 { "--root".to_owned() } else { format!("{id}~1") };
    let rebase = format!("  git rebase -i --autostash{merges} {from}");
    let which = if single { id.as_str() } else { "each commit named above" };
    let has = |merge: &'static str| if standing.merges && !single { merge } else { "" };
    let list = if standing.parents > 1 {
        let others = if single { "" } else { ", and `edit` for `pick` before each other commit named above" };
        let merges = has("\n  (`break` again for a merge)");
        format!("  in the list, write `break` below the line that merges {id}{others}{merges}; where it stops:")
    } else if texts_only {
        let merges = has("\n  (for a merge, `merge -c` for `merge -C`)");
        let list =
            format!("  in the list, write `reword` for `pick` before {which}{merges}; git then asks for its new text");
        return vec![rebase, list];
    } else {
        let merges = has("\n  (for a merge, `break` below the line that merges it)");
        format!("  in the list, write `edit` for `pick` before {which}{merges}; where it stops:")
    };
    [rebase, list].into_iter().chain(edit).chain(["  git rebase --continue".to_owned()]).collect()
}

/// The one file in which all of it stands, as a word of the shell.
fn file(locations: &[&ReportedLocation]) -> Option<String> {
    let mut files = locations.iter().filter(|location| location.place != Place::CommitMessage);
    let path = files.next()?.path.split("!/").next()?;
    let same = files.all(|location| location.path.split("!/").next() == Some(path));
    // What was redacted or escaped in it is no name any more; git takes some characters for patterns.
    let odd = path.starts_with(['-', ':']) || path.contains(['*', '?', '[', '\\']);
    if same && !odd { word(path).map(std::borrow::Cow::into_owned) } else { None }
}

/// The first of the commits at these places, in the order in which they build on each other.
fn oldest(locations: &[&ReportedLocation], range: &Range) -> Option<Standing> {
    range.first(locations.iter().filter_map(|location| ObjectId::from_hex(commit(location)?.as_bytes())))
}

fn commit(location: &ReportedLocation) -> Option<&str> {
    Some(location.provenance.as_ref()?.commit.as_ref()?.as_str())
}

fn short(id: ObjectId) -> String {
    format!("{:.10}", id.to_string())
}

/// Where commits are, for people.
fn on(name: &str) -> String {
    match name {
        "HEAD" => "In commits that are checked out, on no branch".to_owned(),
        name => format!("On {}", operand(name, "refs/heads/", "a branch")),
    }
}

fn shown(name: &str) -> String {
    operand(name, "", "a ref")
}

/// The name of a ref for a command, without `start`; `otherwise` where the command would mean something else: the name
/// holds what a terminal cannot show, or a secret that was taken out of it (no ref has a bracket), or begins like an
/// option.
fn operand(name: &str, start: &str, otherwise: &str) -> String {
    let short = name.strip_prefix(start).unwrap_or(name);
    let safe = !short.is_empty() && !short.starts_with('-') && !short.contains(['[', '\\']);
    word(short).filter(|_| safe).map_or_else(|| otherwise.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_refs_can_be_pasted_or_are_left_out() {
        for (name, expected) in [
            ("refs/heads/main", "main"),
            ("refs/heads/it's $(rm -rf) `a`;b", "'it'\\''s $(rm -rf) `a`;b'"),
            ("refs/heads/修复", "修复"),
            ("refs/heads/-f", "BRANCH"),
            ("refs/heads/a[secret]b", "BRANCH"),
            ("refs/heads/\u{202e}a", "BRANCH"),
            ("", "BRANCH"),
        ] {
            assert_eq!(operand(name, "refs/heads/", "BRANCH"), expected, "{name:?}");
        }
        assert_eq!(operand("refs/tags/v1^{}", "", "TAG^{}"), "'refs/tags/v1^{}'");
    }
}
