//! The engine's network: a bridge with its own subnet, whose traffic is masqueraded.
//!
//! dockerd is told to leave iptables alone (`"iptables": false`), because two daemons would rewrite each
//! other's chains. The three rules that it needs are made here. They name the bridge, and the bridge is
//! named after the home's path, so they do not affect the user's Docker. dockerd turns on
//! `net.ipv4.ip_forward` and nobody turns it off again, as with any Docker.

use std::fmt;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::home::Home;
use crate::process::{privileged, run, succeeds};
use crate::tools::Tools;

/// A private network of 256 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subnet(Ipv4Addr);

/// A network that is in use.
#[derive(Clone, Copy, Debug)]
struct Taken {
    address: u32,
    mask: u32,
}

impl Subnet {
    fn parse(text: &str) -> Option<Subnet> {
        text.strip_suffix("/24")?.parse().ok().map(Subnet)
    }

    /// The bridge's own address, with the length of the prefix.
    fn gateway(self) -> String {
        let [first, second, third, _] = self.0.octets();
        format!("{first}.{second}.{third}.1/24")
    }

    fn is_free(self, taken: &[Taken]) -> bool {
        let own = Taken {
            address: self.0.to_bits(),
            mask: !0xff,
        };
        // Two networks overlap when they agree on the shorter prefix.
        taken.iter().all(|other| {
            let mask = own.mask & other.mask;
            own.address & mask != other.address & mask
        })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/24", self.0)
    }
}

/// The bridge's name, which has at most 15 bytes and is unique to the home.
pub(crate) fn bridge(home: &Home) -> String {
    format!("inlay-{}", home.fingerprint())
}

/// Makes whatever is missing of the bridge and its rules. The caller holds the lock of the home.
///
/// # Errors
/// When no private network is free, or the kernel refuses a bridge or a rule.
pub(crate) fn up(home: &Home, tools: &Tools) -> Result<()> {
    let bridge = bridge(home);
    let routes = fs::read_to_string("/proc/net/route").unwrap_or_default();
    let resolvers = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let remembered = recall(home);
    let subnet = free_subnet(&taken(&routes, &resolvers, &bridge), remembered)
        .context("all private networks that were tried are in use")?;
    if remembered.is_some_and(|remembered| remembered != subnet) {
        down(home, tools)?;
    }
    home.remember("subnet", Value::from(subnet.to_string()))?;

    let ip = |arguments: &[&str]| -> Result<()> {
        run(privileged(&tools.environment(), "ip")?.args(arguments)).map(drop)
    };
    if !exists(&bridge) {
        ip(&["link", "add", &bridge, "type", "bridge"])?;
    }
    ip(&["address", "replace", &subnet.gateway(), "dev", &bridge])?;
    ip(&["link", "set", &bridge, "up"])?;

    let iptables = iptables(tools)?;
    for rule in rules(subnet, &bridge) {
        if !succeeds(iptables("-C", &rule)?.stdin(std::process::Stdio::null())) {
            run(&mut iptables("-I", &rule)?).context("the kernel refuses an iptables rule")?;
        }
    }
    Ok(())
}

/// Removes the bridge and its rules, if they exist.
///
/// # Errors
/// When the bridge exists and cannot be removed.
pub(crate) fn down(home: &Home, tools: &Tools) -> Result<()> {
    let bridge = bridge(home);
    if let (Some(subnet), Ok(iptables)) = (recall(home), iptables(tools)) {
        for rule in rules(subnet, &bridge) {
            // A rule may have been made more than once. It is gone when it can no longer be removed.
            while succeeds(&mut iptables("-D", &rule)?) {}
        }
    }
    if exists(&bridge) {
        let mut ip = privileged(&tools.environment(), "ip")?;
        run(ip.args(["link", "delete", &bridge]))?;
    }
    Ok(())
}

fn recall(home: &Home) -> Option<Subnet> {
    Subnet::parse(home.recall("subnet")?.as_str()?)
}

fn exists(bridge: &str) -> bool {
    Path::new("/sys/class/net").join(bridge).exists()
}

