//! Detections of all contents → findings: one key, one finding, with all its places. In: detections with their
//! sightings. Out: findings, sorted by fingerprint.
//!
//! A lone secret joins the ID that it stood beside anywhere else, or that stands in a file beside it (`join.rs`). Where
//! one ID stood beside several secrets, the one with the most and best support is its secret, and each other is a finding
//! of its own.

mod join;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{
    AccessKeyId, Confidence, Credential, Detection, Finding, Fingerprint, Layer, PartRole, Secret, SecretHash,
    SightingPlace,
};
use join::{Join, joins};

/// What gathering asks of the rules and of the inventory.
pub(crate) trait Knowledge {
    /// Whether documentation publishes this value.
    fn is_sample(&self, value: &[u8]) -> bool;
    /// The rule that names this credential.
    fn rule_of(&self, credential: &Credential) -> &str;
    /// What the name of a file says of its content: which part of an AccessKey, whether that is beyond doubt, and the
    /// rest of the name.
    fn told_by(&self, file: &str) -> Option<(PartRole, bool, String)>;
    /// The ID that the inventory knows this secret to be of.
    fn owner_of(&self, secret: &SecretHash) -> Option<AccessKeyId>;
}

/// Folds places into findings. Tells also the places of secrets that need an ID and have none.
pub(crate) fn gather(places: Vec<SightingPlace>, rules: &dyn Knowledge) -> (Vec<Finding>, Vec<SightingPlace>) {
    let owners = owners_of_secrets(&places);
    let joins = joins(&places, &owners, rules);
    let mut keys: BTreeMap<Fingerprint, Vec<SightingPlace>> = BTreeMap::new();
    let mut joined: BTreeMap<Fingerprint, &Join> = BTreeMap::new();
    for mut place in places {
        trust_name_of_file(&mut place, rules);
        let credential = &place.detection.credential;
        let hash = credential.secret().map(Secret::hash);
        let owner = hash.and_then(|hash| owners.get(&hash));
        let join = hash.and_then(|hash| joins.get(&hash));
        match (credential, owner) {
            // The secret is another key's: this pairing was a mistake, or a second key's remainder.
            (Credential::KeyPair { id, .. }, Some(owner)) if owner != id => {
                demote(&mut place.detection, "the secret beside it belongs to another AccessKey ID");
            }
            (Credential::KeyPair { id, secret }, None) => {
                // Another secret is this ID's. Both are out: the place shows the ID, and the secret for itself.
                let mut alone = place.clone();
                let detection = Arc::make_mut(&mut alone.detection);
                detection.credential = Credential::KeySecret { secret: secret.clone(), needs_id: false };
                detection.confidence = Confidence::Medium;
                detection.evidence = vec![format!("beside {id}, which has another secret elsewhere")];
                keys.entry(Fingerprint::of(&alone.detection.credential)).or_default().push(alone);
                demote(&mut place.detection, "another secret stands beside it elsewhere");
            }
            _ => {}
        }
        let name = match (&place.detection.credential, owner.or(join.map(|join| &join.id))) {
            (Credential::KeySecret { .. }, Some(id)) => Fingerprint::of_id(id),
            (credential, _) => Fingerprint::of(credential),
        };
        if let Some(join) = join {
            joined.insert(name.clone(), join);
        }
        keys.entry(name).or_default().push(place);
    }
    let fold = |(fingerprint, places)| {
        let join = joined.get(&fingerprint).copied();
        fold(fingerprint, places, join, rules)
    };
    let (halves, findings): (Vec<Finding>, Vec<Finding>) =
        keys.into_iter().map(fold).partition(|finding| finding.credential.needs_id());
    (findings, halves.into_iter().flat_map(|finding| finding.places).collect())
}

