//! The client of a request: its address, or the one that a trusted proxy names.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv4Net};

/// The proxies whose `X-Forwarded-For` is believed; none by default.
///
/// Read from a list of networks and addresses, as `10.0.0.0/8,192.168.1.7`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Whether this is the address of a trusted proxy.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(|word| network(word.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&shown.join(","))
    }
}

/// Reads a network, or a single address as a network. Addresses are compared as IPv4 where possible,
/// so an IPv4 network that is written as IPv6 (`::ffff:10.0.0.0/104`) becomes an IPv4 network.
fn network(word: &str) -> Result<IpNet, String> {
    let address = word.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    let network: IpNet = address.or_else(|_| word.parse()).map_err(|_| {
        format!("`{word}` is no network: write addresses or networks, as 10.0.0.0/8,192.168.1.7")
    })?;
    let mapped = match network.addr().to_canonical() {
        IpAddr::V4(address) if network.addr().is_ipv6() => {
            network.prefix_len().checked_sub(96).and_then(|bits| Ipv4Net::new(address, bits).ok())
        }
        _ => None,
    };
    Ok(mapped.map_or(network, IpNet::V4))
}

/// One client: an IPv4 address, or the /64 network of an IPv6 address, which one customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl Client {
    /// The client at this address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        })
    }

    /// A client without an address.
    pub(crate) fn nobody() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// The client that sent this request.
    pub(crate) fn of(request: &Request, proxies: &Proxies) -> Self {
        Self::who_sent(request.extensions().get().copied(), request.headers(), proxies)
    }

    /// The client that sent a request with these headers over the connection of this peer.
    pub(crate) fn who_sent(peer: Option<Peer>, headers: &HeaderMap, proxies: &Proxies) -> Self {
        let Self(nobody) = Self::nobody();
        let peer = peer.map_or(nobody, |Peer(address)| address);
        Self::behind(peer, headers, proxies)
    }

    /// Reads `X-Forwarded-For` from the right: each trusted proxy names the address that it was
    /// called from. The first address that is no trusted proxy is the client. What is left of it was
    /// written by the client, and is not read.
    fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> Self {
        let mut client = peer;
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let mut said = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while proxies.trust(client) {
            match said.next().map(address) {
                Some(Some(address)) => client = address,
                Some(None) | None => break, // this proxy names no address
            }
        }
        Self::at(client)
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Whose share a request takes; none for a trusted proxy that does not name its client.
pub(crate) fn share_of(
    peer: Option<Extension<Peer>>,
    headers: &HeaderMap,
    proxies: &Proxies,
) -> Option<IpAddr> {
    let Extension(Peer(peer)) = peer?;
    let Client(address) = Client::behind(peer, headers, proxies);
    (!proxies.trust(address)).then_some(address)
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse().map(|address: SocketAddr| address.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn proxies() -> Proxies {
        "10.0.0.0/8, 127.0.0.1,fd00::/8".parse().unwrap()
    }

    fn client(peer: &str, lines: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
        }
        Client::behind(peer.parse().unwrap(), &headers, &proxies()).to_string()
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        for (peer, lines, told) in [
            ("10.1.2.3", &["203.0.113.9"][..], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1, 203.0.113.9 ,10.9.9.9"], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1", "203.0.113.9", "10.9.9.9, 127.0.0.1"], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("127.0.0.1", &["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::/64"),
            ("127.0.0.1", &["[2001:db8:1:2:3:4:5:6]"], "2001:db8:1:2::/64"),
            ("fd00::1", &["2001:db8:1:2::7"], "2001:db8:1:2::/64"),
            ("127.0.0.1", &["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(client(peer, &lines), told, "{peer} {lines:?}");
        }
    }

    #[test]
    fn garbage_counts_as_the_proxy_that_passed_it_on() {
        for garbage in [&b""[..], b"unknown", b"203.0.113.9, ,", b"203.0.113.9 x", b"\xff"] {
            assert_eq!(client("10.1.2.3", &[garbage]), "10.1.2.3", "{garbage:?}");
        }
        assert_eq!(client("10.1.2.3", &[b"203.0.113.9, _hidden, 10.4.4.4"]), "10.4.4.4");
        assert_eq!(client("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn networks_are_read_in_every_form_and_wrong_ones_are_refused_with_the_fix() {
        for (text, inside) in [
            ("192.168.1.7", "::ffff:192.168.1.7"),
            ("::ffff:192.168.1.7", "192.168.1.7"),
            ("::ffff:10.0.0.0/104", "10.200.0.1"),
            ("2001:db8::/32", "2001:db8:ffff::1"),
            ("0.0.0.0/0", "8.8.8.8"),
        ] {
            let proxies: Proxies = text.parse().unwrap();
            assert!(proxies.trust(inside.parse().unwrap()), "{text} {inside}");
            assert!(!proxies.trust("2001:db9::1".parse().unwrap()), "{text}");
        }
        for wrong in ["", "10.0.0.0/33", "localhost", "10.0.0.0/8;127.0.0.1", "127.0.0.1,", "*"] {
            let said = wrong.parse::<Proxies>().unwrap_err();
            assert!(said.contains("as 10.0.0.0/8,192.168.1.7"), "{wrong}: {said}");
        }
        assert!(!Proxies::default().trust(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    /// An address of the internet, where no proxy of ours is.
    fn outside() -> impl Strategy<Value = IpAddr> {
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits % 0x0a00_0000)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_client_claims_itself_never_matters(
            client in outside(),
            claimed in proptest::collection::vec("[ -~]{0,40}", 0..4),
            own_line in any::<bool>(),
            proxies_between in 0_usize..3,
        ) {
            let chain = ", 10.7.7.7".repeat(proxies_between);
            let mut lines = claimed;
            match lines.pop() {
                Some(last) if !own_line => lines.push(format!("{last}, {client}{chain}")),
                last => lines.extend(last.into_iter().chain([format!("{client}{chain}")])),
            }
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
            }
            let proxy = "10.1.2.3".parse().unwrap();
            prop_assert_eq!(Client::behind(proxy, &headers, &proxies()), Client::at(client));
        }

        #[test]
        fn nobody_who_is_no_proxy_is_believed(peer in outside(), line in "[ -~]{0,60}") {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_str(&line).unwrap());
            prop_assert_eq!(Client::behind(peer, &headers, &proxies()), Client::at(peer));
        }
    }
}
