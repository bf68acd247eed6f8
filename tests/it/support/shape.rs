//! Shapes: texts with placeholders instead of keys, and everything that must be found in them. In: `fixtures/*/*.toml`.
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
//! `{{lines:30}}` (so many lines of other settings), `{{nothing}}` (keeps a literal from looking like a key), and the layers
//! of `written.rs`: `{{base64: … :base64}}`.
//!
//! A case over several files of one folder has `files = { ".env" = "…", "app.py" = "…" }` instead of `text`. `expires` is
//! when everything temporary in the case ends.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use akscan::MadeUp;
use serde::Deserialize;

use super::written::{Written, has_layer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chapter {
    case: Vec<Case>,
}

/// A text with what must be found in it.
#[derive(Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) row: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) expires: Option<String>,
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

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Names {
    These(Vec<String>),
    Flag(bool),
}

/// The folders of `fixtures` with cases: those written with the detector, and two sets by others.
pub(crate) const SETS: [&str; 3] = ["shapes", "second", "third"];

/// A case with made-up keys.
pub(crate) struct Filled {
    /// The text.
    pub(crate) text: Written,
    /// The files, for a case over several.
    pub(crate) files: Vec<(String, Written)>,
    /// What to call each made-up value: `id a`.
    pub(crate) labels: BTreeMap<String, String>,
}

/// Every case of every file of a folder of `fixtures`, in order.
pub(crate) fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        toml::from_str::<Chapter>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).case
    };
    files.into_iter().flat_map(read).collect()
}

impl Case {
    /// Whether it is one text that anything can be done to: no files, and no layer of its own.
    pub(crate) fn is_plain(&self) -> bool {
        self.files.is_empty() && !has_layer(&self.text)
    }

    /// A text of one pair, named `a`.
    pub(crate) fn of_pair(text: String) -> Self {
        let expected = BTreeMap::from([(Expectation::Pairs, Names::These(vec!["a".to_owned()]))]);
        let (row, name) = ("properties".to_owned(), "a pair".to_owned());
        Self { row, name, text, files: BTreeMap::new(), expires: None, expected }
    }

    /// The same between two texts; `pair` is the name of the one that those hold, if they do.
    pub(crate) fn between(&self, before: &str, after: &str, pair: Option<&str>) -> Self {
        let mut case = Self { text: format!("{before}{}{after}", self.text), ..self.clone() };
        let pairs = case.expected.entry(Expectation::Pairs).or_insert_with(|| Names::These(Vec::new()));
        if let Names::These(names) = pairs {
            names.extend(pair.map(str::to_owned));
        }
        case
    }

    /// Whether one ID and its secret, each in one piece and near each other, are all that it holds.
    pub(crate) fn is_one_pair(&self) -> bool {
        let placeholders = Self::placeholders(&self.text);
        let kinds: Vec<&str> = placeholders.iter().map(|(kind, ..)| *kind).collect();
        let pair = matches!(self.expected.get(&Expectation::Pairs), Some(Names::These(names)) if names.len() == 1);
        pair && kinds == ["access-key-id", "access-key-secret"]
            && !self.text.contains("{{cut:")
            && !self.text.contains("{{lines:")
    }

    /// The same with its text in these layers, the innermost first.
    pub(crate) fn within(&self, layers: &[&str]) -> Self {
        let around = |text: String, layer: &&str| format!("{{{{{layer}:{text}:{layer}}}}}");
        Self { text: layers.iter().fold(self.text.clone(), around), ..self.clone() }
    }

    /// The text, and those of the files behind it.
    fn texts(&self) -> String {
        let files: String = self.files.values().flat_map(|text| ["\x01", text]).collect();
        self.text.clone() + &files
    }

    /// The placeholders with a name in `texts`, as (kind, name, whole placeholder).
    fn placeholders(texts: &str) -> BTreeSet<(&str, &str, String)> {
        let inner =
            texts.split("{{").skip(1).filter_map(|after| Some(after.split_once("}}")?.0.trim_start_matches('{')));
        inner
            .filter_map(|inner| Some((inner, inner.split_once('#')?)))
            .map(|(inner, (kind, name))| (kind.split(':').next().unwrap_or(kind), name, format!("{{{{{inner}}}}}")))
            .collect()
    }

    /// The text with keys made up from `seed`.
    pub(crate) fn fill(&self, seed: u64) -> Filled {
        // The values come along behind the text; a legacy ID is made as an ID and loses its prefix.
        let template = |text: &str| text.replace("{{legacy-id#", "{{access-key-id:20#legacy-");
        let texts = self.texts();
        let placeholders = Self::placeholders(&texts);
        let mut all = template(&texts);
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
        let mut texts = text.split('\x01').map(|text| Written::of(&with_lines(text), &labels));
        let text = texts.next().unwrap_or_default();
        Filled { text, files: self.files.keys().cloned().zip(texts).collect(), labels }
    }

    /// What must be found, one line a credential: `key-pair[id a, secret a]`.
    pub(crate) fn expectations(&self) -> BTreeSet<String> {
        let texts = self.texts();
        let placeholders = Self::placeholders(&texts);
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
