//! Access control entries. That there is an authorizer at all, its caller has checked.

use std::{collections::BTreeSet, net::IpAddr};

use ottla_machine::Moment;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        AccessControlEntryRecord, CreateAclsRequest, CreateAclsResponse, DeleteAclsRequest,
        DeleteAclsResponse, RemoveAccessControlEntryRecord,
        create_acls_request::AclCreation,
        create_acls_response::AclCreationResult,
        delete_acls_request::DeleteAclsFilter,
        delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl},
    },
};

use super::{Asked, Controller, Decision, MAX_RECORDS, message, nothing, topics::too_many};
use crate::{MetadataVersion, Record};

/// Kafka's numbers. 0 is "unknown" and 1 "any" in each of them.
const ANY: i8 = 1;
const CLUSTER: i8 = 4;
const MATCH: i8 = 2;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
/// The highest resource type, operation and permission.
const LAST_RESOURCE: i8 = 7;
const LAST_OPERATION: i8 = 15;
const LAST_PERMISSION: i8 = 3;

/// All of an entry but its id: two that agree in it are the same.
fn essence(of: &AccessControlEntryRecord) -> impl Ord + use<> {
    let numbers = [
        of.resource_type,
        of.pattern_type,
        of.operation,
        of.permission_type,
    ];
    let texts = [&of.resource_name, &of.principal, &of.host];
    (numbers, texts.map(String::clone))
}

fn entry(from: &AclCreation) -> AccessControlEntryRecord {
    AccessControlEntryRecord {
        resource_type: from.resource_type,
        resource_name: from.resource_name.clone(),
        pattern_type: from.resource_pattern_type,
        principal: from.principal.clone(),
        host: from.host.clone(),
        operation: from.operation,
        permission_type: from.permission_type,
        ..AccessControlEntryRecord::default()
    }
}

fn check_entry(of: &AclCreation, version: MetadataVersion) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Code::INVALID_REQUEST.because(why));
    if !(2..=LAST_RESOURCE).contains(&of.resource_type) {
        return refuse(format!(
            "resource type {} is none that can be protected",
            of.resource_type
        ));
    }
    if !matches!(of.resource_pattern_type, LITERAL | PREFIXED) {
        return refuse(format!(
            "pattern type {} is neither 3 LITERAL nor 4 PREFIXED",
            of.resource_pattern_type
        ));
    }
    if !(2..=LAST_OPERATION).contains(&of.operation) {
        return refuse(format!(
            "operation {} is none that can be granted",
            of.operation
        ));
    }
    if !(2..=LAST_PERMISSION).contains(&of.permission_type) {
        return refuse(format!(
            "permission {} is neither 2 DENY nor 3 ALLOW",
            of.permission_type
        ));
    }
    if of.resource_name.is_empty() {
        return refuse("a resource's name must not be empty".to_owned());
    }
    if of.resource_type == CLUSTER && of.resource_name != "kafka-cluster" {
        return refuse(format!(
            "the cluster is named kafka-cluster, not {}",
            of.resource_name
        ));
    }
    if !of.principal.contains(':') {
        return refuse(format!("principal '{}' must be TYPE:NAME", of.principal));
    }
    check_host(&of.host, version)
}

/// `*`, an address or host, or, in newer clusters, a range such as `10.0.0.0/8`.
fn check_host(host: &str, version: MetadataVersion) -> Result<(), Refusal> {
    if host.is_empty() {
        return Err(Code::INVALID_REQUEST.because("a host must not be empty: * means all"));
    }
    let Some((address, length)) = host.split_once('/') else {
        return Ok(());
    };
    if !version.has_cidr_acls() {
        return Err(Code::UNSUPPORTED_VERSION.because(format!(
            "a host can be a range from metadata.version 4.4-IV1 on, and the cluster is at {version}"
        )));
    }
    let bits = address.parse().map(|address| match address {
        IpAddr::V4(_) => 32_u8,
        IpAddr::V6(_) => 128,
    });
    match (bits, length.parse::<u8>()) {
        (Ok(bits), Ok(length)) if length <= bits => Ok(()),
        _ => Err(Code::INVALID_REQUEST.because(format!("'{host}' is no range ADDRESS/LENGTH"))),
    }
}

/// Whether a filter's numbers are ones that we know.
fn check_filter(filter: &DeleteAclsFilter) -> Result<(), Refusal> {
    let known = (1..=LAST_RESOURCE).contains(&filter.resource_type_filter)
        && (1..=PREFIXED).contains(&filter.pattern_type_filter)
        && (1..=LAST_OPERATION).contains(&filter.operation)
        && (1..=LAST_PERMISSION).contains(&filter.permission_type);
    if known {
        return Ok(());
    }
    Err(Code::INVALID_REQUEST
        .because("the filter has a type, operation or permission unknown here"))
}

