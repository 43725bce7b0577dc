//! Which limit of one kind holds for whom: users and client ids, by name or default, the most specific first.

use std::collections::BTreeMap;

use crate::Image;

/// By name, or for those who have none of their own.
#[derive(Clone, PartialEq, Debug)]
struct Named<T> {
    by_name: BTreeMap<String, T>,
    default: Option<T>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
            default: None,
        }
    }
}

impl<T> Named<T> {
    fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.default.is_none()
    }
}

impl<T: Default> Named<T> {
    fn entry(&mut self, name: Option<&str>) -> &mut T {
        match name {
            None => self.default.get_or_insert_default(),
            Some(name) => self.by_name.entry(name.to_owned()).or_default(),
        }
    }
}

impl Named<f64> {
    fn of(&self, name: &str) -> Option<f64> {
        self.by_name.get(name).copied().or(self.default)
    }
}

/// Whom a use is counted for: what is empty is not told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counted<'a> {
    pub(super) user: &'a str,
    pub(super) client_id: &'a str,
}

/// The limits of one key.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Limits {
    /// By user, then by client id.
    pairs: Named<Named<f64>>,
    users: Named<f64>,
    clients: Named<f64>,
}

impl Limits {
    /// Those of an image.
    pub(super) fn of(image: &Image, key: &str) -> Self {
        let mut limits = Self::default();
        for (entity, quotas) in image.all_quotas() {
            let Some(limit) = quotas.get(key) else {
                continue;
            };
            let (user, client) = (entity.0.get("user"), entity.0.get("client-id"));
            let slot = match (user, client) {
                (Some(user), Some(client)) => {
                    let of_user = limits.pairs.entry(user.as_deref());
                    of_user.entry(client.as_deref())
                }
                (Some(user), None) => limits.users.entry(user.as_deref()),
                (None, Some(client)) => limits.clients.entry(client.as_deref()),
                (None, None) => continue,
            };
            *slot = *limit;
        }
        limits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.users.is_empty() && self.clients.is_empty()
    }

    /// Whom this use is counted for. With limits of one form only, everybody is told apart by what that form names;
    /// with several, by the most specific that exists for them.
    pub(super) fn counted<'a>(&self, user: &'a str, client_id: &'a str) -> Counted<'a> {
        let forms = (
            !self.pairs.is_empty(),
            !self.users.is_empty(),
            !self.clients.is_empty(),
        );
        let (by_user, by_client) = match forms {
            (false, false, _) => (false, true),
            (false, true, false) => (true, false),
            (true, false, false) => (true, true),
            _ => self.most_specific(user, client_id),
        };
        Counted {
            user: if by_user { user } else { "" },
            client_id: if by_client { client_id } else { "" },
        }
    }

    fn most_specific(&self, user: &str, client_id: &str) -> (bool, bool) {
        let pair = |of: Option<&Named<f64>>| of.is_some_and(|of| of.of(client_id).is_some());
        if pair(self.pairs.by_name.get(user)) {
            (true, true)
        } else if self.users.by_name.contains_key(user) {
            (true, false)
        } else if pair(self.pairs.default.as_ref()) {
            (true, true)
        } else if self.users.default.is_some() {
            (true, false)
        } else {
            (false, true)
        }
    }

    /// The limit of those who are counted so.
    pub(super) fn limit(&self, of: Counted<'_>) -> Option<f64> {
        match (of.user, of.client_id) {
            ("", "") => None,
            (user, "") => self.users.of(user),
            ("", client_id) => self.clients.of(client_id),
            (user, client_id) => {
                let of_user = self.pairs.by_name.get(user);
                let own = of_user.and_then(|of_user| of_user.of(client_id));
                let of_any = self.pairs.default.as_ref();
                own.or_else(|| of_any.and_then(|of_any| of_any.of(client_id)))
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ottla_wire::messages::{
        ClientQuotaRecord, MetadataRecord, client_quota_record::EntityData,
    };

    use super::*;

    /// An image with these limits, as (user, client id, limit), `*` for the default and an empty name for none.
    pub(in super::super) fn image(key: &str, limits: &[(&str, &str, f64)]) -> Image {
        let mut image = Image::default();
        for (user, client, value) in limits {
            let part = |(kind, name): (&str, &str)| EntityData {
                entity_type: kind.to_owned(),
                entity_name: (name != "*").then(|| name.to_owned()),
                ..EntityData::default()
            };
            let parts = [("user", *user), ("client-id", *client)].into_iter();
            let record = ClientQuotaRecord {
                entity: parts.filter(|of| !of.1.is_empty()).map(part).collect(),
                key: key.to_owned(),
                value: *value,
                ..ClientQuotaRecord::default()
            };
            image.apply(&MetadataRecord::ClientQuota(record)).unwrap();
        }
        image
    }

    fn found(limits: &Limits, user: &str, client_id: &str) -> (String, Option<f64>) {
        let counted = limits.counted(user, client_id);
        let name = format!("{}/{}", counted.user, counted.client_id);
        (name, limits.limit(counted))
    }

    #[test]
    fn the_most_specific_limit_counts() {
        let all = [
            ("u", "c", 1.0),
            ("u", "*", 2.0),
            ("u", "", 3.0),
            ("*", "c", 4.0),
            ("*", "*", 5.0),
            ("*", "", 6.0),
            ("", "c", 7.0),
            ("", "*", 8.0),
        ];
        // Each limit in its turn is the most specific one that is left.
        for from in 0..all.len() {
            let limits = Limits::of(&image("k", &all[from..]), "k");
            let expected = match from {
                0 | 1 | 3 | 4 => "u/c",
                2 | 5 => "u/",
                _ => "/c",
            };
            let limit = Some(all[from].2);
            assert_eq!(
                found(&limits, "u", "c"),
                (expected.to_owned(), limit),
                "{from}"
            );
        }
        let limits = Limits::of(&image("k", &all), "k");
        assert_eq!(found(&limits, "u", "d").1, Some(2.0));
        assert_eq!(found(&limits, "v", "c").1, Some(4.0));
        assert_eq!(found(&limits, "v", "d").1, Some(5.0));
        assert!(Limits::of(&image("k", &all), "other").is_empty());
    }

    #[test]
    fn one_form_alone_tells_everybody_apart() {
        let limits = Limits::of(&image("k", &[("u", "", 3.0)]), "k");
        assert_eq!(found(&limits, "v", "c"), ("v/".to_owned(), None));
        let limits = Limits::of(&image("k", &[("u", "c", 3.0)]), "k");
        assert_eq!(found(&limits, "v", "d"), ("v/d".to_owned(), None));
        let limits = Limits::of(&image("k", &[("", "*", 3.0)]), "k");
        assert_eq!(found(&limits, "v", "d"), ("/d".to_owned(), Some(3.0)));
        // Who says no client id has no limit of clients, as with Kafka.
        assert_eq!(found(&limits, "v", ""), ("/".to_owned(), None));
    }
}
