//! `ottla transactions force-terminate`: ends the open transaction of a transactional id as a new producer would.

use ottla_client::Admin;

use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The transactional id
    #[arg(long, value_name = "ID", alias = "transactionalId")]
    transactional_id: String,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    for (_, fenced) in admin.fence_producers(vec![args.transactional_id]).await? {
        fenced?;
    }
    Ok(String::new())
}