/// Whether an entry is one that a filter means.
fn matches(filter: &DeleteAclsFilter, of: &AccessControlEntryRecord) -> bool {
    let number = |wanted: i8, has: i8| wanted == ANY || wanted == has;
    let text = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|it| it == has);
    let wanted = filter.pattern_type_filter;
    let name = match &filter.resource_name_filter {
        None => true,
        // What would apply to a resource of this name.
        Some(name) if wanted == MATCH => match of.pattern_type {
            PREFIXED => name.starts_with(&of.resource_name),
            _ => *name == of.resource_name || of.resource_name == "*",
        },
        Some(name) => *name == of.resource_name,
    };
    number(filter.resource_type_filter, of.resource_type)
        && (wanted == MATCH || number(wanted, of.pattern_type))
        && name
        && text(&filter.principal_filter, &of.principal)
        && text(&filter.host_filter, &of.host)
        && number(filter.operation, of.operation)
        && number(filter.permission_type, of.permission_type)
}

fn deleted(of: &AccessControlEntryRecord) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl {
        error_code: 0,
        error_message: None,
        resource_type: of.resource_type,
        resource_name: of.resource_name.clone(),
        pattern_type: of.pattern_type,
        principal: of.principal.clone(),
        host: of.host.clone(),
        operation: of.operation,
        permission_type: of.permission_type,
        ..DeleteAclsMatchingAcl::default()
    }
}

impl Controller {
    pub(super) fn create_acls(
        &self,
        moment: &mut Moment<'_>,
        asked: &Asked<CreateAclsRequest>,
    ) -> Decision<CreateAclsResponse> {
        let image = self.ledger.latest();
        let version = image.metadata_version_or_minimum();
        let mut known: BTreeSet<_> = image.acls().map(|of| essence(of)).collect();
        let (mut records, mut results) = (Vec::new(), Vec::new());
        for creation in &asked.request.creations {
            let checked = check_entry(creation, version);
            let entry = entry(creation);
            // One that is there already is as good as made.
            if checked.is_ok() && known.insert(essence(&entry)) {
                records.push(Record::from(AccessControlEntryRecord {
                    id: self.new_acl_id(moment),
                    ..entry
                }));
            }
            results.push(checked);
        }
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            results = results.iter().map(|_| Err(refusal.clone())).collect();
            records.clear();
        }
        let result = |of: Result<(), Refusal>| AclCreationResult {
            error_code: of.as_ref().err().map_or(0, |refusal| refusal.code.0),
            error_message: of.as_ref().err().and_then(message),
            ..AclCreationResult::default()
        };
        let answer = CreateAclsResponse {
            results: results.into_iter().map(result).collect(),
            ..CreateAclsResponse::default()
        };
        (records, answer)
    }

    fn new_acl_id(&self, moment: &mut Moment<'_>) -> Uuid {
        loop {
            let id = Uuid::from_entropy(moment.entropy.bytes16());
            if let Some(id) = id.filter(|id| self.ledger.latest().acl(*id).is_none()) {
                return id;
            }
        }
    }

    pub(super) fn delete_acls(
        &self,
        asked: &Asked<DeleteAclsRequest>,
    ) -> Decision<DeleteAclsResponse> {
        let mut ids = BTreeSet::new();
        let mut filter_results = Vec::new();
        for filter in &asked.request.filters {
            filter_results.push(match check_filter(filter) {
                Ok(()) => {
                    let acls = self.ledger.latest().acls();
                    let matching: Vec<_> = acls.filter(|of| matches(filter, of)).collect();
                    ids.extend(matching.iter().map(|of| of.id));
                    DeleteAclsFilterResult {
                        error_message: None,
                        matching_acls: matching.iter().map(|of| deleted(of)).collect(),
                        ..DeleteAclsFilterResult::default()
                    }
                }
                Err(refusal) => refused(&refusal),
            });
        }
        if ids.len() > MAX_RECORDS {
            let refusal = too_many(ids.len());
            let refusal = Code::INVALID_REQUEST.because(refusal.text().to_owned());
            return nothing(DeleteAclsResponse {
                filter_results: filter_results.iter().map(|_| refused(&refusal)).collect(),
                ..DeleteAclsResponse::default()
            });
        }
        let record = |id| {
            Record::from(RemoveAccessControlEntryRecord {
                id,
                ..RemoveAccessControlEntryRecord::default()
            })
        };
        let answer = DeleteAclsResponse {
            filter_results,
            ..DeleteAclsResponse::default()
        };
        (ids.into_iter().map(record).collect(), answer)
    }
}

