//! The CSV that the console offers once, when a key is made. In: a file's text. Out: its keys, each with the hash of
//! its secret; the secret itself is not kept, and nor is a password that stands beside it.
//!
//! The console writes the names of columns with and without blanks, so that only their letters count.

use super::draft::Draft;
use super::error::{InventoryError, Problem};
use super::facts::Facts;
use super::file::File;
use super::table::{self, Table};
use crate::model::Secret;

/// The letters of the columns that are read, and our names for them.
const COLUMNS: [(&str, &str); 6] = [
    ("accesskeyid", "access_key_id"),
    ("accesskeysecret", "secret"),
    ("userprincipalname", "user_principal_name"),
    ("userlogonname", "user_principal_name"),
    ("logonname", "user_principal_name"),
    ("username", "user_name"),
];

/// Whether the first line names an AccessKey ID as the console does.
pub(super) fn is_csv(file: &File<'_>) -> bool {
    table::names(file.text).any(|name| letters(name) == "accesskeyid")
}

/// Reads every row.
pub(super) fn read(file: &File<'_>) -> Result<Facts, InventoryError> {
    let mut table = Table::new(file, file.text, true);
    let header = table.header()?;
    let columns: Vec<Option<&str>> = header
        .iter()
        .map(|name| COLUMNS.iter().find(|(theirs, _)| *theirs == letters(name)).map(|(_, field)| *field))
        .collect();
    let mut facts = Facts::default();
    while let Some((line, row)) = table.next()? {
        let mut draft = Draft::default();
        for (field, value) in columns.iter().zip(row) {
            let problem = match *field {
                Some("secret") if value.contains('*') => Err(Problem::Masked),
                Some("secret") if !value.is_empty() => {
                    draft.seal(&Secret::new(value.as_bytes()));
                    Ok(())
                }
                Some("secret") | None => Ok(()),
                Some(field) => draft.set(field, value),
            };
            problem.map_err(|problem| file.error_on(line, *field, problem))?;
        }
        facts.statements.push(draft.finish(file.source()).map_err(|problem| file.error_on(line, None, problem))?);
    }
    Ok(facts)
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ID and a secret, made up.
    fn pair() -> (String, String) {
        ("id-1".to_owned(), "aB3".repeat(10))
    }

    #[test]
    fn secrets_are_hashed_and_nothing_else_is_kept_of_them() {
        let (id, secret) = pair();
        for header in [
            "AccessKey ID,AccessKey Secret",
            "\u{feff}AccessKeyId,AccessKeySecret",
            "\"Access Key Id\",AccessKey Secret",
        ] {
            let text = format!("{header}\r\n{id},{secret}\r\n");
            let file = File::new("AccessKey.csv", text.as_bytes()).unwrap();
            assert!(is_csv(&file), "{header}");
            let facts = read(&file).unwrap();
            let record = &facts.statements[0].record;
            assert_eq!(record.id.as_str(), id);
            assert_eq!(record.secret, Some(Secret::new(secret.as_bytes()).hash()));
            assert!(!format!("{facts:?}").contains(&secret));
        }
        let user = format!("User Logon Name,Password,AccessKey ID,AccessKey Secret\netl@x.com,pass,{id},{secret}\n");
        let facts = read(&File::new("user.csv", user.as_bytes()).unwrap()).unwrap();
        assert_eq!(facts.statements[0].record.owner.user_principal_name.as_deref(), Some("etl@x.com"));
        assert!(!format!("{facts:?}").contains("pass"));
    }

    #[test]
    fn swapped_columns_do_not_leak() {
        let (id, secret) = pair();
        let text = format!("AccessKey ID,AccessKey Secret\n{secret},{id}\n");
        let error = read(&File::new("a.csv", text.as_bytes()).unwrap()).unwrap_err().to_string();
        assert!(error.contains("it looks like a secret") && !error.contains(&secret), "{error}");
    }
}
