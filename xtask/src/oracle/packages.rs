//! Programs that the distribution has packages for: which are missing, and installing them.

use std::process::{Command, Stdio};

use super::process::output;

/// How a program shows that it is there, and the Debian packages that bring it.
struct Program {
    check: &'static [&'static str],
    packages: &'static [&'static str],
}

const PROGRAMS: &[Program] = &[
    Program {
        check: &["kcat", "-V"],
        packages: &["kcat", "librdkafka1"],
    },
    Program {
        check: &["java", "-version"],
        packages: &["default-jdk-headless"],
    },
    Program {
        check: &["javac", "-version"],
        packages: &["default-jdk-headless"],
    },
    Program {
        check: &["mvn", "-v"],
        packages: &["maven"],
    },
    Program {
        check: &["python3", "-c", "import ensurepip, venv"],
        packages: &["python3-venv"],
    },
    Program {
        check: &["node", "--version"],
        packages: &["nodejs"],
    },
    Program {
        check: &["npm", "--version"],
        packages: &["npm"],
    },
    Program {
        check: &["valgrind", "--version"],
        packages: &["valgrind"],
    },
    Program {
        check: &["zstd", "-V"],
        packages: &["zstd"],
    },
];

/// The packages of the programs that are not there.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages: Vec<&str> = PROGRAMS
        .iter()
        .filter(|program| !works(program.check))
        .flat_map(|program| program.packages.iter().copied())
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// Installs what is missing, if there is apt-get and the right to use it.
pub(crate) fn install_missing() -> Result<(), String> {
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    eprintln!("installing packages: {}", packages.join(" "));
    let tried = apt_get(&["update"]).and_then(|()| {
        apt_get(&[&["install", "-y", "--no-install-recommends"], &*packages].concat())
    });
    let left = missing();
    if left.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these packages are missing and could not be installed; as root: apt-get install {}\n{}",
        left.join(" "),
        tried.err().unwrap_or_default()
    ))
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let root = output(Command::new("id").arg("-u"))? == b"0\n";
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    command
        .args(["-q", "-o", "DPkg::Lock::Timeout=120"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    output(&mut command).map(|_| ())
}

fn works(check: &[&str]) -> bool {
    let Some((program, arguments)) = check.split_first() else {
        return false;
    };
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_does_not_work() {
        assert!(works(&["true"]));
        assert!(!works(&["false"]));
        assert!(!works(&["no-such-program-anywhere"]));
    }
}
