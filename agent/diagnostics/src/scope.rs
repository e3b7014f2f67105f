//! What the provider wants to be asked, and of whom.

use serde::{Deserialize, Serialize};
use std::{net::IpAddr, path::PathBuf};

/// What an examination may look at and whom it may ask. The default is what most providers want: names of wireless
/// networks and lists of programs stay at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Send anything over the network: echoes, name lookups, test pages.
    pub network: bool,
    /// Tell the names of wireless networks.
    pub wifi_names: bool,
    /// Tell every installed program, not only those of the last weeks.
    pub program_names: bool,
    /// Sites that are asked over HTTPS, by host name.
    pub sites: Vec<String>,
    /// A name that every name server must find.
    pub control_name: String,
    /// Hosts on the internet that answer echoes and, on port 53, questions for names.
    pub public_servers: Vec<IpAddr>,
    /// Scripts of the provider, run one after the other.
    pub scripts: Vec<PathBuf>,
    /// Where they leave what is to be attached: a folder of the person's alone, gone after the press. Without one they
    /// are not run.
    pub scripts_folder: Option<PathBuf>,
}

/// What Microsoft's customers cannot work without: signing in, mail, files.
const SITES: [&str; 3] = [
    "login.microsoftonline.com",
    "outlook.office365.com",
    "www.microsoft.com",
];

/// Cloudflare's and Google's, both known for answering echoes and questions alike.
const PUBLIC_SERVERS: [[u8; 4]; 2] = [[1, 1, 1, 1], [8, 8, 8, 8]];

/// Exists for ever, is not filtered by anybody, and has a short answer.
const CONTROL_NAME: &str = "example.com";

impl Default for Scope {
    fn default() -> Self {
        Self {
            network: true,
            wifi_names: false,
            program_names: false,
            sites: SITES.map(str::to_owned).to_vec(),
            control_name: CONTROL_NAME.to_owned(),
            public_servers: PUBLIC_SERVERS.map(IpAddr::from).to_vec(),
            scripts: Vec::new(),
            scripts_folder: None,
        }
    }
}
