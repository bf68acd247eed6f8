//! What speaks of Alibaba Cloud around a value. In: bytes and the span of the value. Out: the nearest such words.
//!
//! The words alone do not: libraries are fetched from `maven.aliyun.com`, images from `registry.….aliyuncs.com`, and what
//! stands under `aliyun:` says nothing of what stands under `app:`.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, BuildError};
use regex::bytes::Regex;

use super::binding::{opened, sections};
use super::compile;
use crate::rule::{NameTable, Vendor};

/// How far around a value a word counts.
const REACH: usize = 1024;
/// How many words are looked at, the nearest first.
const MOST: usize = 4;

/// What a word stands in where it tells only where something was downloaded from, or what it was written with.
static DOWNLOADS: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?i)registry|mirror|maven|nexus|pypi|npm|\.cr\.|apache[./]",
        r"|\xE9\x95\x9C\xE5\x83\x8F|\xE4\xBB\x93\xE5\xBA\x93"
    ))
});

/// The compiled words.
#[derive(Debug)]
pub(super) struct Context(AhoCorasick);

impl Context {
    pub(super) fn new(names: &NameTable) -> Result<Self, BuildError> {
        AhoCorasick::builder().ascii_case_insensitive(true).build(names.context_words()).map(Self)
    }

    /// The word that stands nearest before `value`, or after it, and how far away.
    pub(super) fn word(&self, names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<String> {
        let from = value.start.saturating_sub(REACH);
        let to = bytes.len().min(value.end + REACH);
        let found = self.0.find_iter(&bytes[from..to]);
        let mut words: Vec<Range<usize>> = found.map(|word| from + word.start()..from + word.end()).collect();
        words.sort_by_key(|word| word.start.abs_diff(value.start));
        let speaks = |word: &&Range<usize>| !is_download(bytes, word) && !is_elsewhere(names, bytes, word, value);
        let Range { start, end } = words.iter().take(MOST).find(speaks)?.clone();
        let lines = memchr::memchr_iter(b'\n', &bytes[start.min(value.start)..start.max(value.start)]).count();
        let word = String::from_utf8_lossy(&bytes[start..end]).into_owned();
        Some(match lines {
            0 => format!("`{word}` on the same line"),
            1 => format!("`{word}` one line away"),
            _ => format!("`{word}` {lines} lines away"),
        })
    }
}

/// Whether `word` is part of the address or the name of a mirror, a registry of images or a store of libraries.
fn is_download(bytes: &[u8], word: &Range<usize>) -> bool {
    const LONGEST: usize = 64;
    let ends = |byte: &u8| b"\"'`<>\r\n,;=(){}".contains(byte);
    let before = &bytes[word.start.saturating_sub(LONGEST)..word.start];
    let after = &bytes[word.end..bytes.len().min(word.end + LONGEST)];
    let start = word.start - before.iter().rev().take_while(|byte| !ends(byte)).count();
    let end = word.end + after.iter().take_while(|byte| !ends(byte)).count();
    DOWNLOADS.is_match(&bytes[start..end])
}

/// Whether `word` names a section, or stands in one, to which `value` does not belong: one of Alibaba Cloud's, or one
/// beside that of `value`.
fn is_elsewhere(names: &NameTable, bytes: &[u8], word: &Range<usize>, value: &Range<usize>) -> bool {
    let of_value = sections(bytes, value.start);
    let of_word = sections(bytes, word.start);
    let opened = opened(bytes, word);
    // What a manifest is called, it says of all of it.
    let apart = |section: &&Range<usize>| !of_value.contains(section) && bytes[(*section).clone()] != *b"metadata";
    let mut own = of_word.iter().chain(&opened).filter(apart).peekable();
    let beside = own.peek().is_some() && of_value.iter().any(|section| !of_word.contains(section));
    beside || own.any(|section| names.vendor(&String::from_utf8_lossy(&bytes[section.clone()])) == Vendor::Ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    /// The word that speaks for the value `#` of a text.
    fn word(text: &str) -> Option<String> {
        let rules = RuleSet::builtin().unwrap();
        let at = text.find('#').unwrap();
        Context::new(rules.names()).unwrap().word(rules.names(), text.as_bytes(), &(at..at + 1))
    }

    #[test]
    fn words_speak_for_what_stands_with_them() {
        for text in [
            "endpoint: oss-cn-hangzhou.aliyuncs.com\nsecret-key: #",
            "aliyun:\n  oss:\n    x: y\n  secret-key: #",
            "import com.aliyun.oss.OSS;\nclass A {\n  String secretKey = \"#\";",
            "metadata:\n  name: aliyun-key\nstringData:\n  secretKey: #",
            "[x]\nendpoint=oss-cn-hangzhou.aliyuncs.com\nsecret=#",
            "{\"secretKey\": \"#\", \"endpoint\": \"oss-cn-hangzhou.aliyuncs.com\"}",
        ] {
            assert!(word(text).is_some(), "{text}");
        }
    }

    #[test]
    fn libraries_downloads_and_other_sections_say_nothing() {
        for text in [
            "import com.alibaba.fastjson.JSON;\nclass A {\n  String secretKey = \"#\";",
            "<groupId>com.alibaba.cloud</groupId><artifactId>spring-cloud-starter-alibaba-nacos-config</artifactId>#",
            "import org.apache.rocketmq.client.Client;\nsecret=#",
            "<mirror><id>aliyunmaven</id><name>阿里云公共仓库</name><url>https://maven.aliyun.com/x</url></mirror>#",
            "image: registry.cn-hangzhou.aliyuncs.com/a/b\nenv:\n  SECRET_KEY: #",
            "image: a.cn-hangzhou.cr.aliyuncs.com/a/b\nSECRET_KEY: #",
            "app:\n  secret-key: #\naliyun:\n  endpoint: oss-cn-hangzhou.aliyuncs.com\n",
            "secret-key: #\naliyun:\n  endpoint: x\n",
            "storage:\n  endpoint: oss-cn-hangzhou.aliyuncs.com\napp:\n  secret-key: #\n",
            "[aliyun]\nregion=x\n[app]\nsecret=#",
            "{\"app\":{\"secretKey\":\"#\"},\"aliyun\":{\"region\":\"x\"}}",
        ] {
            assert_eq!(word(text), None, "{text}");
        }
    }
}