/// A value without any name in it is what its file is called.
fn trust_name_of_file(place: &mut SightingPlace, rules: &dyn Knowledge) {
    let doubtful = place.detection.confidence == Confidence::Low;
    if !doubtful || !matches!(place.detection.credential, Credential::KeySecret { .. }) {
        return;
    }
    if let Some((PartRole::AccessKeySecret, true, _)) = rules.told_by(&join::file_name(place)) {
        let detection = Arc::make_mut(&mut place.detection);
        if let Credential::KeySecret { needs_id, .. } = &mut detection.credential {
            *needs_id = false;
        }
        detection.confidence = Confidence::Medium;
        detection.evidence.push("the name of its file says that it is an AccessKey secret".to_owned());
    }
}

/// The ID that each secret belongs to: of all pairs, those with the most and best support first, one to one.
fn owners_of_secrets(places: &[SightingPlace]) -> BTreeMap<SecretHash, AccessKeyId> {
    let mut support: BTreeMap<(&AccessKeyId, SecretHash), (Confidence, usize)> = BTreeMap::new();
    for place in places {
        if let Credential::KeyPair { id, secret } = &place.detection.credential {
            let (confidence, count) = support.entry((id, secret.hash())).or_insert((Confidence::Low, 0));
            *confidence = place.detection.confidence.max(*confidence);
            *count += 1;
        }
    }
    let mut pairs: Vec<_> = support.into_iter().collect();
    pairs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut owners: BTreeMap<SecretHash, AccessKeyId> = BTreeMap::new();
    let mut owning = std::collections::BTreeSet::new();
    for ((id, secret), _) in pairs {
        if !owners.contains_key(&secret) && owning.insert(id) {
            owners.insert(secret, id.clone());
        }
    }
    owners
}

/// The ID of a pair alone.
fn demote(detection: &mut Arc<Detection>, why: &str) {
    if let Credential::KeyPair { id, .. } = &detection.credential {
        let credential = Credential::KeyId { id: id.clone(), masked: false };
        let detection = Arc::make_mut(detection);
        detection.credential = credential;
        detection.evidence = vec![why.to_owned()];
    }
}

fn fold(
    fingerprint: Fingerprint,
    mut places: Vec<SightingPlace>,
    join: Option<&Join>,
    rules: &dyn Knowledge,
) -> Finding {
    places.sort();
    places.dedup();
    let best = places
        .iter()
        .max_by_key(|place| {
            let detection = &place.detection;
            (std::cmp::Reverse(detection.credential.kind()), detection.confidence)
        })
        .expect("a finding is made from at least one place");
    let mut evidence = evidence(&best.detection);
    let kind = best.detection.credential.kind();
    let mut credential = most_complete(&places, best.detection.credential.clone());
    let mut confidence = places
        .iter()
        .filter(|place| place.detection.credential.kind() == kind)
        .map(|place| place.detection.confidence)
        .max()
        .unwrap_or(Confidence::Low);
    if let (Credential::KeySecret { secret, .. }, Some(join)) = (&credential, join) {
        credential = Credential::KeyPair { id: join.id.clone(), secret: secret.clone() };
        confidence = join.confidence;
        evidence.insert(0, join.evidence.clone());
    }
    let sample = match (credential.secret(), credential.id()) {
        (Some(secret), _) => rules.is_sample(secret.expose()),
        (None, Some(id)) => rules.is_sample(id.as_str().as_bytes()),
        (None, None) => false,
    };
    let rule = rules.rule_of(&credential).to_owned();
    Finding { fingerprint, rule, credential, confidence, sample, evidence, places }
}

fn evidence(detection: &Detection) -> Vec<String> {
    let layers = detection.layers.iter().map(|Layer(layer)| format!("read through {layer}"));
    detection.evidence.iter().cloned().chain(layers).collect()
}

