//! Who holds which keys in an account, as its own services tell. In: a client. Out: their answers, each as a file that an
//! import takes, and what could not be had.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Map, Value, json};

use super::OnlineError;
use super::calls::{IDENTITY, LAST_USED, LIST_KEYS, LIST_USERS};
use super::client::{Client, Service, bytes, text};
use super::connection::MOST_OPEN;
use super::refusal::{Reach, Unanswered};

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

/// Who may hold keys: a user by logon name, or the account itself.
pub type KeyHolder<'a> = Option<&'a str>;

/// What is known of the keys of some holders.
#[derive(Debug, Default)]
pub struct Keys {
    /// Answers of `ListAccessKeys` and `GetAccessKeyLastUsed`, after the holder or the key that each is about.
    pub answers: Vec<Vec<u8>>,
    /// Users that have been deleted since they were listed.
    pub deleted: BTreeSet<String>,
    /// What could not be had.
    pub gaps: Vec<Gap>,
}

/// Something that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What: `the keys`, `the last use`.
    pub what: &'static str,
    /// Of whom, or of which key.
    pub of: String,
    /// Why.
    pub why: String,
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
        let listed = self.pages(LIST_USERS, ("1000", "Marker"), |mut page| {
            match page.pointer_mut("/Users/User").map(Value::take) {
                Some(Value::Array(more)) if more.iter().all(|user| logon_name(user).is_some()) => {
                    users.extend(more);
                    Ok(())
                }
                _ => Err(format!("{LIST_USERS}: an answer without its users")),
            }
        });
        Users { users, cut_off: listed.err() }
    }

    /// Lists the keys of these holders and when each was last used, several holders at once. `done` is told of each, and
    /// `keep` gets what is known, some hundred holders at a time and in order.
    ///
    /// # Errors
    ///
    /// What `keep` fails with; or if the system gives no threads.
    pub fn keys<E: From<OnlineError>>(
        &self,
        holders: &[KeyHolder<'_>],
        done: impl Fn() + Sync,
        mut keep: impl FnMut(Keys) -> Result<(), E>,
    ) -> Result<(), E> {
        let pool = ThreadPoolBuilder::new().num_threads(MOST_OPEN).build().map_err(|_| OnlineError::NoThreads)?;
        let ended = OnceLock::new();
        // One whom the service never comes to is no reason to end; as many as are asked about at once are.
        let in_vain = AtomicUsize::new(0);
        let of = |holder: &KeyHolder<'_>| {
            let mut keys = Keys::default();
            if let Some(unanswered) = ended.get() {
                keys.lack(*holder, Unanswered::clone(unanswered));
            } else if let Err(unanswered) = self.keys_of(*holder, &mut keys) {
                let in_vain = 1 + in_vain.fetch_add(1, Ordering::Relaxed);
                if unanswered.reach == Reach::Credentials || in_vain >= MOST_OPEN {
                    let _ = ended.set(unanswered);
                }
            } else {
                in_vain.store(0, Ordering::Relaxed);
            }
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

    /// Fails where perhaps nothing else will be answered either.
    fn keys_of(&self, holder: KeyHolder<'_>, keys: &mut Keys) -> Result<(), Unanswered> {
        let named: Vec<(&'static str, &str)> = holder.map(|name| ("UserPrincipalName", name)).into_iter().collect();
        let listed = match self.ask(Service::Ims, LIST_KEYS, &named) {
            Ok(listed) => listed,
            Err(unanswered) => {
                match holder {
                    Some(user) if unanswered.code == "EntityNotExist.User" => {
                        keys.deleted.insert(user.to_owned());
                    }
                    _ => keys.lack(holder, unanswered.clone()),
                }
                return if unanswered.reach == Reach::Question { Ok(()) } else { Err(unanswered) };
            }
        };
        let ids = listed["AccessKeys"]["AccessKey"].as_array().into_iter().flatten();
        let ids: Vec<String> = ids.map(|key| text(&key["AccessKeyId"]).to_owned()).collect();
        keys.tell(holder.unwrap_or("<root>"), listed);
        for id in ids {
            let of_key = [named.as_slice(), &[("UserAccessKeyId", id.as_str())]].concat();
            match self.ask(Service::Ims, LAST_USED, &of_key) {
                Ok(used) => keys.tell(&id, used),
                // It has been deleted meanwhile.
                Err(unanswered) if unanswered.code.starts_with("EntityNotExist") => {}
                Err(unanswered) => {
                    keys.gaps.push(Gap { what: "the last use", of: id, why: unanswered.why.clone() });
                    if unanswered.reach != Reach::Question {
                        return Err(unanswered);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Users {
    /// The logon name of each.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(logon_name)
    }

    /// All of them but those that have been `deleted`, as one answer of `ListUsers`.
    pub fn answer(&self, deleted: &BTreeSet<String>) -> Vec<u8> {
        let is_left = |user: &&Value| !logon_name(user).is_some_and(|name| deleted.contains(name));
        let users: Vec<&Value> = self.users.iter().filter(is_left).collect();
        bytes(&json!({"Users": {"User": users}, "IsTruncated": self.cut_off.is_some()}))
    }
}

impl Keys {
    fn tell(&mut self, about: &str, answer: Value) {
        self.answers.push(bytes(&Value::Object(Map::from_iter([(about.to_owned(), answer)]))));
    }

    fn lack(&mut self, holder: KeyHolder<'_>, unanswered: Unanswered) {
        let of = holder.unwrap_or("the primary account").to_owned();
        self.gaps.push(Gap { what: "the keys", of, why: unanswered.why });
    }
}

fn logon_name(user: &Value) -> Option<&str> {
    user["UserPrincipalName"].as_str().filter(|name| !name.is_empty())
}
