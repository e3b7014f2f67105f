//! What the firmware told Windows at the last start.

use super::{firmware_date, form_of_chassis, hypervisor, installation, real};
use crate::windows::registry::Registry;
use helpbell_model::report::Product;

const BIOS: &str = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS";
const CRYPTOGRAPHY: &str = r"HKLM\SOFTWARE\Microsoft\Cryptography";

/// What the registry tells; the serial number stands only in the firmware's own table.
pub(super) fn product(registry: &impl Registry) -> Product {
    let told = |name| registry.text(BIOS, name).and_then(|text| real(&text));
    let maker = told("SystemManufacturer").or_else(|| told("BaseBoardManufacturer"));
    let order_code = told("SystemProductName").or_else(|| told("BaseBoardProduct"));
    // Lenovo puts an order code where others put the name, and the name where others put a revision.
    let is_lenovo = maker
        .as_deref()
        .is_some_and(|maker| maker.eq_ignore_ascii_case("lenovo"));
    let model = if is_lenovo { told("SystemVersion") } else { None };
    let virtualization = order_code
        .as_deref()
        .and_then(|model| hypervisor(maker.as_deref().unwrap_or_default(), model));
    Product {
        model: match (model, order_code) {
            (Some(name), Some(code)) => Some(format!("{name} ({code})")),
            (name, code) => name.or(code),
        },
        maker,
        form: if virtualization.is_some() {
            Some("Virtual machine".to_owned())
        } else {
            registry
                .number(BIOS, "EnclosureType")
                .and_then(|kind| u8::try_from(kind).ok())
                .and_then(form_of_chassis)
                .map(str::to_owned)
        },
        firmware: told("BIOSVersion"),
        firmware_date: registry
            .text(BIOS, "BIOSReleaseDate")
            .and_then(|date| firmware_date(&date)),
        virtualization: virtualization.map(str::to_owned),
        // Windows makes it up at its installation.
        machine_id: registry
            .text(CRYPTOGRAPHY, "MachineGuid")
            .and_then(|id| installation(&id)),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    #[test]
    fn a_lenovo_is_called_by_its_name_and_its_order_code() {
        let product = product(&Exported::laptop());
        assert_eq!(product.maker.as_deref(), Some("LENOVO"));
        assert_eq!(product.model.as_deref(), Some("ThinkPad T14 Gen 4 (21HDCTO1WW)"));
        assert_eq!(product.form.as_deref(), Some("Laptop"));
        assert_eq!(product.firmware.as_deref(), Some("N3QET48W (1.48 )"));
        assert_eq!(product.firmware_date.as_deref(), Some("2024-05-17"));
        assert_eq!(product.virtualization, None);
    }

    #[test]
    fn placeholders_give_way_to_the_board() {
        let built = Exported::of(
            r#"[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS]
"SystemManufacturer"="To Be Filled By O.E.M."
"SystemProductName"="System Product Name"
"BaseBoardManufacturer"="ASUSTeK COMPUTER INC."
"BaseBoardProduct"="PRIME B550-PLUS"
"EnclosureType"=dword:00000003
"BIOSReleaseDate"="soon""#,
        );
        let product = product(&built);
        assert_eq!(product.maker.as_deref(), Some("ASUSTeK COMPUTER INC."));
        assert_eq!(product.model.as_deref(), Some("PRIME B550-PLUS"));
        assert_eq!(product.form.as_deref(), Some("Desktop"));
        assert_eq!(product.firmware_date, None);
    }

    #[test]
    fn an_installation_is_told_by_a_digest_of_its_id() {
        let digest = product(&Exported::laptop()).machine_id.unwrap();
        assert!(digest.len() == 32 && !digest.contains("2f1c4a63"), "{digest}");
        assert_eq!(product(&Exported::default()).machine_id, None);
    }
}
