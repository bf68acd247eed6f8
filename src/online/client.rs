//! The services of one account, asked with credentials of its own. In: where they are, and where credentials come from.
//! Out: answers as they come. Credentials that expire meanwhile are renewed, where that can be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::question::{Question, Version};
use super::refusal::{Reach, Unanswered, read};
use super::sign::Call;
use super::{Connection, Endpoint, Endpoints, Login, Signer};
use crate::model::AccessKeyId;

/// For how long the first questions of all are put again: whoever waits for them may have mistyped a host.
const FIRST_PATIENCE: Duration = Duration::from_secs(4);
/// How often one question is put again with newer credentials: new ones that have expired are no use.
const MOST_RENEWALS: usize = 2;
/// Nobody has more pages of users, of a report, or of leaks.
pub(super) const MOST_PAGES: usize = 1_000;

/// Asks the services of one account.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    endpoints: Endpoints,
    login: Login,
    /// Who signs now.
    signer: Mutex<Arc<Signer>>,
}

/// A service, and a version of what can be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Sts,
    Ims,
    ActionTrail,
    SecurityCenter,
}

impl Service {
    /// Where it is.
    pub(super) fn endpoint(self, endpoints: &Endpoints) -> &Endpoint {
        match self {
            Self::Sts => &endpoints.sts,
            Self::Ims => &endpoints.ims,
            Self::ActionTrail => &endpoints.action_trail,
            Self::SecurityCenter => &endpoints.security_center,
        }
    }

    /// What its rights begin with. Those of Security Center have kept the name of an older product.
    pub(super) fn rights(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Ims => "ram",
            Self::ActionTrail => "actiontrail",
            Self::SecurityCenter => "yundun-aegis",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::Sts => "2015-04-01",
            Self::Ims => "2019-08-15",
            Self::ActionTrail => "2020-07-06",
            Self::SecurityCenter => "2018-12-03",
        }
    }
}

/// A question that is answered in pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paged<'q> {
    pub(super) service: Service,
    pub(super) action: &'static str,
    /// What is asked for on every page.
    pub(super) given: &'q [(&'static str, &'q str)],
    /// The parameter that says how many items a page has, and how many.
    pub(super) size: (&'static str, &'static str),
    /// The parameter, and the member of an answer, that names the next page.
    pub(super) next: &'static str,
    /// So many pages are enough; `None`: all of them are needed.
    pub(super) enough: Option<usize>,
}

impl Client {
    /// Gets credentials to sign with.
    ///
    /// # Errors
    ///
    /// Why there are none.
    pub fn new(connection: Connection, endpoints: Endpoints, login: Login) -> Result<Self, String> {
        let patience = connection.patience().min(FIRST_PATIENCE);
        let signer = Mutex::new(Arc::new(login.signer(&connection, &endpoints, patience)?));
        Ok(Self { connection, endpoints, login, signer })
    }

    /// The ID that signs now.
    pub fn signs_as(&self) -> AccessKeyId {
        self.signer().id.clone()
    }

    /// Puts a question to a service.
    pub(super) fn ask(
        &self,
        service: Service,
        action: &'static str,
        given: &[(&'static str, &str)],
    ) -> Result<Value, Unanswered> {
        let patience = match service {
            Service::Sts => self.connection.patience().min(FIRST_PATIENCE),
            _ => self.connection.patience(),
        };
        let (endpoint, version) = (service.endpoint(&self.endpoints), service.version());
        let parameters = given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let call = Call { action, version, parameters };
        let mut renewals = 0..MOST_RENEWALS;
        loop {
            let signer = self.signer();
            let question = Question { connection: &self.connection, endpoint, call: &call, signer: &signer, patience };
            let none = |why, reach| Unanswered { why: format!("{action}: {why}"), code: String::new(), reach };
            let answer = question.put(Version::V3, |answer, _| read(answer));
            let answer = answer.map_err(|why| none(why, Reach::Service))?;
            let is_over = |refusal: &Unanswered| refusal.code.starts_with("InvalidSecurityToken.Expired");
            match answer {
                Err(refusal) if is_over(&refusal) && self.login.is_renewed() && renewals.next().is_some() => {
                    self.renew(&signer).map_err(|why| none(why, Reach::Credentials))?;
                }
                Err(refusal) => return Err(Unanswered { why: format!("{action}: {}", refusal.why), ..refusal }),
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// Asks for page after page, as long as one names the next one.
    pub(super) fn pages(
        &self,
        paged: Paged<'_>,
        mut keep: impl FnMut(Value) -> Result<(), String>,
    ) -> Result<(), Unanswered> {
        let Paged { service, action, given, size, next, enough } = paged;
        let endless = || Unanswered::odd(format!("{action}: its pages have no end"));
        let mut place = String::new();
        for _ in 0..enough.unwrap_or(MOST_PAGES) {
            let mut given = given.to_vec();
            given.push(size);
            given.extend((!place.is_empty()).then_some((next, place.as_str())));
            let page = self.ask(service, action, &given)?;
            let then = text(&page[next]).to_owned();
            // Not every service says so in words.
            let is_cut = match &page["IsTruncated"] {
                Value::Null => !then.is_empty(),
                said => *said == true || text(said).eq_ignore_ascii_case("true"),
            };
            keep(page).map_err(Unanswered::odd)?;
            if !is_cut {
                return Ok(());
            }
            if then.is_empty() || then == place {
                return Err(endless());
            }
            place = then;
        }
        enough.map(drop).ok_or_else(endless)
    }

    /// For how long a question is put again.
    pub(super) fn patience(&self) -> Duration {
        self.connection.patience()
    }

    fn signer(&self) -> Arc<Signer> {
        Arc::clone(&self.signer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gets newer credentials than `used`, unless somebody else has done so meanwhile.
    fn renew(&self, used: &Arc<Signer>) -> Result<(), String> {
        let mut signer = self.signer.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&signer, used) {
            *signer = Arc::new(self.login.signer(&self.connection, &self.endpoints, self.connection.patience())?);
        }
        Ok(())
    }
}

/// A text, empty if there is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn bytes(answer: &Value) -> Vec<u8> {
    answer.to_string().into_bytes()
}
