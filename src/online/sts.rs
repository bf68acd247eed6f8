//! STS: whose a key is. In: what signs. Out: what the service says of it.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use super::answer::{Known, Reading, read};
use super::calls::IDENTITY;
use super::question::{Question, Version};
use super::sign::Call;
use super::{Connection, Endpoint, Signer};
use crate::model::LiveStatus;

/// The Security Token Service at one endpoint.
#[derive(Debug)]
pub struct Sts {
    connection: Connection,
    endpoint: Endpoint,
}

impl Sts {
    /// The service at `endpoint`.
    pub fn new(connection: Connection, endpoint: Endpoint) -> Self {
        Self { connection, endpoint }
    }

    /// Asks whose key it is that signs, which anybody may ask of their own: `GetCallerIdentity`.
    ///
    /// # Errors
    ///
    /// Why nothing is known of the key: the code of the service, or why there is none.
    pub fn identify(&self, signer: &Signer) -> Result<LiveStatus, String> {
        let call = Call { action: IDENTITY, version: "2015-04-01", parameters: BTreeMap::new() };
        let question = Question {
            connection: &self.connection,
            endpoint: &self.endpoint,
            call: &call,
            signer,
            patience: self.connection.patience(),
        };
        let put = |version| question.put(version, |answer, proof| read(answer, proof, signer.token.is_some()));
        let mut reading = put(Version::V3)?;
        if reading == Reading::OtherSignature {
            reading = put(Version::V1)?;
        }
        match reading {
            Reading::Known(known) => Ok(self.said(known)),
            Reading::Later(said) | Reading::Unknown(said) => Err(format!("{} said {said}", self.endpoint.host())),
            Reading::OtherSignature => Err(format!("{} does not know our signatures", self.endpoint.host())),
        }
    }

    fn said(&self, known: Known) -> LiveStatus {
        let day = Timestamp::now().to_zoned(TimeZone::UTC).date();
        LiveStatus {
            status: known.status,
            owner: known.owner,
            secret_differs: known.secret_differs,
            source: format!("verify:{} ({day})", self.endpoint.host()),
        }
    }
}
