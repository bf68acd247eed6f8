//! UTF-16 and UTF-32. In: bytes. Out: whether they are that, and the text in UTF-8.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Decoded, Encoding};

/// How much of a content tells what it is.
const PREFIX: usize = 4096;
/// The longest run of a binary file that is taken for one text.
const LONGEST: usize = 1 << 20;

/// Which of the wide encodings a content is in, by how it begins: a byte order mark, or characters of plain text that
/// are as wide.
pub(crate) fn sniff(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => return Some(Encoding::Utf32Le),
        [0, 0, 0xFE, 0xFF, ..] => return Some(Encoding::Utf32Be),
        [0xFF, 0xFE, ..] => return Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    let prefix = &bytes[..bytes.len().min(PREFIX)];
    // Plain characters have zeros in them; most contents have none, whatever else they are.
    memchr::memchr(0, prefix)?;
    Encoding::WIDE.into_iter().find(|&encoding| {
        let width = width(encoding);
        let mut plain = 0;
        // Most contents are told apart by their first unit.
        let all_text = prefix.chunks_exact(width).map(|unit| character(encoding, unit)).all(|character| {
            plain += usize::from(character < 0x80);
            is_text(character)
        });
        let count = prefix.len() / width;
        all_text && count >= 4 && 2 * plain >= count
    })
}

/// How many bytes a unit has: a character, or a half of one.
pub(crate) fn width(encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => 2,
        _ => 4,
    }
}

fn character(encoding: Encoding, unit: &[u8]) -> u32 {
    let number = |value: u32, &byte: &u8| value << 8 | u32::from(byte);
    match encoding {
        Encoding::Utf16Le | Encoding::Utf32Le => unit.iter().rev().fold(0, number),
        _ => unit.iter().fold(0, number),
    }
}

/// Whether a unit may be part of a text: ASCII without controls, punctuation, signs and shapes (masks are drawn with
/// them), Chinese, Japanese, Korean.
fn is_text(character: u32) -> bool {
    matches!(character, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0xA0..=0xFF | 0x200B | 0x2010..=0x27BF | 0x2B00..=0x2BFF | 0x3000..=0x9FFF | 0xAC00..=0xD7A3 | 0xFEFF | 0xFF00..=0xFFEF)
}

/// Whether `count` characters of ASCII text stand at `at`.
pub(super) fn is_ascii(bytes: &[u8], at: usize, encoding: Encoding, count: usize) -> bool {
    let width = width(encoding);
    let ascii = |unit: &[u8]| matches!(character(encoding, unit), 0x09 | 0x0A | 0x0D | 0x20..=0x7E);
    bytes.get(at..at + count * width).is_some_and(|units| units.chunks_exact(width).all(ascii))
}

/// How doubtful it is that `run` is in this encoding, and not in the one with the bytes of each character the other way
/// round: formats with the low byte first write lengths before their strings; others stand where they are aligned.
pub(super) fn doubt(bytes: &[u8], run: &Range<usize>, encoding: Encoding) -> u8 {
    let width = width(encoding);
    let before = run.start.checked_sub(width).and_then(|from| bytes.get(from..run.start));
    let declared = before.and_then(|length| usize::try_from(character(encoding, length)).ok());
    let count = run.len() / width;
    let low_first = matches!(encoding, Encoding::Utf16Le | Encoding::Utf32Le);
    match declared {
        Some(length) if low_first && (length == count || length == count + 1) => 0,
        _ if run.start.is_multiple_of(width) => 1,
        _ => 2,
    }
}

/// How many of the characters that `bytes` are stand for what texts are mostly made of: ASCII, and frequent Chinese. Read
/// with the bytes of each the other way round, a text in both has as much ASCII, but hardly a frequent character.
pub(super) fn count_likely(bytes: &[u8], encoding: Encoding) -> usize {
    let units = bytes.chunks_exact(width(encoding)).map(|unit| character(encoding, unit));
    units.filter(|&unit| matches!(unit, 0x09 | 0x0A | 0x0D | 0x20..=0x7E) || is_frequent(unit)).count()
}

/// Characters that make up most of what is written in Chinese, in general and about computers.
const FREQUENT: &str = "，。：；、（）“”！？【】《》\
    的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多\
    经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性\
    知全三又关点正业外将两高间由问很最重并物手应向文体见相被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常\
    先海通教原东声提立及比员解水名真处走义各入几口认条平系气题活更别打四何电数安少报才结反受目太量再建务做接必件计管期市直资\
    命山金指克许统区保至队形社便空决治展科司五基传请密钥码账号户配置测试注释改勿境线环服器据库连接权限限端址址登录键访问存储\
    储云阿钱示例值类型项目包路径参函返回输入输出默认启停删除添修复版本更新说明交仓注意联系络网页面源程序执行状态错误警志备份";

fn is_frequent(unit: u32) -> bool {
    static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let mut table: Vec<u32> = FREQUENT.chars().filter(|sign| !sign.is_ascii()).map(u32::from).collect();
        table.sort_unstable();
        table.dedup();
        table
    });
    unit >= 0x2018 && TABLE.binary_search(&unit).is_ok()
}

/// The run of text of which a unit begins at `at`.
pub(super) fn stretch(bytes: &[u8], at: usize, encoding: Encoding) -> Range<usize> {
    let width = width(encoding);
    let text = |unit: &&[u8]| is_text(character(encoding, unit));
    let before = bytes[at.saturating_sub(LONGEST)..at].rchunks_exact(width).take_while(text).count();
    let after = bytes[at..bytes.len().min(at + LONGEST)].chunks_exact(width).take_while(text).count();
    at - before * width..at + after * width
}

/// Where the character begins that `at` may be in the middle of, in a content that is all in `encoding`.
pub(crate) fn character_start(bytes: &[u8], at: usize, encoding: Encoding) -> usize {
    let width = width(encoding);
    let unit = at - at % width;
    let is_second = width == 2
        && bytes.get(unit..unit + width).is_some_and(|low| (0xDC00..=0xDFFF).contains(&character(encoding, low)));
    if is_second { unit.saturating_sub(width) } else { unit }
}

/// Decodes `range`. A byte order mark in front is left out; what is no character becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], range: Range<usize>, encoding: Encoding) -> Decoded {
    let width = width(encoding);
    let mut decoded = Decoded::new(encoding, range.clone());
    decoded.text.reserve(range.len() / width);
    let mut units = bytes[range.clone()].chunks_exact(width).map(|unit| character(encoding, unit)).zip(0..).peekable();
    while let Some((unit, index)) = units.next() {
        let from = range.start + index * width;
        let (character, taken) = match unit {
            0xFEFF if index == 0 => continue,
            0xD800..=0xDBFF if width == 2 => {
                let low = units.next_if(|&(low, _)| (0xDC00..=0xDFFF).contains(&low));
                low.map_or((char::REPLACEMENT_CHARACTER, 2), |(low, _)| {
                    let code = 0x10000 + ((unit & 0x3FF) << 10 | low & 0x3FF);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
                })
            }
            _ => (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), width),
        };
        decoded.push(character.encode_utf8(&mut [0; 4]).as_bytes(), from..from + taken);
    }
    decoded
}
