//! `config.providers`: values that stand in a file, a directory or the environment, as `${name:path:key}`.

use std::collections::BTreeMap;

use crate::key::Invalid;

const PROVIDERS: &str = "config.providers";

/// Where a provider looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// `EnvVarConfigProvider`: the key is a variable.
    Environment,
    /// `FileConfigProvider`: the path is a properties file, the key one of its keys.
    File,
    /// `DirectoryConfigProvider`: the path is a directory, the key a file in it, whose text is the value.
    Directory,
}

/// A `${name:path:key}` to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where to look.
    pub kind: ProviderKind,
    /// The path between the colons, empty when there is none.
    pub path: String,
    /// What to look for there.
    pub key: String,
    /// The provider's own settings: what follows `config.providers.NAME.param.`, such as `allowed.paths`.
    pub parameters: BTreeMap<String, String>,
}

/// How references are looked up: the value, nothing if there is none, or why it cannot be read.
pub type Resolve<'a> = dyn FnMut(&Reference) -> Result<Option<String>, String> + 'a;

struct Provider {
    kind: ProviderKind,
    parameters: BTreeMap<String, String>,
}

/// Replaces the references in all values; one that has no value stays as it is, as in Kafka.
pub(crate) fn resolve(
    pairs: &mut BTreeMap<String, String>,
    lookup: &mut Resolve<'_>,
) -> Vec<Invalid> {
    let (providers, mut errors) = configured(pairs);
    if providers.is_empty() {
        return errors;
    }
    for (name, value) in pairs
        .iter_mut()
        .filter(|(name, _)| !name.starts_with(PROVIDERS))
    {
        match replace(value, &providers, lookup) {
            Ok(replaced) => *value = replaced,
            Err(rule) => errors.push(Invalid::without_value(name, rule)),
        }
    }
    errors
}

fn configured(pairs: &BTreeMap<String, String>) -> (BTreeMap<String, Provider>, Vec<Invalid>) {
    let (mut providers, mut errors) = (BTreeMap::new(), Vec::new());
    let names = pairs.get(PROVIDERS).map_or("", String::as_str);
    for name in names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let key = format!("{PROVIDERS}.{name}.class");
        let class = pairs.get(&key).map_or("", |class| class.trim());
        match kind_of(class) {
            Some(kind) => {
                let prefix = format!("{PROVIDERS}.{name}.param.");
                let parameters = pairs
                    .iter()
                    .filter_map(|(key, value)| {
                        Some((key.strip_prefix(&prefix)?.to_owned(), value.clone()))
                    })
                    .collect();
                providers.insert(name.to_owned(), Provider { kind, parameters });
            }
            None => errors.push(Invalid::new(
                &key,
                class,
                "must be EnvVarConfigProvider, FileConfigProvider or DirectoryConfigProvider of \
                 org.apache.kafka.common.config.provider",
            )),
        }
    }
    (providers, errors)
}

fn kind_of(class: &str) -> Option<ProviderKind> {
    match class.strip_prefix("org.apache.kafka.common.config.provider.")? {
        "EnvVarConfigProvider" => Some(ProviderKind::Environment),
        "FileConfigProvider" => Some(ProviderKind::File),
        "DirectoryConfigProvider" => Some(ProviderKind::Directory),
        _ => None,
    }
}

fn replace(
    text: &str,
    providers: &BTreeMap<String, Provider>,
    lookup: &mut Resolve<'_>,
) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let (whole, inner) = (
            &rest[start..=start + length],
            &rest[start + 2..start + length],
        );
        out.push_str(&rest[..start]);
        match look_up(inner, providers, lookup)? {
            Some(value) => out.push_str(&value),
            None => out.push_str(whole),
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// `inner` is `name:key` or `name:path:key`; a path ends at the second colon, what follows is the key.
fn look_up(
    inner: &str,
    providers: &BTreeMap<String, Provider>,
    lookup: &mut Resolve<'_>,
) -> Result<Option<String>, String> {
    let Some((name, rest)) = inner.split_once(':') else {
        return Ok(None);
    };
    let Some(provider) = providers.get(name) else {
        return Ok(None);
    };
    let (path, key) = rest.split_once(':').unwrap_or(("", rest));
    let reference = Reference {
        kind: provider.kind.clone(),
        path: path.to_owned(),
        key: key.to_owned(),
        parameters: provider.parameters.clone(),
    };
    lookup(&reference)
        .map_err(|why| format!("must have a value that can be read, ${{{inner}}} cannot: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(items: &[(&str, &str)]) -> BTreeMap<String, String> {
        items
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    const ENV: (&str, &str) = (
        "config.providers.env.class",
        "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    );
    const FILE: (&str, &str) = (
        "config.providers.file.class",
        "org.apache.kafka.common.config.provider.FileConfigProvider",
    );

    #[test]
    fn references_are_replaced_wherever_they_stand() {
        let mut given = pairs(&[
            ("config.providers", "env, file"),
            ENV,
            FILE,
            ("config.providers.file.param.allowed.paths", "/etc"),
            ("a", "x${env:USER}y${file:/etc/p:k.e.y}z"),
            ("b", "${env:NONE} ${other:x} ${open ${env"),
        ]);
        let mut seen = Vec::new();
        let errors =
            resolve(&mut given, &mut |reference| {
                seen.push(reference.clone());
                Ok((reference.key != "NONE")
                    .then(|| format!("<{}|{}>", reference.path, reference.key)))
            });
        assert_eq!(errors, []);
        assert_eq!(given["a"], "x<|USER>y</etc/p|k.e.y>z");
        assert_eq!(given["b"], "${env:NONE} ${other:x} ${open ${env");
        assert_eq!(seen[1].kind, ProviderKind::File);
        assert_eq!(seen[1].parameters, pairs(&[("allowed.paths", "/etc")]));
    }

    #[test]
    fn without_providers_nothing_is_looked_up() {
        let mut given = pairs(&[("a", "${env:USER}")]);
        assert_eq!(resolve(&mut given, &mut |_| Err("asked".into())), []);
        assert_eq!(given["a"], "${env:USER}");
    }

    #[test]
    fn an_unknown_class_and_an_unreadable_value_are_errors() {
        let mut given = pairs(&[
            ("config.providers", "env,vault"),
            ENV,
            ("config.providers.vault.class", "com.x.Vault"),
            ("ssl.key.password", "${env:SECRET}"),
        ]);
        let errors = resolve(&mut given, &mut |_| Err("not allowed".into()));
        let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, ["config.providers.vault.class", "ssl.key.password"]);
        assert!(
            errors[1].to_string().contains("not allowed"),
            "{}",
            errors[1]
        );
    }
}