/// The credential with what only some of its places know: no mask if one place has none, the latest end.
fn most_complete(places: &[SightingPlace], best: Credential) -> Credential {
    let kind = best.kind();
    let same_kind = || places.iter().map(|place| &place.detection.credential).filter(|other| other.kind() == kind);
    match best {
        Credential::KeyId { id, .. } => {
            let masked = same_kind().all(|other| matches!(other, Credential::KeyId { masked: true, .. }));
            Credential::KeyId { id, masked }
        }
        Credential::KeySecret { secret, .. } => {
            let needs_id = same_kind().all(Credential::needs_id);
            Credential::KeySecret { secret, needs_id }
        }
        // Each place is a grant of its own: they have all ended only if each of them has.
        Credential::SignedRequest { id, .. } => {
            let ends: Option<Vec<_>> = same_kind().map(Credential::expires).collect();
            Credential::SignedRequest { id, expires: ends.and_then(|ends| ends.into_iter().max()) }
        }
        // All places are the same credential: its end is known if it stands beside one of them.
        Credential::TemporaryCredential { id, secret, token, .. } => Credential::TemporaryCredential {
            id,
            secret: secret.or_else(|| same_kind().find_map(Credential::secret).cloned()),
            token: token.or_else(|| same_kind().find_map(Credential::token).cloned()),
            expires: same_kind().filter_map(Credential::expires).max(),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Origin, PathBytes, Place, Reach, Region, Sighting};

    struct NoSamples;

    impl Knowledge for NoSamples {
        fn is_sample(&self, _: &[u8]) -> bool {
            false
        }

        fn rule_of(&self, credential: &Credential) -> &str {
            credential.kind().name()
        }

        fn told_by(&self, file: &str) -> Option<(PartRole, bool, String)> {
            let told = |word, part| file.contains(word).then(|| (part, true, file.replace(word, "")));
            told("ID", PartRole::AccessKeyId).or_else(|| told("SECRET", PartRole::AccessKeySecret))
        }

        fn owner_of(&self, secret: &SecretHash) -> Option<AccessKeyId> {
            (*secret == SecretHash::of(b"known")).then(|| id("K"))
        }
    }

    fn place(path: &str, credential: Credential, confidence: Confidence) -> SightingPlace {
        let sighting = Sighting {
            place: Place::Worktree,
            path: PathBytes::from(path),
            reach: Reach::Local,
            in_head: false,
            provenance: None,
        };
        let detection = Detection {
            rule: credential.kind().name().to_owned(),
            credential,
            confidence,
            region: Region::default(),
            parts: Vec::new(),
            layers: Vec::new(),
            evidence: Vec::new(),
            written_as: Vec::new(),
        };
        SightingPlace {
            sighting: Arc::new(sighting),
            origin: Origin::File(PathBytes::from(path)),
            detection: Arc::new(detection),
            earlier: crate::model::Earlier::default(),
        }
    }

    fn id(name: &str) -> AccessKeyId {
        AccessKeyId::new(name.as_bytes()).unwrap()
    }

    fn pair(name: &str, secret: &str) -> Credential {
        Credential::KeyPair { id: id(name), secret: Secret::new(secret.as_bytes()) }
    }

    fn alone(secret: &str) -> Credential {
        Credential::KeySecret { secret: Secret::new(secret.as_bytes()), needs_id: false }
    }

    fn only_id(name: &str, masked: bool) -> Credential {
        Credential::KeyId { id: id(name), masked }
    }

    fn kinds(places: Vec<SightingPlace>) -> Vec<(Kind, usize)> {
        let mut kinds: Vec<_> = gather(places, &NoSamples)
            .0
            .iter()
            .map(|finding| (finding.credential.kind(), finding.places.len()))
            .collect();
        kinds.sort();
        kinds
    }

    #[test]
    fn all_places_of_a_key_are_one_finding() {
        let places = vec![
            place("a", pair("A", "s"), Confidence::High),
            place("b", only_id("A", false), Confidence::High),
            place("c", alone("s"), Confidence::Medium),
            place("a", pair("A", "s"), Confidence::High),
        ];
        assert_eq!(kinds(places), [(Kind::KeyPair, 3)]);
    }

    #[test]
    fn a_second_secret_of_an_id_is_a_finding_of_its_own() {
        let places = vec![
            place("a", pair("A", "s"), Confidence::High),
            place("b", pair("A", "s"), Confidence::High),
            place("c", pair("A", "t"), Confidence::High),
        ];
        assert_eq!(kinds(places), [(Kind::KeyPair, 3), (Kind::KeySecret, 1)]);
    }

    #[test]
    fn an_id_and_a_secret_in_files_of_one_folder_are_a_pair_of_lower_confidence() {
        let gathered = |places: Vec<SightingPlace>| gather(places, &NoSamples).0;
        let (high, low) = (Confidence::High, Confidence::Low);
        let places = vec![place("x/.env", only_id("A", false), high), place("x/.env.more", alone("s"), high)];
        let findings = gathered(places.clone());
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!((finding.credential.kind(), finding.confidence), (Kind::KeyPair, Confidence::Medium));
        assert_eq!(finding.fingerprint, Fingerprint::of(&only_id("A", false)));
        assert_eq!(finding.evidence, ["its ID and its secret stand in files of one folder"]);

        // In another folder, or where it is not clear which belong together, nothing is joined.
        let lone = [(Kind::KeySecret, 1), (Kind::KeyId, 1)];
        assert_eq!(kinds(vec![place("x/a", only_id("A", false), high), place("y/b", alone("s"), high)]), lone);
        let two = [places.clone(), vec![place("x/c", alone("t"), high)]].concat();
        assert_eq!(kinds(two), [(Kind::KeySecret, 1), (Kind::KeySecret, 1), (Kind::KeyId, 1)]);
        let also_elsewhere = [places, vec![place("y/.env", only_id("B", false), high), place("y/b", alone("s"), high)]];
        assert_eq!(kinds(also_elsewhere.concat()), [(Kind::KeySecret, 2), (Kind::KeyId, 1), (Kind::KeyId, 1)]);

        // Two of one content are no pair there, and none by another file that holds one of them again.
        let one = vec![place("x/a", only_id("A", false), high), place("x/a", alone("s"), high)];
        assert_eq!(kinds(one.clone()), lone);
        let again = [one, vec![place("x/b", only_id("A", false), high)]].concat();
        assert_eq!(kinds(again), [(Kind::KeySecret, 1), (Kind::KeyId, 2)]);

        // Names tell them apart. A value that nothing names is joined only if a name tells what lies there.
        let named = ["a", "b"].map(|stem| {
            let pair = [("ID", only_id(stem, false)), ("SECRET", alone(stem))];
            pair.map(|(word, credential)| place(&format!("x/{stem}{word}"), credential, low)).to_vec()
        });
        assert_eq!(kinds(named.concat()), [(Kind::KeyPair, 2), (Kind::KeyPair, 2)]);
        let beside = ["a", "b"].map(|stem| {
            let secret = place(&format!("x/{stem}SECRET"), alone(stem), high);
            [place(&format!("x/{stem}"), only_id(stem, false), high), secret]
        });
        assert_eq!(kinds(beside.concat()), [(Kind::KeyPair, 2), (Kind::KeyPair, 2)]);
        assert_eq!(kinds(vec![place("x/a", only_id("A", false), high), place("x/b", alone("s"), low)]), lone);
        assert_eq!(
            kinds(vec![place("x/ID", only_id("A", false), high), place("x/b", alone("s"), low)]),
            [(Kind::KeyPair, 2)]
        );
    }

    #[test]
    fn a_secret_that_needs_an_id_counts_beside_a_lone_one_alone() {
        let half = |path, secret: &str| {
            let secret = Secret::new(secret.as_bytes());
            place(path, Credential::KeySecret { secret, needs_id: true }, Confidence::Low)
        };
        let lone_id = |path, name| place(path, only_id(name, false), Confidence::High);
        let counts = |places: Vec<SightingPlace>| {
            let halves = gather(places.clone(), &NoSamples).1.len();
            (kinds(places), halves)
        };
        assert_eq!(counts(vec![half("x/b", "s")]), (vec![], 1));
        assert_eq!(counts(vec![lone_id("x/a", "A"), half("x/b", "s")]), (vec![(Kind::KeyPair, 2)], 0));
        // Another folder, two of them, another secret that has a better name, an ID that has its secret.
        assert_eq!(counts(vec![lone_id("x/a", "A"), half("y/b", "s")]), (vec![(Kind::KeyId, 1)], 1));
        let two = vec![lone_id("x/a", "A"), half("x/b", "s"), half("x/c", "t")];
        assert_eq!(counts(two), (vec![(Kind::KeyId, 1)], 2));
        let ids = vec![lone_id("x/a", "A"), lone_id("x/d", "B"), half("x/b", "s")];
        assert_eq!(counts(ids), (vec![(Kind::KeyId, 1), (Kind::KeyId, 1)], 1));
        let better = vec![lone_id("x/a", "A"), half("x/b", "s"), place("x/c", alone("t"), Confidence::High)];
        assert_eq!(counts(better), (vec![(Kind::KeyPair, 2)], 1));
        let paired = vec![place("x/a", pair("A", "t"), Confidence::High), half("x/b", "s")];
        assert_eq!(counts(paired), (vec![(Kind::KeyPair, 1)], 1));
        // It is one more place of a secret that is known to be one.
        let again = vec![place("x/a", pair("A", "s"), Confidence::High), half("y/b", "s")];
        assert_eq!(counts(again), (vec![(Kind::KeyPair, 2)], 0));
        let named = vec![place("x/a", alone("s"), Confidence::High), half("y/b", "s")];
        assert_eq!(counts(named), (vec![(Kind::KeySecret, 2)], 0));
    }

    #[test]
    fn an_inventory_that_knows_a_secret_joins_it_with_its_id_wherever_they_stand() {
        let places = vec![
            place("a/b", only_id("K", false), Confidence::Medium),
            place("c/d", alone("known"), Confidence::High),
            place("c/e", only_id("A", false), Confidence::High),
        ];
        assert_eq!(kinds(places.clone()), [(Kind::KeyPair, 2), (Kind::KeyId, 1)]);
        assert_eq!(kinds(places[1..].to_vec()), [(Kind::KeySecret, 1), (Kind::KeyId, 1)], "not with another's");
    }

    #[test]
    fn a_file_whose_name_says_so_holds_a_secret() {
        let of = |path| gather(vec![place(path, alone("s"), Confidence::Low)], &NoSamples).0[0].confidence;
        assert_eq!(
            (of("x/SECRET"), of("x/other"), of("SECRET/other")),
            (Confidence::Medium, Confidence::Low, Confidence::Low)
        );
    }

    #[test]
    fn a_secret_that_needs_an_id_needs_none_in_a_file_whose_name_says_what_it_is() {
        let credential = Credential::KeySecret { secret: Secret::new(b"s"), needs_id: true };
        assert_eq!(kinds(vec![place("x/SECRET", credential, Confidence::Low)]), [(Kind::KeySecret, 1)]);
    }

    #[test]
    fn a_secret_has_one_id() {
        let places = vec![place("a", pair("A", "s"), Confidence::High), place("b", pair("B", "s"), Confidence::Medium)];
        assert_eq!(kinds(places), [(Kind::KeyPair, 1), (Kind::KeyId, 1)]);
    }

    #[test]
    fn an_id_is_masked_only_if_all_its_places_are() {
        let masked =
            |places| matches!(gather(places, &NoSamples).0[0].credential, Credential::KeyId { masked: true, .. });
        let one = place("a", only_id("A", true), Confidence::High);
        assert!(masked(vec![one.clone()]));
        assert!(!masked(vec![one, place("b", only_id("A", false), Confidence::High)]));
    }

    #[test]
    fn the_order_of_places_does_not_matter() {
        let mut places = vec![
            place("a", pair("A", "s"), Confidence::High),
            place("b", pair("B", "s"), Confidence::High),
            place("c", pair("A", "t"), Confidence::High),
            place("d", alone("t"), Confidence::Medium),
        ];
        let forward = gather(places.clone(), &NoSamples);
        places.reverse();
        assert_eq!(gather(places, &NoSamples), forward);
    }
}
