//! Which machine this is, and whose.

use crate::{
    html::{
        table::{Table, Values, yes_no},
        view::moment,
    },
    units::duration,
};
use helpbell_model::report::{Account, Joined, Machine, OperatingSystem, Product};

pub(super) fn tables(machine: &Machine) -> Vec<Table> {
    let mut tables = vec![about(machine)];
    tables.extend(machine.account.as_ref().map(account));
    tables
}

fn about(machine: &Machine) -> Table {
    let mut values = Values::default();
    let mut summary = "";
    if let Some(os) = &machine.os {
        summary = &os.name;
        system(os, &mut values);
    }
    if let Some(product) = &machine.product {
        self::product(product, &mut values);
    }
    if let Some(uptime) = machine.uptime {
        let since = uptime.booted_at.map(|at| format!(", since {}", moment(at)));
        let running = format!("{}{}", duration(uptime.seconds), since.unwrap_or_default());
        values.add("Running for", running);
    }
    let foreground = machine
        .session
        .as_ref()
        .and_then(|session| session.foreground.as_ref());
    if let Some(program) = foreground {
        let pid = program
            .pid
            .map(|pid| format!(" (process {pid})"))
            .unwrap_or_default();
        values.add("Program in front", format!("{}{pid}", program.name));
    }
    Table::values("Machine", summary, values)
}

fn system(os: &OperatingSystem, values: &mut Values) {
    values.add("Host name", &os.hostname);
    values.add("Operating system", &os.name);
    values.maybe("Version", os.version.as_deref());
    values.maybe("Edition", os.edition.as_deref());
    values.maybe("Kernel or build", os.kernel.as_deref());
    values.add("Architecture", &os.architecture);
    values.maybe("Installed", os.installed_at.map(moment));
    values.maybe("Language", os.locale.as_deref());
    values.maybe("Time zone", os.time_zone.as_deref());
}

fn product(product: &Product, values: &mut Values) {
    values.maybe("Maker", product.maker.as_deref());
    values.maybe("Model", product.model.as_deref());
    values.maybe("Form", product.form.as_deref());
    values.maybe("Serial number", product.serial.as_deref());
    let firmware = [&product.firmware, &product.firmware_date];
    let firmware: Vec<&str> = firmware.into_iter().flatten().map(String::as_str).collect();
    values.add("Firmware", firmware.join(", "));
    values.maybe("Virtual machine", product.virtualization.as_deref());
    values.maybe("Id of this installation", product.machine_id.as_deref());
}

fn account(account: &Account) -> Table {
    let mut values = Values::default();
    values.add("User", &account.user);
    values.maybe("Full name", account.full_name.as_deref());
    values.maybe("Principal", account.principal.as_deref());
    values.maybe("Domain or workgroup", account.domain.as_deref());
    values.maybe("Joined", account.joined.map(joined));
    values.maybe("Administrator", account.administrator.map(yes_no));
    values.maybe(
        "Password has to be changed by",
        account.password_expires.map(moment),
    );
    values.maybe(
        "Other sessions",
        account.other_sessions.map(|count| count.to_string()),
    );
    Table::values("Account", &account.user, values)
}

const fn joined(joined: Joined) -> &'static str {
    match joined {
        Joined::Workgroup => "to no organisation",
        Joined::Domain => "to a domain",
        Joined::Entra => "to Microsoft Entra ID",
        Joined::Hybrid => "to a domain and to Microsoft Entra ID",
    }
}
