//! Shapes: texts with placeholders instead of keys, and everything that must be found in them. In: `fixtures/shapes/*.toml`.
//! Out: cases, and their bytes with made-up keys.
//!
//! A case is a text as people write it, with placeholders instead of keys, and everything that must be found in it:
//!
//! ```toml
//! [[case]]
//! row = "2.1/2"                # which row of which chapter it stands for
//! name = "aliyuncli credentials"
//! pairs = ["a"]                # the ID named `a` with the secret named `a`
//! text = '''
//! aliyun_access_key_id = {{access-key-id:24#a}}
//! aliyun_access_key_secret = {{access-key-secret#a}}
//! '''
//! ```
//!
//! `pairs`, `ids`, `secrets`, `temporary` and `signed` hold the names after `#`; a temporary credential is all of
//! `sts-id`, `sts-secret` and `security-token` that bear the name. `nothing = true` stands alone.
//!
//! Besides the placeholders of `MadeUp::fill` there are `{{legacy-id#a}}` (an ID of the time before `LTAI`),
//! `{{bytes:A3BA}}` (bytes that are no UTF-8), `{{lines:30}}` (so many lines of other settings), `{{nothing}}` (keeps a
//! literal from looking like a key) and `{{cut:6,9:" + "}}`: what follows is cut after its sixth and its ninth character,
//! and `" + "` stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use akscan::MadeUp;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chapter {
    case: Vec<Case>,
}

/// A text with what must be found in it.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) row: String,
    pub(crate) name: String,
    pub(crate) text: String,
    #[serde(flatten)]
    expected: BTreeMap<Expectation, Names>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Expectation {
    Pairs,
    Ids,
    Secrets,
    Temporary,
    Signed,
    Nothing,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    These(Vec<String>),
    Flag(bool),
}

/// A case with made-up keys.
pub(crate) struct Filled {
    /// The text.
    pub(crate) bytes: Vec<u8>,
    /// What to call each made-up value: `id a`.
    pub(crate) labels: BTreeMap<String, String>,
    /// What stands between the pieces of values that are cut.
    seams: BTreeSet<String>,
}

/// Every case of every file, in order.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shapes");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        toml::from_str::<Chapter>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).case
    };
    files.into_iter().flat_map(read).collect()
}

impl Case {
    /// The placeholders with a name in the text, as (kind, name, whole placeholder).
    fn placeholders(&self) -> BTreeSet<(&str, &str, String)> {
        let inner = self.text.split("{{").skip(1).filter_map(|after| Some(after.split_once("}}")?.0));
        inner
            .filter_map(|inner| Some((inner, inner.split_once('#')?)))
            .map(|(inner, (kind, name))| (kind.split(':').next().unwrap_or(kind), name, format!("{{{{{inner}}}}}")))
            .collect()
    }

    /// The text with keys made up from `seed`.
    pub(crate) fn fill(&self, seed: u64) -> Filled {
        // The values come along behind the text; a legacy ID is made as an ID and loses its prefix.
        let template = |text: &str| text.replace("{{legacy-id#", "{{access-key-id:20#legacy-");
        let placeholders = self.placeholders();
        let mut all = template(&self.text);
        for (_, _, placeholder) in &placeholders {
            write!(all, "\0{}", template(placeholder)).unwrap();
        }
        let filled = MadeUp::new(seed).fill(&all);
        let (text, values) = filled.split_once('\0').unwrap_or((&filled, ""));
        let (mut text, mut labels) = (text.replace("{{nothing}}", ""), BTreeMap::new());
        for (&(kind, name, _), value) in placeholders.iter().zip(values.split('\0')) {
            let mut known = value;
            if kind == "legacy-id" {
                known = &value[4..];
                text = text.replace(value, known);
            }
            let what = kind.rsplit('-').next().unwrap_or(kind);
            labels.insert(known.to_owned(), format!("{what} {name}"));
        }
        let mut seams = BTreeSet::new();
        text = with_cuts(&text, &mut seams);
        Filled { bytes: with_raw_bytes(&with_lines(&text)), labels, seams }
    }

