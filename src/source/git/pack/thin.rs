//! Deltas whose base is not in their pack. In: packs that have some. Out: their objects, where the base is in another
//! pack or loose.
//!
//! git completes a thin pack before it keeps it, so this is rare: one thread does it, and tables are built again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::budget::{Budget, Ledger, Work};
use super::buffers::Buffer;
use super::entry::Maker;
use super::header::{Header, Holds};
use super::later::Later;
use super::loose;
use super::sink::{Known, Sink};
use super::table::{Family, NONE, Table};
use super::{Kind, Taker};
use crate::model::SourceErrorKind;

/// Reads what no pack could read alone.
pub(super) fn read(known: &[Known], folders: &[PathBuf], taker: Taker<'_>, budget: &Budget, work: &mut Work) {
    for thin in known.iter().filter(|known| known.outside) {
        let sink = Sink::new(&thin.pack, taker, known);
        let table = Table::build(&thin.pack, &|_, _, _| {});
        let mut later = Later::new(&sink, &table, budget, work);
        let mut wanted = wanted(thin, &table);
        for other in known {
            bases_in(other, &mut wanted, &mut later, budget);
        }
        for (id, entries) in wanted {
            let base = loose::load(folders, &id);
            for entry in entries {
                match &base {
                    Some((Kind::Tree, _)) => {}
                    Some((kind, bytes)) => later.run_outside(*kind, bytes, entry),
                    None => {
                        let cause = "its base is not in this pack, and cannot be read elsewhere";
                        for number in table.below(entry).into_iter().chain([entry]) {
                            sink.fail(table.row(number).place, SourceErrorKind::Corrupt, cause);
                        }
                    }
                }
            }
        }
    }
}

/// The bases that `thin` lacks, and the entries that need them.
fn wanted(thin: &Known, table: &Table) -> BTreeMap<Vec<u8>, Vec<u32>> {
    let mut wanted: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
    for number in table.numbers(|row| row.base == NONE && row.family == Family::Outside) {
        let header = Header::read(table.bytes(&thin.pack, number), thin.pack.index.hash());
        if let Ok(Header { holds: Holds::Named(id), .. }) = header {
            wanted.entry(id.to_vec()).or_default().push(number);
        }
    }
    wanted
}

/// Reads what needs a base from `other`, and takes it out of `wanted`.
fn bases_in(other: &Known, wanted: &mut BTreeMap<Vec<u8>, Vec<u32>>, later: &mut Later<'_>, budget: &Budget) {
    let here: BTreeSet<Vec<u8>> = wanted.keys().filter(|id| other.has(id)).cloned().collect();
    if here.is_empty() {
        return;
    }
    let table = Table::build(&other.pack, &|_, _, _| {});
    let mut maker = Maker::new(&other.pack, &table, Ledger::new(budget));
    for id in here {
        let Some((kind, base)) = base(&mut maker, &id, later.work) else { continue };
        for entry in wanted.remove(&id).unwrap_or_default() {
            if kind != Kind::Tree {
                later.run_outside(kind, &base, entry);
            }
        }
        maker.put(base);
    }
}

fn base(maker: &mut Maker<'_>, id: &[u8], work: &mut Work) -> Option<(Kind, Buffer)> {
    let number = maker.table.at_place(maker.pack, maker.pack.index.find(id)?)?;
    let Family::Of(kind) = maker.table.row(number).family else { return None };
    Some((kind, maker.rebuild(number, work).ok()?))
}
