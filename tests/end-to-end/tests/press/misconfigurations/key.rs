//! The API key and its two forms.

use super::row::Row;
use helpbell_end_to_end::Setup;
use std::fs;

/// Tenant, client id and client secret of a hosted key.
fn parts(setup: &Setup) -> (String, String, String) {
    let (names, secret) = setup.key.split_once(':').unwrap();
    let (tenant, id) = names.split_once('+').unwrap_or(("", names));
    (tenant.to_owned(), id.to_owned(), secret.to_owned())
}

pub(super) fn rows() -> Vec<Row> {
    let form =
        "Make sure that there is a + between the tenant and a : between the client id and client secret.";
    let on_prem = "Make sure that there is a : between the client id and client secret.";
    let hosting = "Select if you are using an On-Prem or Cloud Hosted instance.";
    let safe = "Keep them in a safe place";
    vec![
        Row::new("Blanks and line breaks in the key", form)
            .under("API key")
            .harmless()
            .setup(|mut setup, _| {
                let (tenant, id, secret) = parts(&setup);
                setup.key = format!(" {tenant} + {id} :\n {secret}\n");
                setup
            }),
        Row::new(
            "The secret is wrong, or a new one was generated",
            "the secret cannot be viewed again (a new one can be generated)",
        )
        .setup(|mut setup, _| {
            let (tenant, id, _) = parts(&setup);
            setup.key = format!("{tenant}+{id}:0b5c1f7e-5f44-b885-not-the-secret");
            setup
        }),
        Row::new("Client ID and Client Secret are swapped", form).setup(|mut setup, _| {
            let (tenant, id, secret) = parts(&setup);
            setup.key = format!("{tenant}+{secret}:{id}");
            setup
        }),
        Row::new("The tenant is misspelt", "Comp_a is the tenant shown in Halo").setup(|mut setup, _| {
            let (_, id, secret) = parts(&setup);
            setup.key = format!("lanterm+{id}:{secret}");
            setup
        }),
        Row::new("The + is missing", form).setup(|mut setup, _| {
            let (tenant, id, secret) = parts(&setup);
            setup.key = format!("{tenant}{id}:{secret}");
            setup
        }),
        Row::new("The : is missing", form).setup(|mut setup, _| {
            let (tenant, id, secret) = parts(&setup);
            setup.key = format!("{tenant}+{id}{secret}");
            setup
        }),
        Row::new("+ and : are in each other's place", form).setup(|mut setup, _| {
            let (tenant, id, secret) = parts(&setup);
            setup.key = format!("{tenant}:{id}+{secret}");
            setup
        }),
        Row::new("The key has no client secret", form).setup(|mut setup, _| {
            let (tenant, id, _) = parts(&setup);
            setup.key = format!("{tenant}+{id}:");
            setup
        }),
        Row::new("The key has the On Prem form, at a Cloud Hosted Halo", hosting).setup(|mut setup, _| {
            let (_, id, secret) = parts(&setup);
            setup.key = format!("{id}:{secret}");
            setup
        }),
        Row::new(
            "On-Prem is chosen, and the key has its form, for a Cloud Hosted Halo",
            hosting,
        )
        .setup(|mut setup, _| {
            let (_, id, secret) = parts(&setup);
            setup.key = format!("{id}:{secret}");
            setup.hosting = "on-prem".to_owned();
            setup
        }),
        Row::new(
            "On-Prem is chosen, the key has the hosted form, for a Cloud Hosted Halo",
            hosting,
        )
        .setup(|mut setup, _| {
            setup.hosting = "on-prem".to_owned();
            setup
        }),
        Row::new("The key has the Cloud Hosted form, at an On Prem Halo", on_prem)
            .on_prem()
            .setup(|mut setup, _| {
                setup.key = format!("lantern+{}", setup.key);
                setup
            }),
        Row::new(
            "Cloud Hosted is chosen, and the key has its form, for an On Prem Halo",
            hosting,
        )
        .on_prem()
        .setup(|mut setup, _| {
            setup.key = format!("lantern+{}", setup.key);
            setup.hosting = "hosted".to_owned();
            setup
        }),
        Row::new("There is no key", "make to click Update so it saves the changes.")
            .edit(|desk| fs::remove_file(desk.path("helpbell.key")).unwrap()),
        Row::new("Others on the computer can read the key", safe).edit(|desk| {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(desk.path("helpbell.key"), fs::Permissions::from_mode(0o644)).unwrap();
            }
        }),
        Row::new("The key stands in helpbell.toml", safe)
            .edit(|desk| desk.edit("\nfile = \"helpbell.key\"", "\nvalue = \"lantern+id:secret\"")),
    ]
}
