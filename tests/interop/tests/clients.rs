//! 100,000 log lines with each compression, in by one client and out by the others, byte for byte.

use ottla_interop::{
    clients::{
        self, CODECS, assert_same, create_topic, java_consume, java_produce, kcat_consume,
        kcat_produce, ottla, python,
    },
    lines::log_lines,
    server::{Kind, Node},
};

const LINES: usize = 100_000;

fn ottla_consume(address: &str, topic: &str) -> Vec<u8> {
    let count = LINES.to_string();
    clients::run(&ottla(&[
        "consume",
        topic,
        "--bootstrap-server",
        address,
        "--from-beginning",
        "--max-messages",
        &count,
    ]))
}

#[test]
fn kcat_in_all_others_out() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &[]);
    let server = node.start(Kind::under_test());
    let address = server.address();
    for (codec, seed) in CODECS.iter().zip(1..) {
        let lines = log_lines(seed, LINES);
        let input = clients::file(dir.path(), "lines", &lines);
        let topic = format!("kcat-{codec}");
        create_topic(&address, &topic, 1, &[]);
        kcat_produce(&address, &topic, codec, &input);
        assert_same(
            &format!("{codec}: kcat"),
            &lines,
            &kcat_consume(&address, &topic, 0, "%s\n"),
        );
        assert_same(
            &format!("{codec}: java"),
            &lines,
            &java_consume(&address, &topic, LINES),
        );
        let read = clients::run(&python("consume.py", &[&address, &topic]));
        assert_same(&format!("{codec}: kafka-python"), &lines, &read);
        if Kind::under_test() == Kind::Ottla {
            assert_same(
                &format!("{codec}: ottla"),
                &lines,
                &ottla_consume(&address, &topic),
            );
        }
    }
    server.stop();
}

#[test]
fn all_others_in_kcat_out() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &[]);
    let server = node.start(Kind::under_test());
    let address = server.address();
    for (codec, seed) in CODECS.iter().zip(11..) {
        let lines = log_lines(seed, LINES);
        let input = clients::file(dir.path(), "lines", &lines);
        let path = input.display().to_string();
        for client in ["java", "python", "ottla"] {
            let topic = format!("{client}-{codec}");
            create_topic(&address, &topic, 1, &[]);
            match client {
                "java" => java_produce(&address, &topic, codec, &input),
                "python" => drop(clients::run(&python(
                    "produce.py",
                    &[&address, &topic, codec, &path],
                ))),
                _ if Kind::under_test() == Kind::Kafka => continue,
                _ => ottla_produce(&address, &topic, codec, &path),
            }
            assert_same(&topic, &lines, &kcat_consume(&address, &topic, 0, "%s\n"));
        }
    }
    server.stop();
}

fn ottla_produce(address: &str, topic: &str, codec: &str, path: &str) {
    let binary = ottla(&[]);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "file=$1; shift; exec \"$@\" < \"$file\"", "sh", path])
        .arg(binary.get_program());
    shell.args([
        "produce",
        topic,
        "--bootstrap-server",
        address,
        "--compression",
        codec,
    ]);
    clients::run(&shell);
}