fn refused(refusal: &Refusal) -> DeleteAclsFilterResult {
    DeleteAclsFilterResult {
        error_code: refusal.code.0,
        error_message: message(refusal),
        ..DeleteAclsFilterResult::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Input, Reply,
        testing::{World, asked, bootstrap, settings},
    };
    use super::*;

    fn creation(name: &str, pattern: i8, principal: &str) -> AclCreation {
        AclCreation {
            resource_type: 2,
            resource_name: name.to_owned(),
            resource_pattern_type: pattern,
            principal: principal.to_owned(),
            host: "*".to_owned(),
            operation: 3,
            permission_type: 3,
            ..AclCreation::default()
        }
    }

    fn create(world: &mut World, creations: Vec<AclCreation>) -> Vec<Code> {
        let request = CreateAclsRequest {
            creations,
            ..CreateAclsRequest::default()
        };
        match world.ask(Input::CreateAcls(asked(request, 3))) {
            Reply::CreateAcls(answer) => answer
                .results
                .iter()
                .map(|of| Code(of.error_code))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    fn delete(world: &mut World, filter: DeleteAclsFilter) -> (Code, Vec<String>) {
        let request = DeleteAclsRequest {
            filters: vec![filter],
            ..DeleteAclsRequest::default()
        };
        let Reply::DeleteAcls(answer) = world.ask(Input::DeleteAcls(asked(request, 3))) else {
            panic!("another reply");
        };
        let result = &answer.filter_results[0];
        let mut names: Vec<_> = result
            .matching_acls
            .iter()
            .map(|of| of.resource_name.clone())
            .collect();
        names.sort();
        (Code(result.error_code), names)
    }

    #[test]
    fn entries_are_made_once() {
        let mut world = World::new();
        let a = creation("a", LITERAL, "User:x");
        let twice = vec![a.clone(), a.clone(), creation("b", PREFIXED, "User:x")];
        assert_eq!(create(&mut world, twice), [Code::NONE; 3]);
        assert_eq!(world.image().acls().len(), 2);
        assert_eq!(create(&mut world, vec![a]), [Code::NONE]);
        assert_eq!(world.image().acls().len(), 2);
    }

    #[test]
    fn entries_that_are_refused() {
        type Spoil = fn(&mut AclCreation);
        let refused = Code::INVALID_REQUEST;
        let table: &[(Spoil, Code)] = &[
            (|of| of.resource_type = 1, refused),
            (|of| of.resource_type = 9, refused),
            (|of| of.resource_pattern_type = MATCH, refused),
            (|of| of.operation = ANY, refused),
            (|of| of.operation = 16, refused),
            (|of| of.permission_type = ANY, refused),
            (|of| of.resource_name = String::new(), refused),
            (|of| of.resource_type = CLUSTER, refused),
            (|of| of.principal = "alice".to_owned(), refused),
            (|of| of.host = String::new(), refused),
            (|of| of.host = "10.0.0.0/33".to_owned(), refused),
            (|of| of.host = "host/8".to_owned(), refused),
            (|of| of.host = "10.0.0.0/8".to_owned(), Code::NONE),
            (|of| of.host = "fe80::/64".to_owned(), Code::NONE),
        ];
        let mut world = World::new();
        for (at, (spoil, code)) in table.iter().enumerate() {
            let mut wanted = creation("a", LITERAL, "User:x");
            spoil(&mut wanted);
            assert_eq!(create(&mut world, vec![wanted]), [*code], "row {at}");
        }
        let mut settings = settings();
        settings.bootstrap = bootstrap(MetadataVersion::parse("4.3").unwrap());
        let mut world = World::inactive(settings);
        world.ask(Input::Activate { epoch: 1 });
        let mut wanted = creation("a", LITERAL, "User:x");
        wanted.host = "10.0.0.0/8".to_owned();
        assert_eq!(
            create(&mut world, vec![wanted]),
            [Code::UNSUPPORTED_VERSION]
        );
    }

    #[test]
    fn filters() {
        let all = || DeleteAclsFilter {
            resource_type_filter: ANY,
            resource_name_filter: None,
            pattern_type_filter: ANY,
            principal_filter: None,
            host_filter: None,
            operation: ANY,
            permission_type: ANY,
            ..DeleteAclsFilter::default()
        };
        type Narrow = fn(&mut DeleteAclsFilter);
        let table: &[(Narrow, &[&str])] = &[
            (|_| {}, &["*", "a", "ab", "b"]),
            (|of| of.resource_type_filter = 3, &[]),
            (|of| of.pattern_type_filter = PREFIXED, &["a"]),
            (
                |of| of.resource_name_filter = Some("ab".to_owned()),
                &["ab"],
            ),
            (
                |of| {
                    of.resource_name_filter = Some("ab".to_owned());
                    of.pattern_type_filter = MATCH;
                },
                &["*", "a", "ab"],
            ),
            (|of| of.principal_filter = Some("User:y".to_owned()), &["b"]),
            (|of| of.host_filter = Some("h".to_owned()), &[]),
            (|of| of.operation = 3, &["*", "a", "ab", "b"]),
            (|of| of.permission_type = 2, &[]),
        ];
        for (at, (narrow, names)) in table.iter().enumerate() {
            let mut world = World::new();
            let entries = vec![
                creation("*", LITERAL, "User:x"),
                creation("a", PREFIXED, "User:x"),
                creation("ab", LITERAL, "User:x"),
                creation("b", LITERAL, "User:y"),
            ];
            create(&mut world, entries);
            let mut filter = all();
            narrow(&mut filter);
            let (code, gone) = delete(&mut world, filter);
            assert_eq!(code, Code::NONE);
            assert!(gone.iter().eq(names.iter()), "row {at}: {gone:?}");
            assert_eq!(world.image().acls().len(), 4 - names.len());
        }
        let mut wrong = all();
        wrong.operation = 0;
        assert_eq!(delete(&mut World::new(), wrong).0, Code::INVALID_REQUEST);
    }
}