    /// What must be found, one line a credential: `key-pair[id a, secret a]`.
    pub(crate) fn expectations(&self) -> BTreeSet<String> {
        let placeholders = self.placeholders();
        let has = |what: &str, name: &str, temporary: bool| {
            placeholders.iter().any(|(kind, named, _)| {
                let sts = kind.starts_with("sts-") || *kind == "security-token";
                *named == name && sts == temporary && kind.ends_with(what)
            })
        };
        let mut expected = BTreeSet::new();
        for (expectation, names) in &self.expected {
            let Names::These(names) = names else { continue };
            for name in names {
                let parts: Vec<&str> = match expectation {
                    Expectation::Pairs => vec!["id", "secret"],
                    Expectation::Ids | Expectation::Signed => vec!["id"],
                    Expectation::Secrets => vec!["secret"],
                    Expectation::Temporary => vec!["id", "secret", "token"],
                    Expectation::Nothing => panic!("{}: nothing has no names", self.name),
                };
                let temporary = *expectation == Expectation::Temporary;
                let there = |part: &&str| has(part, name, temporary) || (!temporary && has(part, name, true));
                let present: Vec<String> =
                    parts.iter().copied().filter(there).map(|part| format!("{part} {name}")).collect();
                assert!(
                    !present.is_empty() && (temporary || present.len() == parts.len()),
                    "{} {}: the text has no {name}",
                    self.row,
                    self.name
                );
                expected.insert(format!("{}[{}]", expectation.kind(), present.join(", ")));
            }
        }
        let nothing = matches!(self.expected.get(&Expectation::Nothing), Some(Names::Flag(true)));
        assert!(nothing == expected.is_empty(), "{} {}: say what is expected, or nothing", self.row, self.name);
        expected
    }
}

impl Expectation {
    fn kind(self) -> &'static str {
        match self {
            Self::Pairs => "key-pair",
            Self::Ids => "key-id",
            Self::Secrets => "key-secret",
            Self::Temporary => "temporary-credential",
            Self::Signed => "signed-request",
            Self::Nothing => "nothing",
        }
    }
}

impl Filled {
    /// What to call `value`.
    pub(crate) fn label(&self, value: &[u8]) -> String {
        let value = String::from_utf8_lossy(value);
        self.labels.get(&*value).cloned().unwrap_or_else(|| format!("`{value}`"))
    }

    /// The value of which `cut` are the pieces and what stands between them.
    pub(crate) fn without_seams(&self, cut: &[u8]) -> Vec<u8> {
        let join = |cut: String, seam: &String| cut.replace(&seam.replace('\n', "\r\n"), "").replace(seam, "");
        std::str::from_utf8(cut)
            .map_or_else(|_| cut.to_vec(), |cut| self.seams.iter().fold(cut.to_owned(), join).into_bytes())
    }
}

/// `text` with a seam in what stands behind each `{{cut:6:" + "}}`.
fn with_cuts(text: &str, seams: &mut BTreeSet<String>) -> String {
    let mut pieces = text.split("{{cut:");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (cut, rest) = piece.split_once("}}").expect("cuts end with }}");
        let (places, seam) = cut.split_once(':').expect("cuts name their seam");
        seams.insert(seam.to_owned());
        let mut from = 0;
        for place in places.split(',').map(|place| place.parse::<usize>().expect("cuts are counted")) {
            filled.push_str(&rest[from..place]);
            filled.push_str(seam);
            from = place;
        }
        filled.push_str(&rest[from..]);
    }
    filled
}

/// `text` with every `{{lines:30}}` made so many settings.
fn with_lines(text: &str) -> String {
    let mut pieces = text.split("{{lines:");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (count, rest) = piece.split_once("}}").expect("lines end with }}");
        for line in 1..=count.parse::<usize>().expect("lines are counted") {
            writeln!(filled, "setting{line} = value{line}").unwrap();
        }
        filled.push_str(rest);
    }
    filled
}

/// `text` with every `{{bytes:A3BA}}` made those bytes.
fn with_raw_bytes(text: &str) -> Vec<u8> {
    let mut pieces = text.split("{{bytes:");
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_once("}}").expect("bytes end with }}");
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("bytes are written in hex");
        bytes.extend((0..digits.len()).step_by(2).map(byte));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}
