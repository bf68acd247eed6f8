//! STS: whose a key is. In: what signs. Out: what the service says of it.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::answer::{Known, Reading, read};
use super::sign::{Call, Stamp, v1, v3};
use super::{Connection, Endpoint, Signer};
use crate::model::LiveStatus;

/// How often one question is put where the service is busy, or the connection breaks.
const ATTEMPTS: u32 = 3;

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
        let call = Call { action: "GetCallerIdentity", version: "2015-04-01", parameters: BTreeMap::new() };
        let mut reading = self.ask(&call, signer, Version::V3)?;
        if reading == Reading::OtherSignature {
            reading = self.ask(&call, signer, Version::V1)?;
        }
        match reading {
            Reading::Known(known) => Ok(self.said(known)),
            Reading::Later(said) | Reading::Unknown(said) => Err(format!("{} said {said}", self.endpoint.host())),
            Reading::OtherSignature => Err(format!("{} does not know our signatures", self.endpoint.host())),
        }
    }

    /// Puts the question, each time with another stamp, until something is known or it is no use.
    fn ask(&self, call: &Call<'_>, signer: &Signer, version: Version) -> Result<Reading, String> {
        let mut attempt = 1;
        loop {
            let stamp = Stamp::new().map_err(|error| error.to_string())?;
            let request = match version {
                Version::V3 => v3(call, self.endpoint.host(), signer, &stamp),
                Version::V1 => v1(call, signer, &stamp),
            };
            let reading = match self.connection.send(&self.endpoint, &request) {
                Ok(answer) => Ok(read(&answer, &request.proof, signer.token.is_some())),
                Err(cause) => Err(format!("{}: {cause}", self.endpoint.host())),
            };
            if attempt == ATTEMPTS || matches!(&reading, Ok(reading) if !matches!(reading, Reading::Later(_))) {
                return reading;
            }
            sleep(Duration::from_millis(250) * 2_u32.pow(attempt));
            attempt += 1;
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

#[derive(Clone, Copy)]
enum Version {
    V1,
    V3,
}
