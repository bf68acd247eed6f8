//! Opens repositories. In: a path. Out: their folders, and git2 as a reader of their objects, which then knows nothing
//! else of them: neither configuration nor refs nor index can make it run something, wait, or read something else.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Once, OnceLock};

use git2::{ObjectType, Odb, Oid, Repository};

use super::GitError;
use super::files::read_if_there;
use super::folders::Folders;
use super::objects::{Bytes, Cause, Lookup};
use super::pack::{self, Finder, Kind, Objects};
use crate::model::{PathBytes, SourceError};

/// A longer list of alternates is not followed.
const LONGEST_LIST: u64 = 1 << 20;
/// So many bytes are made at most for one object that git2 does not find.
const MOST_BYTES: u64 = 1 << 30;

/// Bytes of an object's name. Repositories with longer ones are refused when they are opened.
pub(super) const HASH: usize = 20;

/// A repository, opened.
pub(super) struct Opened {
    pub folders: Folders,
    /// The folders whose objects count; their alternates do, too.
    pub objects: Vec<PathBuf>,
    /// Finds objects by their ids. It has no configuration, refs or index, and unpacks whatever it is asked for: see
    /// [`Opened::odb`] and `objects.rs`.
    pub git: Repository,
    /// What git2 was not given, and what else could not be read.
    pub problems: Vec<SourceError>,
    /// Finds what git2 does not.
    finder: OnceLock<Finder>,
}

/// The objects of a repository. git2 is asked first: it knows at once where an object is not, and how large it is. But a
/// pack whose end is damaged, or that it is not given, it does not read at all: our own reader then finds what is there.
pub(super) struct Database<'o> {
    git: Odb<'o>,
    opened: &'o Opened,
}

impl Database<'_> {
    /// Reads what git2 cannot.
    fn make(&self, id: Oid, cause: Cause) -> Result<(ObjectType, Rc<Vec<u8>>), Cause> {
        let finder = self.opened.finder.get_or_init(|| Objects::open(&self.opened.objects, HASH).finder());
        if !finder.has(id.as_bytes()) {
            return Err(cause);
        }
        let (kind, bytes) = finder.reader(MOST_BYTES).object(id.as_bytes())?;
        let kind = match kind {
            Kind::Commit => ObjectType::Commit,
            Kind::Tree => ObjectType::Tree,
            Kind::Blob => ObjectType::Blob,
            Kind::Tag => ObjectType::Tag,
        };
        Ok((kind, bytes))
    }
}

impl Lookup for Database<'_> {
    fn head(&self, id: Oid) -> Result<(usize, ObjectType), Cause> {
        self.git.head(id).or_else(|cause| self.make(id, cause).map(|(kind, bytes)| (bytes.len(), kind)))
    }

    fn bytes(&self, id: Oid) -> Result<Bytes<'_>, Cause> {
        self.git.bytes(id).or_else(|cause| self.make(id, cause).map(|(_, bytes)| Bytes::Made(bytes)))
    }
}

impl Opened {
    /// Its objects.
    ///
    /// # Panics
    ///
    /// Never: git2's repository is made of them.
    pub(super) fn odb(&self) -> Database<'_> {
        Database { git: self.git.odb().expect("the repository is made of its objects"), opened: self }
    }

    /// Whether objects of other repositories count, too: then nobody here knows what names them there.
    pub(super) fn borrows(&self) -> bool {
        self.objects.iter().any(|folder| folder.join("info/alternates").exists())
    }
}

/// Opens the repository whose root is `path`: a work tree, a bare repository, a linked worktree, a submodule.
///
/// Nothing is looked for above `path`, and `GIT_*` variables do not count.
///
/// # Errors
///
/// If there is none, or one whose format is not supported.
pub(super) fn open(path: &Path) -> Result<Opened, GitError> {
    open_with(path, &[])
}

/// The same with the objects of other folders than its own, first the main one: what a push brings is not yet in the
/// repository while its hooks run.
///
/// # Errors
///
/// The same.
pub(super) fn open_with(path: &Path, objects: &[PathBuf]) -> Result<Opened, GitError> {
    let folders = Folders::find(path)?;
    let objects = if objects.is_empty() { vec![folders.objects()] } else { objects.to_vec() };
    let failed = |error: git2::Error| GitError::Unreadable { path: path.to_owned(), cause: error.message().to_owned() };
    let (git, mut problems) = reader(&objects).map_err(failed)?;
    for problem in &mut problems {
        if let Some(path) = problem.place.to_path().filter(|path| path.starts_with(&folders.common)) {
            problem.place = PathBytes::from_path(path.strip_prefix(&folders.common).unwrap_or(&path));
        }
    }
    if let Some(cause) = &folders.broken_config {
        problems.push(SourceError::unreadable(PathBytes::from("config"), cause));
    }
    Ok(Opened { folders, objects, git, problems, finder: OnceLock::new() })
}

