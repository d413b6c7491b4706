//! Options that hold for every command of a build.
//!
//! The forms are those of BuildKit (frontend/dockerui/attr.go), which reads them first and refuses
//! most of what is refused here.

use std::net::IpAddr;

use compile::{Commands, ExtraHost, Network, Ulimit};
use gateway::{Failure, Options};
use source::closest;

/// The limits that engines know (github.com/docker/go-units, `ulimit.go`).
const LIMITS: &[&str] = &[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Reads what holds for every command.
pub(crate) fn read_commands(options: &Options) -> Result<Commands, Failure> {
    let text = |key| options.get(key).unwrap_or_default();
    Ok(Commands {
        network: parse_network(text("force-network-mode"))?,
        hostname: read_hostname(options)?,
        extra_hosts: parse_extra_hosts(text("add-hosts"))?,
        shared_memory_bytes: parse_shared_memory(text("shm-size"))?,
        ulimits: parse_ulimits(text("ulimit"))?,
        cgroup_parent: text("cgroup-parent").to_owned(),
        cache_namespace: text("build-arg:BUILDKIT_CACHE_MOUNT_NS").to_owned(),
    })
}

fn parse_network(text: &str) -> Result<Network, Failure> {
    match text {
        "" | "default" | "sandbox" => Ok(Network::Sandbox),
        "none" => Ok(Network::None),
        "host" => Ok(Network::Host),
        other => Err(Failure::new(format!(
            "--network must be `default`, `none` or `host`, not `{other}`"
        ))),
    }
}

/// Reads the host name. The option wins over the build argument (frontend/dockerui/config.go).
fn read_hostname(options: &Options) -> Result<String, Failure> {
    const ARGUMENT: &str = "build-arg:BUILDKIT_SANDBOX_HOSTNAME";
    let given = ["hostname", ARGUMENT]
        .iter()
        .find_map(|key| options.get(key).filter(|value| !value.is_empty()));
    let name = given.unwrap_or_default();
    // The names of RFC 1123, as far as sethostname(2) of Linux takes them.
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    if name.len() > 64 || !name.chars().all(is_letter) {
        return Err(Failure::new(format!(
            "--build-arg BUILDKIT_SANDBOX_HOSTNAME `{name}` is not a valid host name: use at most 64 \
             letters, digits, `-`, `_` and `.`"
        )));
    }
    Ok(name.to_owned())
}

fn parse_extra_hosts(text: &str) -> Result<Vec<ExtraHost>, Failure> {
    let host = |entry: &str| {
        let (host, address) = entry.split_once('=')?;
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let address: IpAddr = address.parse().ok()?;
        (!host.is_empty()).then(|| ExtraHost {
            host: host.to_lowercase(),
            address: address.to_string(),
        })
    };
    let mut hosts = parse_list(text, host, |entry| {
        format!("--add-host `{entry}` is not of the form `name=192.0.2.1`")
    })?;
    // The order of the flags means nothing, but it would be in the cache key.
    hosts.sort_by(|left, right| (&left.host, &left.address).cmp(&(&right.host, &right.address)));
    Ok(hosts)
}

fn parse_shared_memory(text: &str) -> Result<u64, Failure> {
    if text.is_empty() {
        return Ok(0);
    }
    let bytes = text
        .parse()
        .ok()
        .filter(|bytes| i64::try_from(*bytes).is_ok());
    bytes.ok_or_else(|| {
        Failure::new(format!(
            "--shm-size `{text}` is not a number of bytes, such as `134217728`; docker also takes `128m`"
        ))
    })
}

fn parse_ulimits(text: &str) -> Result<Vec<Ulimit>, Failure> {
    let ulimit = |entry: &str| {
        let (name, limits) = entry.split_once('=')?;
        let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
        let (soft, hard): (i64, i64) = (soft.parse().ok()?, hard.parse().ok()?);
        // -1 means unlimited.
        let is_ordered = hard == -1 || (soft != -1 && soft <= hard);
        let is_whole = soft >= -1 && hard >= -1 && is_ordered;
        is_whole.then(|| Ulimit {
            name: name.to_owned(),
            soft,
            hard,
        })
    };
    let mut ulimits = parse_list(text, ulimit, |entry| {
        format!(
            "--ulimit `{entry}` is not of the form `nofile=1024:2048`: the name of a limit, its soft \
             value and its hard value; -1 means unlimited"
        )
    })?;
    for ulimit in &ulimits {
        let name = ulimit.name.as_str();
        if !LIMITS.contains(&name) {
            let help = match closest(name, LIMITS.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the limits are {}", LIMITS.join(", ")),
            };
            return Err(Failure::new(format!(
                "--ulimit `{name}`: there is no such limit; {help}"
            )));
        }
    }
    ulimits.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(ulimits)
}

/// Reads a list whose entries are separated by commas.
fn parse_list<T>(
    text: &str,
    read: impl Fn(&str) -> Option<T>,
    wrong: impl Fn(&str) -> String,
) -> Result<Vec<T>, Failure> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| read(entry).ok_or_else(|| Failure::new(wrong(entry))))
        .collect()
}
