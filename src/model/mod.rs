//! The nouns: plain data with invariants. In: nothing of ours. Out: the types every other room speaks.
//!
//! No I/O, no pattern matching, no git, no command line. A later stage never fills in the fields of an earlier
//! type; it makes a new type around it: [`Content`] → [`Detection`] → [`Finding`] → [`Exposure`] → [`Report`].

mod account;
mod call;
mod content;
mod coverage;
mod credential;
mod detection;
mod exposure;
mod finding;
mod grade;
mod hash;
mod history;
mod key_status;
mod live;
mod location;
mod object_id;
mod origin;
mod path;
mod plan;
mod record;
mod redact;
mod report;
mod secret;
mod source;
mod source_error;
mod standing;
mod step_call;
mod suppression;
mod unknown_name;

pub use account::{Account, Extent, Holder, ReportedKey, ReportedKeys};
pub use call::{Call, Effect, Value, Variable};
pub use content::{Body, Content};
pub use coverage::{Coverage, Covered, DropReason, LocatedDrop, RangeFacts, RepositoryFacts, Skip, Skipped};
pub use credential::{AccessKeyId, Credential, IdShape, Kind};
pub use detection::{Detection, Part, PartRole};
pub use exposure::{
    Dependant, Exposure, Identity, Recommendation, ReportedLocation, ReportedPart, ReportedProvenance, ReportedRegion,
    ReportedStep, ReportedSuppression, Span, Window,
};
pub use finding::{Earlier, Finding, Fingerprint, Sighting, SightingPlace};
pub use grade::{Confidence, Severity};
pub use hash::{SecretHash, sha256_hex, to_hex};
pub use history::{KeyHistory, LeakEvent, StatusEvent, Told, Use, UseKind, WasActive};
pub use key_status::KeyStatus;
pub use live::LiveStatus;
pub use location::{Layer, Place, Position, Provenance, Reach, Region};
pub use object_id::ObjectId;
pub use origin::{MemberName, Origin};
pub use path::PathBytes;
pub use plan::{Condition, Plan, Step, Strategy};
pub use record::{KeyDates, KeyRecord, LastUsed, OtherKey, Owner, OwnerType, Verdict};
pub use redact::{Redactor, Text};
pub use report::{
    Report, ReportedCoverage, ReportedDrop, ReportedError, ReportedRange, ReportedRepository, ReportedSkip, SCHEMA,
    Tool,
};
pub use secret::Secret;
pub use source::{EXCERPT_REACH, EXCERPT_ROW, EXCERPT_START, Source, Taken, Visitor};
pub use source_error::{Gap, SourceError, SourceErrorKind};
pub use standing::{ReportedLeak, ReportedState, ReportedUse, Standing};
pub use step_call::Part as StepPart;
pub use suppression::Suppression;
pub use unknown_name::UnknownName;
