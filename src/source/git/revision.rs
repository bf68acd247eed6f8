//! Names of commits, as people type them. In: `HEAD~2`, `v1.0^{}`, an id or the start of one. Out: the object's id.
//!
//! git knows many more forms. What is not understood here is refused by name: a scan of another range than the one that
//! was meant would be worse.

use git2::{ObjectType, Odb, Oid};

use super::commit::Header;
use super::tags::{self, Peeled};

/// An id has so many digits, and the start of one at least [`SHORTEST`].
const DIGITS: usize = 40;
const SHORTEST: usize = 4;

/// What names can be looked up in.
pub(super) struct Names<'n> {
    pub odb: &'n Odb<'n>,
    /// The object of a ref, by any form of its name that git takes.
    pub refs: &'n dyn Fn(&str) -> Option<Oid>,
    /// The upstream of a branch; of HEAD's where the name is empty.
    pub upstream: &'n dyn Fn(&str) -> Result<Oid, String>,
}

impl Names<'_> {
    /// The object that `text` names. Tags are not peeled off, unless what follows the name needs that.
    ///
    /// # Errors
    ///
    /// Why it names none.
    pub(super) fn find(&self, text: &str) -> Result<Oid, String> {
        let unsupported =
            |form: &str| Err(format!("`{form}` is not understood here; name a commit, a branch or a tag"));
        if text.starts_with(':') || text.contains(":/") || text.contains(':') {
            return unsupported(":");
        }
        let (mut id, mut steps) = if let Some((branch, form)) = text.split_once("@{") {
            match form.split_once('}') {
                Some((form, steps)) if is_upstream(form) => ((self.upstream)(branch)?, steps),
                _ => return unsupported(&format!("@{{{form}")),
            }
        } else {
            let (name, steps) = text.split_at(text.find(['^', '~']).unwrap_or(text.len()));
            (self.named(if name == "@" { "HEAD" } else { name })?, steps)
        };
        while !steps.is_empty() {
            let (step, rest) = Step::first(steps)?;
            id = self.take(id, step)?;
            steps = rest;
        }
        Ok(id)
    }

    /// The parents of a commit, as far as they are here.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub(super) fn parents(&self, commit: Oid) -> Result<Vec<Oid>, String> {
        let header = Header::read(self.odb, commit).map_err(|cause| cause.cause)?;
        Ok(header.parents.into_iter().filter(|parent| self.odb.exists(*parent)).collect())
    }

    /// What is left of an object after all tags are peeled off.
    ///
    /// # Errors
    ///
    /// If it, or what a tag names, cannot be read.
    pub(super) fn peel(&self, id: Oid) -> Result<Peeled, String> {
        tags::peel(self.odb, id).map_err(|cause| cause.cause)
    }

    /// The object that a name without steps means: an id, a ref, the start of an id.
    fn named(&self, name: &str) -> Result<Oid, String> {
        if name.is_empty() {
            return Err("the name of a commit is missing".to_owned());
        }
        let digits = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = Oid::from_str(name).ok().filter(|_| digits);
        if let Some(id) = id.filter(|_| name.len() == DIGITS) {
            return if self.odb.exists(id) { Ok(id) } else { Err("no such object in this repository".to_owned()) };
        }
        if let Some(id) = (self.refs)(name) {
            return Ok(id);
        }
        match id.filter(|_| name.len() >= SHORTEST) {
            Some(start) => self.odb.exists_prefix(start, name.len()).map_err(|error| match error.code() {
                git2::ErrorCode::Ambiguous => "several objects have ids that begin so".to_owned(),
                _ => "no such ref, and no object whose id begins so".to_owned(),
            }),
            None => Err("no such branch, tag or commit".to_owned()),
        }
    }

    fn take(&self, id: Oid, step: Step) -> Result<Oid, String> {
        let peeled = self.peel(id)?;
        if step == Step::Peel {
            return Ok(peeled.id);
        }
        if peeled.kind != ObjectType::Commit {
            return Err(format!("a {}, not a commit", peeled.kind));
        }
        let parent = |id: Oid, number: usize| {
            let header = Header::read(self.odb, id).map_err(|cause| format!("commit {id}: {}", cause.cause))?;
            let missing = || format!("commit {id} has no parent {number}");
            header.parents.get(number - 1).copied().ok_or_else(missing)
        };
        match step {
            Step::Parent(number @ 1..) => parent(peeled.id, number),
            Step::Ancestor(steps) => (0..steps).try_fold(peeled.id, |id, taken| {
                let too_far = |cause| match taken {
                    0 => cause,
                    taken => format!("only {taken} commits lie before it, not {steps}: {cause}"),
                };
                parent(id, 1).map_err(too_far)
            }),
            Step::Peel | Step::Commit | Step::Parent(_) => Ok(peeled.id),
        }
    }
}

fn is_upstream(form: &str) -> bool {
    ["u", "upstream"].iter().any(|name| form.eq_ignore_ascii_case(name))
}

/// What may follow a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// `^N`
    Parent(usize),
    /// `~N`
    Ancestor(usize),
    /// `^{}`
    Peel,
    /// `^{commit}`
    Commit,
}

