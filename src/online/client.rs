//! The services of one account, asked with credentials of its own. In: where they are, and where credentials come from.
//! Out: answers as they come. Credentials that expire meanwhile are renewed, where that can be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::question::{Question, Version};
use super::refusal::{Unanswered, read};
use super::sign::Call;
use super::{Connection, Endpoints, Login, Signer};
use crate::model::AccessKeyId;

/// For how long the first questions of all are put again: whoever waits for them may have mistyped a host.
const FIRST_PATIENCE: Duration = Duration::from_secs(4);
/// How often one question is put again with newer credentials: new ones that have expired are no use.
const MOST_RENEWALS: usize = 2;
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
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    Sts,
    Ims,
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
        let patience = self.connection.patience();
        let (endpoint, version, patience) = match service {
            Service::Sts => (&self.endpoints.sts, "2015-04-01", patience.min(FIRST_PATIENCE)),
            Service::Ims => (&self.endpoints.ims, "2019-08-15", patience),
        };
        let parameters = given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let call = Call { action, version, parameters };
        let mut renewals = 0..MOST_RENEWALS;
        loop {
            let signer = self.signer();
            let question = Question { connection: &self.connection, endpoint, call: &call, signer: &signer, patience };
            let ending = |why| Unanswered { why: format!("{action}: {why}"), code: String::new(), ends: true };
            let answer = question.put(Version::V3, |answer, _| read(answer)).map_err(ending)?;
            let is_over = |refusal: &Unanswered| refusal.code.starts_with("InvalidSecurityToken.Expired");
            match answer {
                Err(refusal) if is_over(&refusal) && self.login.is_renewed() && renewals.next().is_some() => {
                    self.renew(&signer).map_err(ending)?;
                }
                Err(refusal) => return Err(Unanswered { why: format!("{action}: {}", refusal.why), ..refusal }),
                Ok(answer) => return Ok(answer),
            }
        }
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
