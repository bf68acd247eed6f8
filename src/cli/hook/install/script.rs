//! The hooks as files. In: which hook, and where akscan is. Out: a script for any POSIX shell, and whether a file is one.

use std::path::Path;

use akscan::model::sha256_hex;

/// The hooks that are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    PreCommit,
    PrePush,
}

impl Hook {
    pub(super) const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// The name of its file, and of akscan's command.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// The command that goes on without it.
    fn without(self) -> &'static str {
        match self {
            Self::PreCommit => "git commit --no-verify",
            Self::PrePush => "git push --no-verify",
        }
    }

    /// The name under which the hook is kept that was there before.
    pub(super) fn kept_name(self) -> String {
        format!("{}{KEPT}", self.name())
    }
}

const KEPT: &str = ".before-akscan";
/// How each script begins; the hash of all that follows the line comes next.
const MARK: &[u8] = b"#!/bin/sh\n# akscan-hook 1 ";
const HASH: usize = 64;

/// Whose a hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// As akscan wrote it.
    Akscan,
    /// akscan's, changed by somebody since.
    AkscanAndOthers,
    Others,
}

/// Who wrote the hook that holds `bytes`.
pub(super) fn author(bytes: &[u8]) -> Author {
    let Some((hash, rest)) = bytes.strip_prefix(MARK).and_then(|rest| rest.split_at_checked(HASH)) else {
        return Author::Others;
    };
    let same = rest.strip_prefix(b"\n").is_some_and(|body| sha256_hex(body).as_bytes() == hash);
    if same { Author::Akscan } else { Author::AkscanAndOthers }
}

/// The script of `hook`, which runs the program at `akscan`.
pub(super) fn script(hook: Hook, akscan: &Path) -> Vec<u8> {
    let text =
        TEMPLATE.replace("{name}", hook.name()).replace("{without}", hook.without()).replace("{kept}", KEPT).replace(
            "{run}",
            match hook {
                Hook::PreCommit => RUN_PRE_COMMIT,
                Hook::PrePush => RUN_PRE_PUSH,
            },
        );
    // A path need not be UTF-8.
    let (before, after) = text.split_once("{akscan}").unwrap_or((&text, ""));
    let body = [before.as_bytes(), &quoted(akscan.as_os_str().as_encoded_bytes()), after.as_bytes()].concat();
    [MARK, sha256_hex(&body).as_bytes(), b"\n", &body].concat()
}

/// A word of the shell that means these bytes.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

const TEMPLATE: &str = r#"# Written by `akscan hook install`. `akscan hook uninstall` takes it out, and puts back what was here before:
# that is kept beside it as {name}{kept}, and runs first.

akscan={akscan}
kept=$0{kept}
if [ ! -f "$akscan" ] || [ ! -x "$akscan" ]; then
    installed=$akscan
    akscan=$(command -v akscan) || {
        out="rm '$0'"
        if [ -e "$kept" ]; then out="mv '$kept' '$0'"; fi
        printf '%s\n' \
            "akscan: nothing was checked for AccessKeys, so git stops here." \
            "akscan is neither where it was when this hook was installed ($installed) nor on PATH." \
            "To go on, install akscan again, or take the hook out: $out" \
            "Once without the check: {without} (a key in it then goes unnoticed)" >&2
        exit 1
    }
fi

{run}"#;

const RUN_PRE_COMMIT: &str = r#"if [ -f "$kept" ] && [ -x "$kept" ]; then
    "$kept" "$@" || exit $?
fi
exec "$akscan" hook pre-commit
"#;

/// Both read what git says of the push on standard input, so it is held in between. The dot saves the last line break.
const RUN_PRE_PUSH: &str = r#"if [ -f "$kept" ] && [ -x "$kept" ]; then
    if [ -t 0 ]; then
        "$kept" "$@" || exit $?
    else
        refs=$(cat && echo .) || exit 1
        refs=${refs%.}
        printf '%s' "$refs" 2>/dev/null | "$kept" "$@" || exit $?
        printf '%s' "$refs" | "$akscan" hook pre-push "$@"
        exit $?
    fi
fi
exec "$akscan" hook pre-push "$@"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_again_unless_somebody_changed_them() {
        for hook in Hook::ALL {
            let ours = script(hook, Path::new("/opt/it's here/akscan"));
            assert_eq!(author(&ours), Author::Akscan);
            let text = String::from_utf8(ours.clone()).unwrap();
            assert!(text.contains("\nakscan='/opt/it'\\''s here/akscan'\n"), "{text}");
            for placeholder in ["{name}", "{without}", "{kept}", "{run}", "{akscan}"] {
                assert!(!text.contains(placeholder), "{text}");
            }
            for at in MARK.len()..ours.len() {
                let mut changed = ours.clone();
                changed[at] ^= 1;
                assert_eq!(author(&changed), Author::AkscanAndOthers, "{at}");
            }
            assert_eq!(author(&[&ours[..], b"echo more\n"].concat()), Author::AkscanAndOthers);
        }
        assert_eq!(author(b"#!/bin/sh\nakscan hook pre-commit\n"), Author::Others);
        assert_eq!(author(b""), Author::Others);
        assert_eq!(author(MARK), Author::Others);
    }
}
