//! Requests about configurations.

pub(crate) mod alter_configs;
mod changes;
pub(crate) mod describe_configs;
pub(crate) mod incremental_alter_configs;
pub(crate) mod list_config_resources;

use ottla_wire::errors::{Code, Refusal};

/// The id in a broker resource's name, which must be this node's.
fn check_node_id(name: &str, node_id: i32) -> Result<(), Refusal> {
    let Ok(id) = name.parse::<i32>() else {
        return Err(Code::INVALID_REQUEST.because(format!(
            "a broker is named by its id, which {name:?} is not"
        )));
    };
    if id == node_id {
        return Ok(());
    }
    Err(Code::INVALID_REQUEST.because(format!("this is broker {node_id}; ask broker {id} itself")))
}
