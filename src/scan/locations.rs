//! The places of a finding, as reports show them. In: places. Out: locations, sorted, every string redacted.

use crate::model::{
    Finding, Layer, Redactor, Region, ReportedLocation, ReportedPart, ReportedProvenance, ReportedRegion, SightingPlace,
};

/// Every place of `finding`, by place, path, commit, line and column.
pub(super) fn locations(redactor: &Redactor, finding: &Finding) -> Vec<ReportedLocation> {
    let mut locations: Vec<ReportedLocation> = finding.places.iter().map(|place| location(redactor, place)).collect();
    let order = |location: &ReportedLocation| {
        let commit = location.provenance.as_ref().and_then(|provenance| provenance.commit.clone());
        (location.place, location.path.clone(), commit, location.region.line, location.region.column)
    };
    locations.sort_by_cached_key(order);
    locations.dedup();
    locations
}

fn location(redactor: &Redactor, place: &SightingPlace) -> ReportedLocation {
    let (path, path_escaped) = redactor.bytes(place.path().as_bytes());
    let optional = |text: Option<String>| text.map(|text| redactor.text(text));
    let provenance = place.sighting.provenance.as_ref().map(|provenance| ReportedProvenance {
        commit: optional(provenance.commit.map(|commit| commit.to_string())),
        author: optional(provenance.author.clone()),
        time: provenance.time,
        blob: optional(provenance.blob.map(|blob| blob.to_string())),
        refs: provenance.refs.iter().map(|name| redactor.bytes(name.as_bytes()).0).collect(),
    });
    let detection = &place.detection;
    let members = place.origin.members().into_iter().map(|member| redactor.bytes(member.layer().as_bytes()).0);
    let encodings = detection.layers.iter().map(|Layer(layer)| redactor.text(layer));
    ReportedLocation {
        place: place.sighting.place,
        path,
        path_escaped,
        region: region(detection.region),
        in_head: place.sighting.in_head,
        provenance,
        layers: members.chain(encodings).collect(),
        parts: detection
            .parts
            .iter()
            .map(|part| ReportedPart { role: part.role, region: region(part.region) })
            .collect(),
    }
}

fn region(region: Region) -> ReportedRegion {
    ReportedRegion {
        line: region.start.line,
        column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
    }
}
