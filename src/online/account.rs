//! Who holds which keys in an account, as its own services tell. In: a client. Out: their answers, each as a file that an
//! import takes, and what could not be had.

use std::collections::BTreeSet;
use std::fmt;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Value, json};

use super::calls::{IDENTITY, LAST_USED, LIST_KEYS, LIST_USERS, Part};
use super::client::{Client, Paged, Service, bytes, text};
use super::connection::MOST_OPEN;
use super::keys::Keys;
use super::refusal::Unanswered;
use super::trying::Trying;
use super::usage::Usage;
use super::{OnlineError, recycle_bin};

/// The keys of so many holders are kept together: what is known when a pull is interrupted is not lost.
const AT_A_TIME: usize = 500;

/// Whose account it is that is asked.
#[derive(Debug)]
pub struct Caller {
    /// The account, as it says.
    pub account_id: String,
    /// Whether the account itself asks, and not one of its users or roles: only then its own keys are listed.
    pub is_primary: bool,
    /// The answer of `GetCallerIdentity`.
    pub answer: Vec<u8>,
}

/// The users of an account.
#[derive(Debug, Default)]
pub struct Users {
    users: Vec<Value>,
    /// Why these are not all, if they are not.
    pub cut_off: Option<String>,
}

/// Who may hold keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHolder<'a> {
    /// The account itself.
    Primary,
    /// One of its users.
    User {
        /// The name with the domain.
        logon_name: &'a str,
        /// What it is called in the recycle bin; empty if that is not told.
        id: &'a str,
    },
}

impl Client {
    /// Asks whose account it is.
    ///
    /// # Errors
    ///
    /// Why that is not known.
    pub fn caller(&self) -> Result<Caller, String> {
        let answer = self.ask(Service::Sts, IDENTITY, &[]).map_err(|unanswered| unanswered.why)?;
        Ok(Caller {
            account_id: text(&answer["AccountId"]).to_owned(),
            is_primary: text(&answer["Arn"]).ends_with(":root"),
            answer: bytes(&answer),
        })
    }

    /// Lists the users.
    pub fn users(&self) -> Users {
        let mut users = Vec::new();
        let pages = Paged {
            service: Service::Ims,
            action: LIST_USERS,
            given: &[],
            size: ("MaxItems", "1000"),
            next: "Marker",
            enough: None,
        };
        let listed = self.pages(pages, |mut page| match page.pointer_mut("/Users/User").map(Value::take) {
            Some(Value::Array(more)) if more.iter().all(|user| !logon_name(user).is_empty()) => {
                users.extend(more);
                Ok(())
            }
            _ => Err(format!("{LIST_USERS}: an answer without its users")),
        });
        Users { users, cut_off: listed.err().map(|unanswered| unanswered.why) }
    }

    /// Lists the keys of these holders, when each was last used, and what belongs to them of `parts`; several holders at
    /// once. `done` is told of each, and `keep` gets what is known, some hundred holders at a time and in order.
    ///
    /// # Errors
    ///
    /// What `keep` fails with; or if the system gives no threads.
    pub fn keys<E: From<OnlineError>>(
        &self,
        holders: &[KeyHolder<'_>],
        parts: &[Part],
        done: impl Fn() + Sync,
        mut keep: impl FnMut(Keys) -> Result<(), E>,
    ) -> Result<(), E> {
        let pool = ThreadPoolBuilder::new().num_threads(MOST_OPEN).build().map_err(|_| OnlineError::NoThreads)?;
        let asking = Asking {
            client: self,
            listing: Trying::default(),
            last_used: Trying::default(),
            recycle_bin: parts.contains(&Part::RecycleBin).then(Trying::all_alike),
            usage: parts.contains(&Part::Usage).then(Usage::default),
        };
        let of = |holder: &KeyHolder<'_>| {
            let keys = asking.of(*holder);
            done();
            keys
        };
        for some in holders.chunks(AT_A_TIME) {
            let each: Vec<Keys> = pool.install(|| some.par_iter().map(of).collect());
            let mut all = Keys::default();
            for keys in each {
                all.answers.extend(keys.answers);
                all.deleted.extend(keys.deleted);
                all.gaps.extend(keys.gaps);
            }
            keep(all)?;
        }
        Ok(())
    }
}

