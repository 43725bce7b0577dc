//! All groups: every broker is asked for those that it coordinates.

use ottla_wire::messages::{
    list_groups_request::ListGroupsRequest, list_groups_response::ListedGroup,
};

use super::{super::Admin, CONSUMER_PROTOCOL, GroupState, GroupType};
use crate::{
    ClientError, Connection, Result, cluster::Scope, connection::request_name,
    coordinators::may_pass, runtime,
};

/// The first version of ListGroups that filters by type.
const FIRST_BY_TYPE: i16 = 5;

/// Which groups are listed; an empty filter lets all pass.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupFilter {
    /// In these states.
    pub states: Vec<GroupState>,
    /// Of these types.
    pub types: Vec<GroupType>,
    /// With these protocol types; that of a group that only keeps offsets is empty.
    pub protocol_types: Vec<String>,
}

impl GroupFilter {
    /// Groups of consumers, of either type.
    pub fn consumers() -> Self {
        Self {
            states: Vec::new(),
            types: vec![GroupType::Classic, GroupType::Consumer],
            protocol_types: vec![String::new(), CONSUMER_PROTOCOL.into()],
        }
    }

    /// As a request of a version. Brokers of older ones know no type but the classic one, so a filter that admits it and
    /// asks for nothing that they could hide can be left out.
    fn request(&self, connection: &Connection, version: i16) -> Result<ListGroupsRequest> {
        let mut types: Vec<String> = self.types.iter().map(|kind| kind.name().into()).collect();
        if version < FIRST_BY_TYPE && !types.is_empty() {
            let old = |kind: &GroupType| matches!(kind, GroupType::Classic | GroupType::Consumer);
            if !(self.types.contains(&GroupType::Classic) && self.types.iter().all(old)) {
                return Err(ClientError::Unsupported {
                    request: request_name::<ListGroupsRequest>(),
                    broker: connection.broker().clone(),
                    ours: format!("version {FIRST_BY_TYPE} to filter by type"),
                    theirs: format!("versions up to {version}"),
                });
            }
            types.clear();
        }
        Ok(ListGroupsRequest {
            states_filter: self
                .states
                .iter()
                .map(|state| state.name().into())
                .collect(),
            types_filter: types,
            ..ListGroupsRequest::default()
        })
    }
}

/// A group in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupListing {
    /// Its id.
    pub group: String,
    /// Which protocol its members speak; `None` if the broker is too old to say.
    pub group_type: Option<GroupType>,
    /// `consumer` for consumers; empty if it only keeps offsets.
    pub protocol_type: String,
    /// What it is about; `None` if the broker is too old to say.
    pub state: Option<GroupState>,
}

/// What the brokers listed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListedGroups {
    /// Groups by id.
    pub groups: Vec<GroupListing>,
    /// Brokers that did not answer, by node id.
    pub failures: Vec<(i32, ClientError)>,
}

impl Admin {
    /// Lists groups.
    ///
    /// # Errors
    /// Those of asking which brokers there are; a broker that fails is listed with its failure.
    pub async fn list_groups(&self, filter: &GroupFilter) -> Result<ListedGroups> {
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let brokers = self.cluster.retry("finding all brokers", deadline, || {
            self.cluster.refresh(&Scope::Brokers)
        });
        let (view, _) = brokers.await?;
        let brokers: Vec<i32> = view.brokers.keys().copied().collect();
        let answers = self.settle("listing groups", brokers, may_pass, |brokers| async move {
            let mut answers = Vec::with_capacity(brokers.len());
            for broker in brokers {
                answers.push((broker, self.list_at(broker, filter).await));
            }
            Ok(answers)
        });
        let mut listed = ListedGroups::default();
        for (broker, answer) in answers.await? {
            match answer {
                Ok(groups) => listed.groups.extend(groups),
                Err(error) => listed.failures.push((broker, error)),
            }
        }
        listed
            .groups
            .sort_by(|one, other| one.group.cmp(&other.group));
        listed
            .groups
            .dedup_by(|one, other| one.group == other.group);
        Ok(listed)
    }

    async fn list_at(&self, broker: i32, filter: &GroupFilter) -> Result<Vec<GroupListing>> {
        let name = request_name::<ListGroupsRequest>();
        let connection = self.cluster.connection(broker).await?;
        let version = connection.version::<ListGroupsRequest>()?;
        let request = filter.request(&connection, version)?;
        let answer = connection.send_as(&request, version).await?;
        let (asked, code) = (connection.broker(), answer.error_code);
        if let Some(refusal) = ClientError::refusal(name, asked, "all groups", code, None) {
            return Err(refusal);
        }
        let is_wanted = |group: &ListedGroup| {
            filter.protocol_types.is_empty() || filter.protocol_types.contains(&group.protocol_type)
        };
        Ok(answer
            .groups
            .into_iter()
            .filter(is_wanted)
            .map(listing)
            .collect())
    }
}

fn listing(group: ListedGroup) -> GroupListing {
    let said = |name: &String| !name.is_empty();
    GroupListing {
        group_type: Some(&group.group_type)
            .filter(|name| said(name))
            .map(|name| GroupType::parse(name)),
        state: Some(&group.group_state)
            .filter(|name| said(name))
            .map(|name| GroupState::parse(name)),
        group: group.group_id,
        protocol_type: group.protocol_type,
    }
}
