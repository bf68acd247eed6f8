//! A way to services, as the user wants it. In: options. Out: a connection.

use akscan::online::{Connection, Limits};
use anyhow::Context as _;

use super::args::ConnectionArgs;

/// Opens it; nothing is sent yet.
pub(super) fn open(args: &ConnectionArgs) -> anyhow::Result<Connection> {
    let limits = Limits { per_second: args.rate, timeout: args.timeout, patience: args.patience };
    let Some(path) = &args.ca_file else { return Ok(Connection::new(None, limits)?) };
    let roots = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Connection::new(Some(&roots), limits).with_context(|| format!("cannot use {}", path.display()))
}
