//! `akscan inventory list`: the keys, a line each.

use std::fmt::Write as _;

use akscan::model::KeyRecord;

use super::super::args::ListArgs;
use super::super::{Exit, output};
use super::{explained, opened, words};

/// Runs `akscan inventory list`.
pub(super) fn run(args: &ListArgs) -> anyhow::Result<Exit> {
    let inventory = opened(&args.from.inventory)?;
    let records = explained(inventory.records())?;
    let rows: Vec<[String; 5]> = records.iter().map(row).collect();
    let header = ["KEY", "STATUS", "CREATED", "LAST USED", "OWNER"].map(str::to_owned);
    let mut text = String::new();
    if rows.is_empty() {
        text += "No keys are known.\n";
    } else {
        let width = |column: usize| rows.iter().chain([&header]).map(|row| row[column].len()).max().unwrap_or_default();
        let widths = [0, 1, 2, 3].map(width);
        for [id, status, created, used, owner] in [&header].into_iter().chain(&rows) {
            let [one, two, three, four] = widths;
            let _ = writeln!(text, "{id:one$}  {status:two$}  {created:three$}  {used:four$}  {owner}");
        }
    }
    let extents = words::extents(&explained(inventory.extents())?);
    if !extents.is_empty() {
        let _ = write!(text, "\n{extents}");
    }
    output::print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

fn row(record: &KeyRecord) -> [String; 5] {
    [
        record.id.to_string(),
        words::status(record.status).to_owned(),
        words::day(record.dates.created),
        words::last_use(record),
        words::owner(&record.owner),
    ]
}
