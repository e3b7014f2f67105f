//! What a probe answers: a part of the machine, or why there is none.

use helpbell_model::report::{
    Cpu, Disk, Machine, Memory, Network, OperatingSystem, Product, Protection, Restart, TopProcesses, Uptime,
};

/// What one probe found: one part of the machine.
#[derive(Debug)]
pub(crate) enum Part {
    Os(OperatingSystem),
    Product(Product),
    Cpu(Cpu),
    Memory(Memory),
    Disks(Vec<Disk>),
    Network(Network),
    Uptime(Uptime),
    Restart(Restart),
    Protection(Protection),
    Processes(TopProcesses),
}

impl Part {
    /// Puts the part where it belongs.
    pub(crate) fn put_into(self, machine: &mut Machine) {
        match self {
            Self::Os(os) => machine.os = Some(os),
            Self::Product(product) => machine.product = Some(product),
            Self::Cpu(cpu) => machine.cpu = Some(cpu),
            Self::Memory(memory) => machine.memory = Some(memory),
            Self::Disks(disks) => machine.disks = Some(disks),
            Self::Network(network) => machine.network = Some(network),
            Self::Uptime(uptime) => machine.uptime = Some(uptime),
            Self::Restart(restart) => machine.restart = Some(restart),
            Self::Protection(protection) => machine.protection = Some(protection),
            Self::Processes(processes) => machine.processes = Some(processes),
        }
    }
}

/// Why a probe has nothing to tell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProbeError {
    /// The system refused.
    #[cfg_attr(
        not(any(test, target_os = "linux")),
        expect(dead_code, reason = "only the Linux probes read protected files")
    )]
    #[error("the system refused: {0}")]
    Denied(String),
    /// This system has no such thing, or it cannot be read here.
    #[error("{0}")]
    Unsupported(&'static str),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl From<sysinfo::Error> for ProbeError {
    fn from(error: sysinfo::Error) -> Self {
        match error {
            sysinfo::Error::Unsupported => Self::Unsupported("this system does not tell"),
            other => Self::Failed(other.to_string()),
        }
    }
}
