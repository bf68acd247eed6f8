//! `akscan inventory`: answers in every documented shape, the store, and what the commands say.

mod answers;
mod bounds;
mod commands;
mod killed;
mod lists;
mod store;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::command::{Ran, akscan_in};
use crate::support::made_up::fill;

/// A folder of answers, and of the store that is made from them.
struct Case {
    folder: TempDir,
    /// What the placeholders with a name stand for: `{{access-key-id:24#a}}` is the same key in all files.
    keys: BTreeMap<String, String>,
}

const NAMED: &str = "{{access-key-id:24#a}} {{access-key-id:24#b}} {{access-key-id:16#c}} {{access-key-secret#s}} ";

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let files: Vec<String> = files.iter().map(|(name, text)| format!("{name}\u{1}{text}")).collect();
        // One text, so that a name stands for the same value everywhere.
        let text = fill(&format!("{NAMED}\u{2}{}", files.join("\u{2}")), 1);
        let mut parts = text.split('\u{2}');
        let named = parts.next().unwrap().split(' ').map(str::to_owned);
        let keys = ["a", "b", "c", "secret"].map(str::to_owned).into_iter().zip(named).collect();
        let case = Self { folder: TempDir::new().unwrap(), keys };
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, text) = part.split_once('\u{1}').unwrap();
            case.write(name, text);
        }
        case
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The key of this name.
    fn id(&self, name: &str) -> String {
        self.keys[name].clone()
    }

    fn secret(&self) -> String {
        self.keys["secret"].clone()
    }

    /// A text with names in place of the keys.
    fn masked(&self, text: &str) -> String {
        self.keys.iter().fold(text.to_owned(), |text, (name, id)| text.replace(id, &format!("[{name}]")))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        akscan_in(self.path()).run(arguments)
    }

    /// Imports everything below `answers`, as of a day.
    fn import(&self, as_of: &str) -> Ran {
        self.run(&["inventory", "import", "answers", "--store", "keys.db", "--as-of", as_of]).ends(0)
    }

    /// Every file of the folder with its bytes.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .filter(|path| path.is_file())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }
}