/// git2 over the objects of these folders and their alternates.
///
/// git2 opens whatever it finds under the name of a pack, a loose object or a list, and would wait for ever at a FIFO: a
/// folder in which that can happen is left out. What it holds is still read, and only [`Database`] finds it by id.
fn reader(objects: &[PathBuf]) -> Result<(Repository, Vec<SourceError>), git2::Error> {
    static OPTIONS: Once = Once::new();
    // They are not needed to find something, and cost a third of the time: damage is told by zlib's checksum.
    OPTIONS.call_once(|| git2::opts::strict_hash_verification(false));
    // What is wrong with the lists of alternates is told when all objects are read.
    let folders = pack::object_folders(objects, &mut Vec::new());
    let special: Vec<Option<PathBuf>> = folders.iter().map(|folder| special_entry(folder)).collect();
    let harmless = special.iter().all(Option::is_none);
    let odb = Odb::new()?;
    let mut problems = Vec::new();
    for (folder, special) in folders.iter().zip(special) {
        let cause = match (special, utf8_name(folder)) {
            (Some(entry), _) => {
                problems.push(SourceError::unreadable(PathBytes::from_path(&entry), "not a regular file"));
                continue;
            }
            // git2 follows the list by itself.
            _ if !may_follow_alternates(folder, harmless) => "its alternates cannot be trusted".to_owned(),
            (None, None) => "its path is not UTF-8".to_owned(),
            (None, Some(path)) => match odb.add_disk_alternate(&path) {
                Ok(()) => continue,
                Err(error) => error.message().to_owned(),
            },
        };
        let cause = format!("objects here are not found by their ids: {cause}");
        problems.push(SourceError::unreadable(PathBytes::from_path(folder), cause));
    }
    Ok((Repository::from_odb(odb)?, problems))
}

/// A name of `folder` for git2, which takes only UTF-8.
fn utf8_name(folder: &Path) -> Option<String> {
    folder.to_str().map(str::to_owned).or_else(|| name_of_open(folder))
}

/// Linux shows an open folder under a name of its own. It stays open: git2 comes back to it.
#[cfg(target_os = "linux")]
fn name_of_open(folder: &Path) -> Option<String> {
    use std::collections::BTreeMap;
    use std::os::fd::AsRawFd as _;
    use std::sync::{Mutex, PoisonError};

    static HELD: Mutex<BTreeMap<PathBuf, fs::File>> = Mutex::new(BTreeMap::new());
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if !held.contains_key(folder) {
        held.insert(folder.to_owned(), fs::File::open(folder).ok()?);
    }
    held.get(folder).map(|folder| format!("/proc/self/fd/{}", folder.as_raw_fd()))
}

#[cfg(not(target_os = "linux"))]
fn name_of_open(_folder: &Path) -> Option<String> {
    None
}

/// Whether git2 may be given `folder`, whose list of alternates it follows by itself: the folders there must be
/// `harmless`, and named so that git2 means the same ones as git does.
fn may_follow_alternates(folder: &Path, harmless: bool) -> bool {
    let list = folder.join("info").join("alternates");
    let Ok(text) = read_if_there(&list, LONGEST_LIST) else { return false };
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    text.is_empty()
        || harmless
            && lines.all(|line| {
                line.starts_with(b".") || PathBytes::new(line).to_path().is_some_and(|path| path.is_absolute())
            })
}

/// Something in a folder of objects that is neither a file nor a folder; itself, where it cannot be listed.
fn special_entry(objects: &Path) -> Option<PathBuf> {
    // Only what is there: to ask for each of 256 folders would take as long as a short range of commits.
    let parts = match fs::read_dir(objects) {
        Ok(parts) => parts.flatten().map(|part| part.path()),
        Err(_) => return objects.exists().then(|| objects.to_owned()),
    };
    let mut entries = parts.flat_map(|part| fs::read_dir(part).into_iter().flatten().flatten());
    let special = entries.find(|entry| match entry.file_type() {
        Ok(kind) if kind.is_file() || kind.is_dir() => false,
        // A link may lead to anything; a broken one is as good as none.
        Ok(kind) if kind.is_symlink() => {
            entry.path().metadata().is_ok_and(|target| !target.is_file() && !target.is_dir())
        }
        _ => true,
    });
    special.map(|entry| entry.path())
}
