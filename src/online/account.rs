//! Who holds which keys in an account, as its own services tell. In: a client. Out: their answers, each as a file that an
//! import takes, and what could not be had.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::thread::sleep;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Map, Value, json};

use super::client::{Client, Service};
use super::connection::MOST_OPEN;
use super::pace::Waits;
use super::refusal::Unanswered;
use super::{Endpoint, Endpoints, Login, OnlineError};

const LIST_USERS: &str = "ListUsers";
const LIST_KEYS: &str = "ListAccessKeys";
const LAST_USED: &str = "GetAccessKeyLastUsed";
const MAKE_REPORT: &str = "GenerateCredentialReport";
const REPORT: &str = "GetCredentialReport";
/// What is asked of IMS. Each takes the right of the same name, which RAM gives.
const CALLS: [&str; 5] = [LIST_USERS, LIST_KEYS, LAST_USED, MAKE_REPORT, REPORT];
/// Nobody has more pages of users, or of a report.
const MOST_PAGES: usize = 1_000;
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
    /// What will be asked of whom: each endpoint with its calls, in order.
    pub fn calls(login: &Login, endpoints: &Endpoints) -> Vec<(Endpoint, String)> {
        let (of_sts, of_metadata) = login.calls();
        let of_sts = of_sts.into_iter().chain(["GetCallerIdentity"]).collect::<Vec<_>>().join(", ");
        let of_metadata = of_metadata.map(|asked| (endpoints.metadata.clone(), asked.to_owned()));
        let of_ims = CALLS.join(", ");
        let services = [(endpoints.sts.clone(), of_sts), (endpoints.ims.clone(), of_ims)];
        of_metadata.into_iter().chain(services).collect()
    }

    /// The rights that all of this takes, as a policy.
    pub fn policy() -> String {
        let actions = CALLS.map(|call| format!("ram:{call}"));
        let policy = json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        format!("{policy:#}")
    }

    /// Asks whose account it is.
    ///
    /// # Errors
    ///
    /// Why that is not known.
    pub fn caller(&self) -> Result<Caller, String> {
        let answer = self.ask(Service::Sts, "GetCallerIdentity", &[]).map_err(|unanswered| unanswered.why)?;
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
        let of = |holder: &KeyHolder<'_>| {
            let mut keys = Keys::default();
            match ended.get() {
                Some(unanswered) => keys.lack(*holder, Unanswered::clone(unanswered)),
                None => self.keys_of(*holder, &mut keys).unwrap_or_else(|unanswered| drop(ended.set(unanswered))),
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

    /// Fails where nothing else will be answered either.
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
                return if unanswered.ends { Err(unanswered) } else { Ok(()) };
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
                    if unanswered.ends {
                        return Err(unanswered);
                    }
                }
            }
        }
        Ok(())
    }

    /// Has the credential report made, which takes a while. None is made within four hours of another.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn make_report(&self) -> Result<(), String> {
        self.ask(Service::Ims, MAKE_REPORT, &[]).map(drop).map_err(|unanswered| unanswered.why)
    }

    /// The pages of the credential report, which is waited for if it is being `made`; otherwise those of an older one.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn report(&self, made: Result<(), String>) -> Result<Vec<Vec<u8>>, String> {
        let mut waits = Waits::new(self.patience());
        while made.is_ok() {
            let state = self.ask(Service::Ims, MAKE_REPORT, &[]).map_err(|unanswered| unanswered.why)?;
            if !matches!(text(&state["State"]), "STARTED" | "INPROGRESS") {
                break;
            }
            sleep(waits.next().ok_or("it is still being made: pull again in some minutes")?);
        }
        self.report_pages().map_err(|why| match made {
            Ok(()) => why,
            Err(not_made) => format!("{not_made}; {why}"),
        })
    }

    fn report_pages(&self) -> Result<Vec<Vec<u8>>, String> {
        let mut report = Vec::new();
        self.pages(REPORT, ("3501", "NextToken"), |page| {
            report.push(bytes(&page));
            Ok(())
        })?;
        Ok(report)
    }

    /// Asks for page after page, of `most` items each, as long as one names the next one in `next`.
    fn pages(
        &self,
        action: &'static str,
        (most, next): (&'static str, &'static str),
        mut keep: impl FnMut(Value) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut place = String::new();
        for _ in 0..MOST_PAGES {
            let mut given = vec![("MaxItems", most)];
            given.extend((!place.is_empty()).then_some((next, place.as_str())));
            let page = self.ask(Service::Ims, action, &given).map_err(|unanswered| unanswered.why)?;
            let is_cut = page["IsTruncated"] == true || text(&page["IsTruncated"]).eq_ignore_ascii_case("true");
            let then = text(&page[next]).to_owned();
            keep(page)?;
            if !is_cut {
                return Ok(());
            }
            if then.is_empty() || then == place {
                break;
            }
            place = then;
        }
        Err(format!("{action}: its pages have no end"))
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

/// A text, empty if there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn bytes(answer: &Value) -> Vec<u8> {
    answer.to_string().into_bytes()
}