/// Table, chain and match of each rule. Forwarding is allowed explicitly, since another Docker or a
/// firewall may have set that chain to drop.
fn rules(subnet: Subnet, bridge: &str) -> [Vec<String>; 3] {
    let words = |text: String| text.split(' ').map(str::to_owned).collect();
    [
        words(format!(
            "nat POSTROUTING -s {subnet} ! -o {bridge} -j MASQUERADE"
        )),
        words(format!("filter FORWARD -i {bridge} -j ACCEPT")),
        words(format!(
            "filter FORWARD -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        )),
    ]
}

type Iptables<'a> = Box<dyn Fn(&str, &[String]) -> Result<std::process::Command> + 'a>;

/// Finds the variant of iptables that works here: the machine's choice, otherwise the first of ours that
/// the kernel supports.
fn iptables(tools: &Tools) -> Result<Iptables<'_>> {
    for program in ["iptables", "iptables-nft", "iptables-legacy"] {
        let command = move || privileged(&tools.environment(), program);
        if succeeds(command()?.args(["-w", "-t", "nat", "-S"])) {
            return Ok(Box::new(move |action, rule| {
                let mut command = command()?;
                command
                    .args(["-w", "-t", &rule[0], action])
                    .args(&rule[1..]);
                Ok(command)
            }));
        }
    }
    bail!("the kernel supports neither nftables nor iptables: containers would have no network")
}

/// The networks of a routing table (`/proc/net/route`) without those of the bridge, and the name servers of
/// `/etc/resolv.conf`.
fn taken(routes: &str, resolvers: &str, bridge: &str) -> Vec<Taken> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // The kernel prints the address's bytes as a number in the machine's byte order.
        let number = |text: &&str| Some(u32::from_be(u32::from_str_radix(text, 16).ok()?));
        let (address, mask) = (number(fields.get(1)?)?, number(fields.get(7)?)?);
        (fields[0] != bridge && mask != 0).then_some(Taken { address, mask })
    };
    let resolver = |line: &str| {
        let address: Ipv4Addr = line.strip_prefix("nameserver")?.trim().parse().ok()?;
        Some(Taken {
            address: address.to_bits(),
            mask: !0,
        })
    };
    routes
        .lines()
        .filter_map(route)
        .chain(resolvers.lines().filter_map(resolver))
        .collect()
}

/// A network that nobody uses: the remembered one if it is free, otherwise the first free candidate.
fn free_subnet(taken: &[Taken], remembered: Option<Subnet>) -> Option<Subnet> {
    // 10.213 comes first, because Docker takes its networks from 172.17 to 172.31 and 192.168.
    let first = [(10, 213), (10, 97), (172, 30), (192, 168)];
    let candidates = first.into_iter().flat_map(|(first, second)| {
        (0..=255).map(move |third| Subnet(Ipv4Addr::new(first, second, third, 0)))
    });
    remembered
        .into_iter()
        .chain(candidates)
        .find(|subnet| subnet.is_free(taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";

    fn check(routes: &str, resolvers: &str, remembered: Option<&str>, expected: Option<&str>) {
        let taken = taken(&format!("{HEADER}{routes}"), resolvers, "inlay-1");
        let subnet = free_subnet(&taken, remembered.and_then(Subnet::parse));
        assert_eq!(subnet.map(|subnet| subnet.to_string()).as_deref(), expected);
    }

    #[test]
    fn the_first_network_when_all_are_free() {
        check(
            "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0",
            "",
            None,
            Some("10.213.0.0/24"),
        );
    }

    #[test]
    fn a_taken_network_is_passed_over() {
        check(
            "eth1 0000D50A 00000000 0001 0 0 0 00FFFFFF 0 0 0",
            "",
            None,
            Some("10.213.1.0/24"),
        );
    }

    #[test]
    fn a_network_inside_a_taken_one_is_passed_over() {
        check(
            "tun0 0000000A 00000000 0001 0 0 0 000000FF 0 0 0",
            "",
            None,
            Some("172.30.0.0/24"),
        );
    }

    #[test]
    fn the_network_of_a_name_server_is_passed_over() {
        check(
            "",
            "search x\nnameserver 10.213.0.53\n",
            None,
            Some("10.213.1.0/24"),
        );
    }

    #[test]
    fn the_network_of_the_bridge_itself_is_free() {
        let routes = "inlay-1 0005D50A 00000000 0001 0 0 0 00FFFFFF 0 0 0";
        check(routes, "", Some("10.213.5.0/24"), Some("10.213.5.0/24"));
    }

    #[test]
    fn no_network_when_all_are_taken() {
        let routes = "a 0000000A 0 1 0 0 0 000000FF 0 0 0\n\
                      b 000010AC 0 1 0 0 0 0000F0FF 0 0 0\n\
                      c 0000A8C0 0 1 0 0 0 0000FFFF 0 0 0\n";
        check(routes, "", None, None);
    }

    #[test]
    fn the_bridge_has_the_first_address() {
        assert_eq!(
            Subnet::parse("10.213.7.0/24").unwrap().gateway(),
            "10.213.7.1/24"
        );
    }
}
