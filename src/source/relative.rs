//! Paths below a root. In: a path or a name. Out: the other one.

use std::path::{Component, Path, PathBuf};

use crate::model::PathBytes;

/// `path` as seen from `base`; empty if they are the same.
pub(super) fn relative(path: &Path, base: &Path) -> PathBytes {
    PathBytes::from_path(path.strip_prefix(base).unwrap_or(path))
}

/// The path of a name below `root`: `None` if it could lead out of it, by `..` or by a symbolic link on the way.
pub(super) fn inside(root: &Path, name: &[u8]) -> Option<PathBuf> {
    let name = PathBytes::new(name).to_path()?;
    let mut path = root.to_owned();
    let mut components = name.components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::Normal(component) if component != ".git" => path.push(component),
            _ => return None,
        }
        if components.peek().is_some() && path.is_symlink() {
            return None;
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_out_of_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("real")).unwrap();
        assert_eq!(inside(root, b"real/file"), Some(root.join("real/file")));
        assert_eq!(inside(root, b"../x"), None);
        assert_eq!(inside(root, b"/etc/passwd"), None);
        assert_eq!(inside(root, b"a/.git/config"), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
            assert_eq!(inside(root, b"link/passwd"), None);
        }
    }
}
