//! Many requests for missions, sent by curl in a container: the machine needs only Docker.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::fs;

use crate::composition::Composition;
use crate::docker::{docker, output, workplace};
use xtask::Failure;

/// Requests for one mission each.
#[derive(Clone, Copy)]
pub(crate) struct Asks<'a> {
    /// How many.
    pub(crate) count: u32,
    /// How many at a time.
    pub(crate) connections: u32,
    /// The beginning of their idempotency keys. Without one, requests have no key and are sent once.
    pub(crate) key: Option<&'a str>,
}

/// The replies.
#[derive(Default)]
pub(crate) struct Answers {
    codes: BTreeMap<u16, u32>,
    /// The ids of missions in the answers: 32 hexadecimal digits each.
    pub(crate) ids: BTreeSet<String>,
}

impl Asks<'_> {
    /// Sends them through nginx.
    ///
    /// # Errors
    /// curl could not be run. A reply with any status is not an error.
    pub(crate) async fn send(self, composition: &Composition) -> Result<Answers, Failure> {
        let name = format!("asks-{}.conf", self.key.unwrap_or("keyless"));
        let file = workplace().join(&name);
        fs::write(&file, self.text(&composition.door()))?;
        let (asks, ca) = (file.display().to_string(), Composition::secrets().join("ca.pem"));
        let volumes = [format!("{asks}:/asks:ro"), format!("{}:/ca.pem:ro", ca.display())];
        let connections = self.connections.to_string();
        let run = ["run", "--rm", "--network", "host", "--volume", &volumes[0]];
        let mut command = docker(run);
        command.args(["--volume", &volumes[1], "--entrypoint", "sh", composition.curl_image()]);
        // curl fails when one transfer fails; failures are counted here.
        let curl = "curl --silent --parallel --parallel-immediate --parallel-max \"$1\" \
                    --config /asks || true";
        command.args(["-c", curl, "sh", &connections]);
        Ok(Answers::read(&output(command).await?))
    }

    fn text(self, door: &str) -> String {
        let mut text = String::new();
        for n in 0..self.count {
            let _ = write!(
                text,
                "url = \"{door}/missions\"\nrequest = POST\ncacert = /ca.pem\nhttp1.1\n\
                 max-time = 60\noutput = \"-\"\nwrite-out = \"\\ncode %{{http_code}}\\n\"\n"
            );
            if let Some(key) = self.key {
                // A request with a key may be repeated, until there is a reply.
                let _ = writeln!(
                    text,
                    "header = \"Idempotency-Key: {key}-{n}\"\nretry = 100\nretry-delay = 1\n\
                     retry-all-errors\nretry-max-time = 150"
                );
            }
            text.push_str("next\n");
        }
        text.trim_end_matches("next\n").to_owned()
    }
}

impl Answers {
    fn read(said: &str) -> Self {
        let mut codes = BTreeMap::new();
        for code in said.lines().filter_map(|line| line.strip_prefix("code ")) {
            *codes.entry(code.trim().parse().unwrap_or(0)).or_default() += 1;
        }
        let ids = said.split("\"id\":\"").skip(1);
        let ids = ids.filter_map(|rest| Some(rest.split_once('"')?.0.replace('-', ""))).collect();
        Self { codes, ids }
    }

    /// Counts these too.
    pub(crate) fn add(&mut self, more: Self) {
        for (code, count) in more.codes {
            *self.codes.entry(code).or_default() += count;
        }
        self.ids.extend(more.ids);
    }

    /// How many had this status.
    pub(crate) fn with(&self, code: u16) -> u32 {
        self.codes.get(&code).copied().unwrap_or(0)
    }

    /// How many were not answered with 201.
    pub(crate) fn failed(&self) -> u32 {
        self.codes.iter().filter(|(code, _)| **code != 201).map(|(_, count)| count).sum()
    }
}

/// As in `201: 9998, 503: 2`; 0 means no reply.
impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.codes.iter().map(|(code, count)| format!("{code}: {count}"));
        f.write_str(&shown.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_ids_are_read_from_what_curl_said() {
        let said =
            "{\"id\":\"01a2-07\",\"x\":1}\ncode 201\n{\"status\":503}\ncode 503\n\ncode 000\n";
        let answers = Answers::read(said);
        assert_eq!(answers.to_string(), "0: 1, 201: 1, 503: 1");
        assert_eq!((answers.failed(), answers.ids.len()), (2, 1));
        assert!(answers.ids.contains("01a207"));
    }
}
