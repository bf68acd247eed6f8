//! Types that are declared between a name and its value: `name: Optional[str] = V`, `name { get; set; } = V`. In: what
//! stands before a `=`. Out: the same without the type.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::compile;

/// How far before the `=` a type may begin.
const REACH: usize = 200;

/// The modules in which a type stands.
const PATH: &str = r"(?:[A-Za-z_]\w{0,40}(?:\.|::)){0,4}";

/// A type of texts: `str`, `VARCHAR(64)`, `[]const u8`.
const TEXT: &str = concat!(
    r"(?:(?i:str|string|text|bytes|n?varchar2?|n?char|any|secretstr|secretstring|nsstring|charsequence|final)",
    r"(?:\([0-9a-z]{1,5}\))?(?:\[\])?|\[[*:0]{0,3}\]const u8|\[u8(?:; ?\w{1,20})?\])[?!]?",
);

/// A type of types: `Optional[str]`, `Option<Vec<u8>>`.
const GENERIC: &str = concat!(
    r"[A-Z]\w{0,40}",
    r"(?:\[(?:[^\[\]\n]|\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\])*\]|<(?:[^<>\n]|<(?:[^<>\n]|<[^<>\n]*>)*>)*>)[?!]?",
);

/// What stands for no value in a type: `string | undefined`.
const NOTHING: &str = r"None|null|undefined|nil|unknown";

/// What is declared at the end of a text that a `=` follows.
static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
    let reference = r"&?(?:'[a-z_]{1,20} )?(?:mut |const |(?i:constant) )?[*?]?";
    let one = format!(r#"["']?(?:{PATH}{GENERIC}|{reference}{PATH}{TEXT}|{NOTHING})["']?"#);
    let union = format!(r"{one}(?:[ \t]*\|[ \t]*{one}){{0,6}}");
    compile(&format!(
        concat!(
            // `name: str =`, `name?: string =`, `secret::String =`
            r#"(?:[?!]?[ \t]*:{{1,2}}[ \t]*{union}[ \t]*"#,
            // `Dim name As String =`
            r"|[ \t]+(?i:as)[ \t]+{union}[ \t]*",
            // `var name string =`: a blank tells it from an attribute.
            r"|[ \t]+(?:(?i:constant)[ \t]+)?[*?]?{TEXT}[ \t]+",
            // `name {{ get; set; }} =`
            r"|\s*\{{[^{{}}]{{0,60}}\b(?:get|set|init)\b[^{{}}]{{0,60}}\}}\s*",
            // `local name <const> =`
            r"|[ \t]*<(?:const|close)>[ \t]*)\z"
        ),
        union = union,
        TEXT = TEXT,
    ))
});

/// What stands before the type in which `before` ends; `None` if it ends in none, or if nothing has that type.
pub(super) fn before_type(before: &[u8]) -> Option<&[u8]> {
    let near = before.len().saturating_sub(REACH);
    let start = near + DECLARED.find(&before[near..])?.start();
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$]\"'`".contains(byte) || *byte >= 0x80;
    before[..start].last().is_some_and(named).then_some(&before[..start])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_stands_between_a_name_and_its_value() {
        for typed in [
            "sk: str ",
            "self.sk: str",
            "sk: Optional[str] ",
            "sk: t.Optional[str]",
            "sk: Annotated[str, Field(\"x\")] ",
            "sk: str | None ",
            "sk: \"str\" ",
            "sk: Final[str] ",
            "sk: SecretStr ",
            "sk: string | undefined ",
            "sk?: string ",
            "sk!: string ",
            "sk: string|null ",
            "sk: String? ",
            "sk: String! ",
            "sk: Option<Cow<'static, str>>",
            "sk: &str ",
            "sk: &'static str ",
            "sk: &[u8; 30] ",
            "sk: [:0]const u8 ",
            "sk : constant String ",
            "const sk::String ",
            "sk As String ",
            "sk string ",
            "sk VARCHAR(64) ",
            "v_sk CONSTANT varchar2(64) ",
            "sk { get; set; } ",
            "sk { get; private set; } ",
            "sk\n    { get; init; }\n    ",
            "sk <const> ",
        ] {
            let name = before_type(typed.as_bytes()).map(String::from_utf8_lossy);
            assert!(name.as_deref().is_some_and(|name| name.ends_with("sk")), "{typed}: {name:?}");
        }
        let parameters = b"f(cfg: Map<string, string>, sk: string";
        assert_eq!(before_type(parameters), Some(&b"f(cfg: Map<string, string>, sk"[..]));
        for other in ["sk ", "environment: SECRET", "cmd: --secret", "<data text", "if (x) { string", ": str "] {
            assert_eq!(before_type(other.as_bytes()), None, "{other}");
        }
    }
}
