//! Who may commit and read offsets.

use super::*;
use crate::group::groups::{CommitCheck, Committer};

fn check(world: &World, member_id: &str, epoch: i32, version: i16) -> Result<bool, Code> {
    let by = Committer {
        member_id,
        instance_id: None,
        generation_or_epoch: epoch,
        transactional: false,
        version,
    };
    let group = world.machine.groups.get(GROUP).unwrap();
    let check = group.check_commit(by).map_err(|refusal| refusal.code)?;
    let passed = matches!(check, CommitCheck::Passed);
    let each = [0, 1, 2, 3].map(|index| check.check("t", topic_id("t"), index).is_ok());
    // A commit behind the member's epoch counts for what it had already.
    let has = each.iter().filter(|ok| **ok).count();
    Ok(passed || has > 0)
}

#[test]
fn a_commit_counts_if_the_partition_was_the_members_at_that_epoch() {
    let mut world = world(&[("t", 4)]);
    let mut clients = [Client::new("a", &["t"]), Client::new("b", &["t"])];
    clients[0].join(&mut world);
    world.pass(1_000);
    assert_eq!(check(&world, "a", 2, 9), Ok(true));
    assert_eq!(check(&world, "a", 3, 9), Err(Code::STALE_MEMBER_EPOCH));
    assert_eq!(check(&world, "a", 2, 8), Err(Code::UNSUPPORTED_VERSION));
    assert_eq!(check(&world, "b", 2, 9), Err(Code::UNKNOWN_MEMBER_ID));
    assert_eq!(check(&world, "", -1, 9), Err(Code::UNKNOWN_MEMBER_ID));
    clients[1].join(&mut world);
    settle(&mut world, &mut clients);
    // Both are at 3; a has its two since 2, b since 3.
    assert_eq!(check(&world, "a", 2, 9), Ok(true));
    assert_eq!(check(&world, "a", 1, 9), Ok(false));
    assert_eq!(check(&world, "b", 2, 9), Ok(false));
    let group = world.machine.groups.get(GROUP).unwrap();
    let code =
        |member: Option<&str>, epoch| group.check_fetch(member, epoch).err().map(|it| it.code);
    assert_eq!(code(None, -1), None);
    assert_eq!(code(Some("a"), 3), None);
    assert_eq!(code(Some("a"), 2), Some(Code::STALE_MEMBER_EPOCH));
    assert_eq!(code(Some("x"), 3), Some(Code::UNKNOWN_MEMBER_ID));
    assert_eq!(
        group.check_delete().unwrap_err().code,
        Code::NON_EMPTY_GROUP
    );
    assert!(group.is_subscribed_to("t") && !group.is_subscribed_to("u"));
}

#[test]
fn anybody_commits_to_an_empty_group_and_it_can_be_deleted() {
    let mut world = world(&[("t", 1)]);
    let mut a = Client::new("a", &["t"]);
    a.join(&mut world);
    beat(&mut world, a.leaving(-1));
    assert_eq!(check(&world, "", -1, 1), Ok(true));
    let input = Input::DeleteGroups(caller("admin", 2), vec![GROUP.to_owned()]);
    let records = written(&mut world, |world| {
        world.reply(input);
    });
    assert_eq!(
        records,
        ["no target epoch", "no partition metadata", "no epoch"]
    );
    assert_eq!(describe(&mut world).error_code, Code::GROUP_ID_NOT_FOUND.0);
}
