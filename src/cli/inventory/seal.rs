//! `akscan inventory seal`: adds the hash of a secret to a store. The secret stands in no argument, file or message.

use std::io::{self, IsTerminal as _};

use akscan::model::{AccessKeyId, IdShape, Secret};
use akscan::{Import, Store};
use anyhow::bail;

use super::super::args::SealArgs;
use super::super::{Exit, input, messages};
use super::explained;

/// Runs `akscan inventory seal`.
pub(super) fn run(args: &SealArgs) -> anyhow::Result<Exit> {
    let mut import = Import::default();
    let secrets = if let Some(id) = &args.id {
        vec![(key(id)?, lone_secret(&given(args, "the secret")?)?.hash())]
    } else {
        let name = if input::is_stdin(&args.file) { "stdin".to_owned() } else { args.file.display().to_string() };
        // Wherever the answer was put, that is no user: `out.json`.
        import.of_any_name();
        explained(import.add(&name, &given(args, "the answer of CreateAccessKey")?, None))?;
        import.secrets()
    };
    if secrets.is_empty() {
        bail!("no secret in it: an answer of `CreateAccessKey` or the console's AccessKey CSV has one, or use --id");
    }
    // None is made here: a name that was mistyped would become a store that no scan asks.
    explained(Store::open(&args.store))?;
    let mut store = explained(Store::open_or_make(&args.store))?;
    for (id, secret) in secrets {
        let told = if explained(store.seal(&id, secret))? { "sealed" } else { "was sealed already" };
        messages::note(&format!("{id}: {told}"));
    }
    // What else the answer says: the state of a new key, and when it was made.
    explained(store.import(import))?;
    Ok(Exit::Clean)
}

fn given(args: &SealArgs, what: &str) -> anyhow::Result<Vec<u8>> {
    if input::is_stdin(&args.file) && io::stdin().is_terminal() {
        messages::note(&format!("Paste {what}, then Enter and Ctrl-D. What you paste is shown here."));
    }
    input::read(&args.file)
}

fn key(id: &str) -> anyhow::Result<AccessKeyId> {
    match AccessKeyId::new(id.as_bytes()) {
        // A secret would fit, too; it is not repeated.
        Some(_) if id.len() == Secret::LENGTH && !id.contains('.') => {
            bail!("--id: this looks like a secret; it is read from standard input")
        }
        Some(id) if id.shape() == IdShape::LongTerm => Ok(id),
        _ => bail!("--id: not the ID of an AccessKey"),
    }
}

/// A secret that stands alone, as it is pasted: with or without a line's end.
fn lone_secret(bytes: &[u8]) -> anyhow::Result<Secret> {
    let bytes = bytes.trim_ascii();
    let is_one = bytes.len() == Secret::LENGTH && bytes.iter().all(u8::is_ascii_alphanumeric);
    if !is_one || bytes.starts_with(b"LTAI") {
        bail!("what was read is no AccessKey secret: 30 letters and digits are expected, and nothing else");
    }
    Ok(Secret::new(bytes))
}
