//! `akscan inventory pull`: asks an account's own services for its keys, and adds their answers to a store, as an import
//! of files would.
//!
//! The keys of some hundred users go in at a time, with what belongs to them; the list of users last. So whatever ends a pull, the store holds what
//! it had before and what was told since, and never takes a part for the whole.

use std::collections::{BTreeMap, BTreeSet};

use akscan::online::{Caller, Client, Endpoint, EndpointError, Endpoints, Gap, KeyHolder, Keys, Part, Users};
use akscan::{Import, Imported, Store};
use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::super::args::PullArgs;
use super::super::{Exit, connection, login, messages, output, progress};
use super::{explained, import};

/// Runs `akscan inventory pull`.
pub(super) fn run(args: &PullArgs) -> anyhow::Result<Exit> {
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| !args.without.contains(part)).collect();
    if args.print_policy {
        output::print(|out| writeln!(out, "{}", Client::policy(&parts)))?;
        return Ok(Exit::Clean);
    }
    let Some(path) = &args.store else { bail!("--store is needed: where the keys go") };
    let client = client(args, &parts)?;
    let caller = client.caller().map_err(anyhow::Error::msg).context("it cannot be told whose account this is")?;
    let name = format!("pull of {}", caller.account_id);
    // Before anything is asked of whoever answers, and minutes are spent on what then cannot be kept.
    explained(Import::default().add(&name, &caller.answer, None))?;
    let store = explained(Store::open_or_make(path))?;
    messages::note(&format!("Signed by {} of account {}.", client.signs_as(), caller.account_id));
    let (imported, gaps) = (Imported::default(), Vec::new());
    let mut pull = Pull { store, name, at: Timestamp::now(), caller, parts, imported, gaps };
    pull.all(&client)?;
    pull.tell_gaps();
    let from = format!("account {}", pull.caller.account_id);
    let extents = import::tell(path, pull.store, &pull.imported, &from)?;
    let is_complete = |account: &str| extents.iter().any(|one| one.account_id == account && one.is_complete());
    let complete = pull.gaps.is_empty() && is_complete(&pull.caller.account_id);
    Ok(if complete { Exit::Clean } else { Exit::Incomplete })
}

/// Says whom it asks, before anybody is, and gets credentials.
fn client(args: &PullArgs, parts: &[Part]) -> anyhow::Result<Client> {
    let chosen = login::choose(args.profile.as_deref())?;
    let service = &args.service;
    // The profile's region is that of its STS alone.
    let sts_region = service.region.as_ref().or(chosen.sts_region.as_ref());
    let (region, vpc) = (service.region.as_deref(), service.vpc);
    let given =
        |otherwise: &dyn Fn() -> Result<Endpoint, EndpointError>| service.endpoint.clone().map_or_else(otherwise, Ok);
    let endpoints = Endpoints {
        sts: given(&|| Endpoint::sts(sts_region.map(String::as_str), vpc))?,
        ims: given(&|| Ok(Endpoint::ims(vpc)))?,
        action_trail: given(&|| Endpoint::action_trail(region, vpc))?,
        security_center: given(&|| Endpoint::security_center(region, vpc))?,
        metadata: args.metadata_endpoint.clone().unwrap_or_else(Endpoint::metadata),
    };
    let connection = connection::open(&service.connection)?;
    messages::note(&format!("With the credentials of {}:", chosen.name));
    for (endpoint, calls) in Client::calls(&chosen.login, &endpoints, parts) {
        let proxy = connection.proxy(&endpoint).filter(|_| endpoint != endpoints.metadata);
        let proxy = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        messages::note(&format!("  asks {endpoint}{proxy}: {calls}"));
    }
    messages::note(&format!(
        "{} calls a second at most. Nothing is changed there, but a credential report is made.",
        service.connection.rate
    ));
    let client = Client::new(connection, endpoints, chosen.login).map_err(anyhow::Error::msg);
    client.context("there are no credentials to sign with")
}

/// A pull that has begun.
struct Pull {
    store: Store,
    caller: Caller,
    /// When it began: as of then, each answer is true.
    at: Timestamp,
    /// What answers are called in messages, and as sources of what they say.
    name: String,
    parts: Vec<Part>,
    imported: Imported,
    gaps: Vec<Gap>,
}