impl Step {
    /// The first step of a text that begins with `^` or `~`, and what follows it.
    fn first(text: &str) -> Result<(Self, &str), String> {
        for (form, step) in [("^{}", Self::Peel), ("^{commit}", Self::Commit)] {
            if let Some(rest) = text.strip_prefix(form) {
                return Ok((step, rest));
            }
        }
        let after = &text[1..];
        let (number, rest) = after.split_at(after.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(after.len()));
        if !rest.is_empty() && !rest.starts_with(['^', '~']) {
            return Err(format!("`{text}` is not understood here; `^`, `^2`, `~3` and `^{{commit}}` are"));
        }
        let number = if number.is_empty() { Ok(1) } else { number.parse() };
        let number = number.map_err(|_| format!("`{text}` leads too far back"))?;
        Ok((if text.starts_with('^') { Self::Parent(number) } else { Self::Ancestor(number) }, rest))
    }
}

/// Whether a text is the id that git writes where there is nothing, in repositories of any hash.
pub(super) fn is_zero(text: &str) -> bool {
    text.len() >= DIGITS && text.bytes().all(|byte| byte == b'0')
}

/// Whether a text can only be an id.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use git2::{Repository, Signature, Time};

    use super::*;

    /// Four commits: 0 ← 1 ← 2, and 3 which merges 1 and 2; and a tag of a tag of 3.
    fn with_names(test: impl FnOnce(&Names<'_>, &[Oid], Oid)) {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(folder.path()).unwrap();
        let author = Signature::new("Dev", "dev@example.com", &Time::new(0, 0)).unwrap();
        let tree = git.find_tree(git.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let mut ids: Vec<Oid> = Vec::new();
        for parents in [&[][..], &[0], &[1], &[1, 2]] {
            let parents: Vec<_> = parents.iter().map(|parent: &usize| git.find_commit(ids[*parent]).unwrap()).collect();
            let parents: Vec<_> = parents.iter().collect();
            let message = ids.len().to_string();
            ids.push(git.commit(None, &author, &author, &message, &tree, &parents).unwrap());
        }
        let tag =
            |name: &str, id: Oid| git.tag(name, &git.find_object(id, None).unwrap(), &author, name, false).unwrap();
        let outer = tag("outer", tag("inner", ids[3]));
        let odb = git.odb().unwrap();
        let refs = |name: &str| match name {
            "HEAD" | "main" => Some(ids[3]),
            "outer" => Some(outer),
            "aaaa" => Some(ids[0]),
            "tree" => Some(tree.id()),
            _ => None,
        };
        let upstream = |branch: &str| match branch {
            "" | "main" => Ok(ids[1]),
            _ => Err("no upstream".to_owned()),
        };
        test(&Names { odb: &odb, refs: &refs, upstream: &upstream }, &ids, outer);
    }

    #[test]
    fn names_and_what_may_follow_them_are_understood() {
        with_names(|names, ids, outer| {
            let full = ids[1].to_string();
            for (text, id) in [
                ("HEAD", ids[3]),
                ("@", ids[3]),
                ("@~1", ids[1]),
                ("main^", ids[1]),
                ("main^1", ids[1]),
                ("main^2", ids[2]),
                ("main^2^", ids[1]),
                ("main~2", ids[0]),
                ("main^2~2", ids[0]),
                ("main~0", ids[3]),
                ("main^0", ids[3]),
                ("main@{u}", ids[1]),
                ("@{UpStream}~1", ids[0]),
                ("aaaa", ids[0]),
                ("outer", outer),
                ("outer^{}", ids[3]),
                ("outer^{commit}", ids[3]),
                ("outer~1", ids[1]),
                (full.as_str(), ids[1]),
                (&full[..9], ids[1]),
            ] {
                assert_eq!(names.find(text), Ok(id), "{text}");
            }
            let peeled = names.peel(outer).unwrap();
            assert_eq!((peeled.tags.len(), peeled.tags[0], peeled.id), (2, outer, ids[3]));
            assert_eq!(peeled.kind, ObjectType::Commit);
        });
    }

    #[test]
    fn what_is_not_understood_is_named() {
        with_names(|names, ids, _| {
            let gone = "7".repeat(40);
            let first = ids[0].to_string();
            for (text, part) in [
                ("", "missing"),
                ("^", "missing"),
                ("nothing", "no such branch"),
                ("abcdef0", "begins so"),
                ("abc", "no such branch"),
                (gone.as_str(), "no such object"),
                ("HEAD:file", "`:`"),
                (":/text", "`:`"),
                ("side@{upstream}", "no upstream"),
                ("main@{push}", "`@{push}`"),
                ("main@{u", "`@{u`"),
                ("@{-1}", "`@{-1}`"),
                ("main^{tree}", "`^{tree}`"),
                ("main^@", "`^@`"),
                ("main^!", "`^!`"),
                ("main^-", "`^-`"),
                ("main^3", "no parent 3"),
                ("main~2~1", "has no parent 1"),
                ("main~4", "only 2 commits lie before it, not 4: commit "),
                ("main~99999999999999999999", "too far"),
                ("tree~1", "a tree, not a commit"),
                (&format!("{first}^"), "has no parent 1"),
            ] {
                let error = names.find(text).unwrap_err();
                assert!(error.contains(part), "{text}: {error}");
            }
        });
    }

    #[test]
    fn zeros_are_told_from_ids() {
        assert!(is_zero(&"0".repeat(40)) && is_zero(&"0".repeat(64)));
        assert!(!is_zero("0") && !is_zero(&"1".repeat(40)));
        assert!(is_id(&"aF".repeat(20)) && !is_id(&"a".repeat(39)) && !is_id(&"g".repeat(40)));
    }
}