/// What is asked about each holder, and whether it is any use to go on.
struct Asking<'c> {
    client: &'c Client,
    listing: Trying,
    last_used: Trying,
    recycle_bin: Option<Trying>,
    usage: Option<Usage>,
}

impl Asking<'_> {
    fn of(&self, holder: KeyHolder<'_>) -> Keys {
        let mut keys = Keys::default();
        let working = match self.list(holder, &mut keys) {
            Ok(working) => working,
            Err(unanswered) => {
                keys.lack("the keys", &holder.to_string(), &unanswered, None);
                return keys;
            }
        };
        if let (Some(trying), KeyHolder::User { logon_name, id }) = (&self.recycle_bin, holder)
            && !keys.deleted.contains(logon_name)
        {
            recycle_bin::list(self.client, trying, (logon_name, id), &mut keys);
        }
        if let Some(usage) = &self.usage {
            for id in &working {
                usage.of(self.client, id, &mut keys);
            }
        }
        keys
    }

    /// Lists the keys of a holder, and when each was last used. Tells those that work.
    fn list(&self, holder: KeyHolder<'_>, keys: &mut Keys) -> Result<Vec<String>, Unanswered> {
        let named: Vec<(&'static str, &str)> = match holder {
            KeyHolder::Primary => Vec::new(),
            KeyHolder::User { logon_name, .. } => vec![("UserPrincipalName", logon_name)],
        };
        let listed = match (self.listing.ask(|| self.client.ask(Service::Ims, LIST_KEYS, &named)), holder) {
            (Ok(listed), _) => listed,
            (Err(unanswered), KeyHolder::User { logon_name, .. }) if unanswered.code == "EntityNotExist.User" => {
                keys.deleted.insert(logon_name.to_owned());
                return Ok(Vec::new());
            }
            (Err(unanswered), _) => return Err(unanswered),
        };
        let all = || listed["AccessKeys"]["AccessKey"].as_array().into_iter().flatten();
        let ids = |keys: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
            keys.map(|key| text(&key["AccessKeyId"]).to_owned()).collect()
        };
        let working = ids(&mut all().filter(|key| text(&key["Status"]) == "Active"));
        let each = ids(&mut all());
        keys.tell(&holder.to_string(), listed);
        for id in each {
            let of_key = [named.as_slice(), &[("UserAccessKeyId", id.as_str())]].concat();
            match self.last_used.ask(|| self.client.ask(Service::Ims, LAST_USED, &of_key)) {
                Ok(used) => keys.tell(&id, used),
                // It has been deleted meanwhile.
                Err(unanswered) if unanswered.is_of_nobody() => {}
                Err(unanswered) => keys.lack("the last use", &id, &unanswered, None),
            }
        }
        Ok(working)
    }
}

impl fmt::Display for KeyHolder<'_> {
    /// As an import wants it before the answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "<root>",
            Self::User { logon_name, .. } => logon_name,
        })
    }
}

impl Users {
    /// Each of them.
    pub fn holders(&self) -> impl Iterator<Item = KeyHolder<'_>> {
        self.users.iter().map(|user| KeyHolder::User { logon_name: logon_name(user), id: text(&user["UserId"]) })
    }

    /// All of them but those that have been `deleted`, as one answer of `ListUsers`.
    pub fn answer(&self, deleted: &BTreeSet<String>) -> Vec<u8> {
        let users: Vec<&Value> = self.users.iter().filter(|user| !deleted.contains(logon_name(user))).collect();
        bytes(&json!({"Users": {"User": users}, "IsTruncated": self.cut_off.is_some()}))
    }
}

/// Empty if there is none.
fn logon_name(user: &Value) -> &str {
    text(&user["UserPrincipalName"])
}
