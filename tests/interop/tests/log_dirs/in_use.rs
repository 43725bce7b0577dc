//! A directory that a running node uses, of either program, is refused by the other.

use ottla_interop::{clients, server::Kind};

use super::asks::Site;

#[test]
fn a_directory_that_is_in_use_is_refused_by_the_name_of_its_lock() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), &[]);
    for holder in [Kind::under_test(), Kind::Kafka] {
        let (server, _) = site.start(holder);
        let mut second = clients::ottla(&["serve"]);
        let second = second.arg(dir.path().join("server.properties")).output();
        let second = second.expect("ottla");
        let said = [second.stdout, second.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let lock = site.path("data").join(".lock").display().to_string();
        assert!(
            !second.status.success() && said.contains(&lock),
            "{holder:?}: {}: {said}",
            second.status
        );
        if holder == Kind::under_test() {
            let kafka = site.node.try_start(Kind::Kafka);
            assert!(kafka.is_err(), "Apache Kafka starts beside Ottla");
        }
        server.kill();
    }
}
