//! What a probe answers: a part of the machine, or why there is none.

use helpbell_model::report::{
    Account, App, Battery, Cpu, Devices, Disk, DiskHealth, Events, Gpu, Internet, Machine, Memory,
    NameService, Network, OperatingSystem, Printer, ProbeStatus, Product, Programs, Protection, Reachability,
    Restart, ScriptRun, Services, Session, Share, TopProcesses, Updates, Uptime, WifiLink,
};
use serde::{Deserialize, Serialize};

/// One variant per field of [`Machine`] that a probe fills.
macro_rules! parts {
    ($($variant:ident($part:ty) => $field:ident),+ $(,)?) => {
        /// What one probe found: one part of the machine.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum Part {
            $($variant($part)),+
        }

        impl Part {
            /// Puts the part where it belongs.
            pub(crate) fn put_into(self, machine: &mut Machine) {
                match self {
                    $(Self::$variant(part) => machine.$field = Some(part)),+
                }
            }
        }
    };
}

parts! {
    Session(Session) => session,
    Os(OperatingSystem) => os,
    Product(Product) => product,
    Account(Account) => account,
    Cpu(Cpu) => cpu,
    Memory(Memory) => memory,
    Gpus(Vec<Gpu>) => gpus,
    Disks(Vec<Disk>) => disks,
    DiskHealth(Vec<DiskHealth>) => disk_health,
    Batteries(Vec<Battery>) => batteries,
    Printers(Vec<Printer>) => printers,
    Devices(Devices) => devices,
    Network(Network) => network,
    Reachability(Reachability) => reachability,
    NameService(NameService) => name_service,
    Internet(Internet) => internet,
    Wifi(Vec<WifiLink>) => wifi,
    Shares(Vec<Share>) => shares,
    Uptime(Uptime) => uptime,
    Restart(Restart) => restart,
    Updates(Updates) => updates,
    Events(Events) => events,
    Services(Services) => services,
    Programs(Programs) => programs,
    Apps(Vec<App>) => apps,
    Protection(Protection) => protection,
    Processes(TopProcesses) => processes,
    Scripts(Vec<ScriptRun>) => scripts,
}

/// Why a probe has nothing to tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProbeError {
    /// No answer within its limit; in words.
    #[error("{0}")]
    TimedOut(String),
    /// The system refused.
    #[error("the system refused: {0}")]
    Denied(String),
    /// This system has no such thing, or it cannot be read here.
    #[error("{0}")]
    Unsupported(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl ProbeError {
    /// This system has no such thing, or it cannot be read here; `why` is a whole sentence without its full stop.
    pub(crate) fn unsupported(why: impl Into<String>) -> Self {
        Self::Unsupported(why.into())
    }

    /// How the probe log names it.
    pub(crate) const fn status(&self) -> ProbeStatus {
        match self {
            Self::TimedOut(_) => ProbeStatus::Timeout,
            Self::Denied(_) => ProbeStatus::Denied,
            Self::Unsupported(_) => ProbeStatus::Unsupported,
            Self::Failed(_) => ProbeStatus::Error,
        }
    }

    /// The words without the frame, as they travel between two processes.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::TimedOut(why) | Self::Denied(why) | Self::Unsupported(why) | Self::Failed(why) => why,
        }
    }

    /// Back from what travelled.
    pub(crate) fn from_words(status: ProbeStatus, why: String) -> Self {
        match status {
            ProbeStatus::Timeout => Self::TimedOut(why),
            ProbeStatus::Denied => Self::Denied(why),
            ProbeStatus::Unsupported => Self::Unsupported(why),
            ProbeStatus::Ok | ProbeStatus::Pending | ProbeStatus::Error => Self::Failed(why),
        }
    }
}

impl From<sysinfo::Error> for ProbeError {
    fn from(error: sysinfo::Error) -> Self {
        match error {
            sysinfo::Error::Unsupported => Self::unsupported("this system does not tell"),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<std::io::Error> for ProbeError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::PermissionDenied => Self::Denied(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
