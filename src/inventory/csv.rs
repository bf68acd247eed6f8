//! Our own CSV: a header with names of fields, one key a row. In: a file's text. Out: its records.

use super::draft::{Draft, FIELDS};
use super::error::{InventoryError, Problem};
use super::facts::Facts;
use super::file::File;
use super::table::{self, Table};

/// Whether the first line names a field of ours.
pub(super) fn is_csv(file: &File<'_>) -> bool {
    table::names(file.text).any(|name| FIELDS.contains(&name.trim().trim_matches('"').trim()))
}

/// Reads every row.
pub(super) fn read(file: &File<'_>) -> Result<Facts, InventoryError> {
    let mut table = Table::new(file, file.text, false);
    let columns = columns(file, &table.header()?)?;
    let mut facts = Facts::default();
    while let Some((line, row)) = table.next()? {
        let mut draft = Draft::default();
        for (field, value) in columns.iter().zip(row) {
            draft.set(field, value).map_err(|problem| file.error_on(line, Some(field), problem))?;
        }
        facts.statements.push(draft.finish(file.source()).map_err(|problem| file.error_on(line, None, problem))?);
    }
    Ok(facts)
}

fn columns(file: &File<'_>, header: &csv::StringRecord) -> Result<Vec<&'static str>, InventoryError> {
    let mut columns = Vec::new();
    for name in header {
        let Some(field) = FIELDS.into_iter().find(|field| *field == name) else {
            return Err(file.error_on(1, Some(name), Problem::unknown_field(name, &FIELDS)));
        };
        if columns.contains(&field) {
            return Err(file.error_on(1, Some(name), Problem::Repeated));
        }
        columns.push(field);
    }
    if !columns.contains(&"access_key_id") {
        return Err(file.error_on(1, None, Problem::Missing("access_key_id")));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeyStatus, OwnerType};

    fn load(text: &str) -> Result<Facts, String> {
        let file = File::new("in/keys.csv", text.as_bytes()).unwrap();
        assert!(is_csv(&file), "{text}");
        read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_every_field_through_byte_order_mark_and_carriage_returns() {
        let loaded = load(
            "\u{feff}access_key_id,status,account_id,owner_type,user_name,user_principal_name,created_at,updated_at,\
             last_used_at,last_used_service,products\r\n\
             id-1,Active,1234567890123456,ram-user,etl,etl@example.onaliyun.com,2026-01-01,2026-02-01T00:00:00Z,\
             2026-11-19T08:00:00Z,Oss, MaxCompute ; Oss\r\n\
             id-2,,,,,,,,,,\r\n",
        );
        let statements = loaded.unwrap().statements;
        let [first, second] = &statements[..] else { panic!("two records") };
        let (first, second) = (&first.record, &second.record);
        assert_eq!((first.id.as_str(), first.status), ("id-1", Some(KeyStatus::Active)));
        assert_eq!(first.owner.owner_type, Some(OwnerType::RamUser));
        assert_eq!(first.last_used.products, ["MaxCompute", "Oss"]);
        assert_eq!((second.status, second.owner.owner_type), (None, None));
        assert_eq!(second.source, "keys.csv");
    }

    #[test]
    fn errors_name_line_and_field() {
        let cases = [
            (
                "access_key_id,stauts\nx,active",
                "in/keys.csv: line 1, field `stauts`: unknown field, did you mean `status`?",
            ),
            ("status\nactive", "in/keys.csv: line 1: the field `access_key_id` is missing"),
            ("status,status\n", "in/keys.csv: line 1, field `status`: the field is there twice"),
            (
                "access_key_id,status\nx,active\ny,on",
                "in/keys.csv: line 3, field `status`: unknown status `on`, expected one of: active, inactive, deleted",
            ),
            ("access_key_id,status\n,active", "in/keys.csv: line 2: the field `access_key_id` is missing"),
            ("access_key_id,status\nx", "in/keys.csv: line 2: the row has 1 fields, the header 2"),
            ("access_key_id\nid****", "in/keys.csv: line 2, field `access_key_id`: the value is masked with `*`"),
            ("access_key_id\n\"a\nb\"", "in/keys.csv: line 2, field `access_key_id`: `a\\nb` is not an AccessKey ID"),
        ];
        for (text, message) in cases {
            assert_eq!(load(text).unwrap_err(), message);
        }
    }
}