impl Pull {
    fn all(&mut self, client: &Client) -> anyhow::Result<()> {
        let made = client.make_report();
        let users = client.users();
        let deleted = self.keys(client, &users)?;
        self.report(client.report(made))?;
        self.leaks(client)?;
        if let Some(why) = &users.cut_off {
            let what = if users.holders().next().is_some() { "some users" } else { "the users" };
            self.gaps.push(Gap { what, of: String::new(), why: why.clone(), part: None });
        }
        if users.cut_off.is_some() {
            // The credential report was made since the pull began, and must not count as the newer list of users.
            self.at = Timestamp::now();
        }
        // Last, so that of older lists and reports nobody is kept who is not there any more.
        self.keep(&[users.answer(&deleted)])
    }

    /// The keys of all users with what belongs to them, and whose of these have been deleted meanwhile.
    fn keys(&mut self, client: &Client, users: &Users) -> anyhow::Result<BTreeSet<String>> {
        let mut holders: Vec<KeyHolder<'_>> = users.holders().collect();
        holders.extend(self.caller.is_primary.then_some(KeyHolder::Primary));
        let parts = self.parts.clone();
        let bar = progress::bar(holders.len());
        let mut deleted = BTreeSet::new();
        let keep = |keys: Keys| {
            self.keep(&keys.answers)?;
            self.gaps.extend(keys.gaps);
            deleted.extend(keys.deleted);
            Ok(())
        };
        client.keys::<anyhow::Error>(&holders, &parts, || bar.inc(1), keep)?;
        Ok(deleted)
    }

    /// Only where the primary account's own keys are not listed, something is missing without the report.
    fn report(&mut self, report: Result<Vec<Vec<u8>>, String>) -> anyhow::Result<()> {
        match report {
            Ok(pages) => self.keep(&pages),
            Err(why) => {
                messages::warning(&format!("no credential report: {why}"));
                Ok(())
            }
        }
    }

    fn leaks(&mut self, client: &Client) -> anyhow::Result<()> {
        let mut pages = Vec::new();
        if self.parts.contains(&Part::Leaks)
            && let Err(why) = client.leaks(|page| pages.push(page))
        {
            self.gaps.push(Gap { what: "the leaks", of: String::new(), why, part: Some(Part::Leaks) });
        }
        self.keep(&pages)
    }

    /// Adds answers to the store, all or none. One that cannot be taken is a gap.
    fn keep(&mut self, answers: &[Vec<u8>]) -> anyhow::Result<()> {
        let mut import = Import::default();
        explained(import.add(&self.name, &self.caller.answer, Some(self.at)))?;
        for answer in answers {
            if let Err(error) = import.add(&self.name, answer, Some(self.at)) {
                let why = error.to_string();
                self.gaps.push(Gap { what: "what an answer says", of: String::new(), why, part: None });
            }
        }
        let imported = explained(self.store.import(import))?;
        self.imported.keys += imported.keys;
        self.imported.new_keys += imported.new_keys;
        self.imported.gone_keys += imported.gone_keys;
        self.imported.notes.extend(imported.notes);
        Ok(())
    }

    /// Each reason once, however many it keeps from being known.
    fn tell_gaps(&self) {
        let mut gaps: BTreeMap<(Option<Part>, &str, &str), Vec<&str>> = BTreeMap::new();
        for gap in &self.gaps {
            gaps.entry((gap.part, gap.what, &gap.why)).or_default().push(&gap.of);
        }
        for ((part, what, why), of) in gaps {
            let of = match of[..] {
                [] | [""] => String::new(),
                ["", ..] => format!(", {} times", of.len()),
                [one] => format!(" of {one}"),
                [one, ..] => format!(" of {}, {one} for one", of.len()),
            };
            let optional = part.map_or_else(String::new, |part| {
                format!(" (no key is missing for that; --without {} leaves it out)", part.name())
            });
            messages::warning(&format!("missing: {what}{of}: {why}{optional}"));
        }
    }
}
