use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// A folder with scripts in it, and one for what they leave.
struct Bench {
    folder: tempfile::TempDir,
    scripts: Vec<PathBuf>,
}

impl Bench {
    fn new(scripts: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scripts = scripts
            .iter()
            .map(|(name, text)| {
                let path = folder.path().join(name);
                fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
                path
            })
            .collect();
        Self { folder, scripts }
    }

    fn left(&self) -> PathBuf {
        self.folder.path().join("left")
    }

    fn run(&self) -> Vec<ScriptRun> {
        let scope = Scope {
            scripts: self.scripts.clone(),
            scripts_folder: Some(self.left()),
            ..Scope::default()
        };
        ask(&scope).unwrap()
    }
}

#[test]
fn a_script_adds_to_the_ticket_and_leaves_files() {
    let bench = Bench::new(&[
        (
            "vpn",
            "echo 'VPN down' > vpn_append.txt; echo log > \"$_uploadDir/vpn.log\"; echo noise",
        ),
        (
            "mri",
            "printf 'Kalibrierung f\\303\\244llig\\n' > $HELPBELL_FOLDER/APPEND.TXT",
        ),
    ]);
    let runs = bench.run();
    assert_eq!(
        (runs[0].name.as_str(), runs[0].exit_code, runs[0].note.as_str()),
        ("vpn", Some(0), "")
    );
    assert_eq!(append(&runs).as_deref(), Some("VPN down\nKalibrierung fällig"));
    assert_eq!(
        files(&bench.left(), &runs),
        [("vpn.log".to_owned(), b"log\n".to_vec())]
    );
}

#[test]
fn a_script_that_fails_says_so_and_what_it_left_counts() {
    let runs = Bench::new(&[("half", "echo something > x_append.txt; exit 7")]).run();
    assert_eq!(
        (runs[0].exit_code, runs[0].note.as_str()),
        (Some(7), "it ended with code 7")
    );
    assert_eq!(append(&runs).as_deref(), Some("something"));
}

#[test]
fn one_that_hangs_is_ended_and_keeps_what_it_wrote() {
    let bench = Bench::new(&[("hang", "echo early > a_append.txt; sleep 1000")]);
    let run = run_one(
        &bench.scripts[0],
        &place(&bench.left(), 0),
        Duration::from_secs(2),
    );
    assert_eq!(
        (run.exit_code, run.note.as_str()),
        (None, "no answer within 2 s; it was ended")
    );
    assert_eq!(run.append.as_deref(), Some("early"));
    let run = run_one(&bench.scripts[0], &place(&bench.left(), 1), Duration::ZERO);
    assert!(run.note.starts_with("not started"), "{}", run.note);
}

#[test]
fn a_script_that_others_could_have_written_is_not_started() {
    let bench = Bench::new(&[("open", "echo x > x_append.txt")]);
    fs::set_permissions(&bench.scripts[0], fs::Permissions::from_mode(0o775)).unwrap();
    let runs = bench.run();
    assert!(
        runs[0].note.contains("others than its owner may change it"),
        "{}",
        runs[0].note
    );
    assert_eq!(append(&runs), None);
    // The control: the same script, its owner's alone.
    fs::set_permissions(&bench.scripts[0], fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(append(&bench.run()).as_deref(), Some("x"));
}

#[test]
fn links_are_not_followed_and_too_much_is_left_out_and_told() {
    let bench = Bench::new(&[("many", "")]);
    let folder = place(&bench.left(), 0);
    fs::create_dir_all(&folder).unwrap();
    symlink("/etc/passwd", folder.join("passwd.txt")).unwrap();
    symlink("/etc/passwd", folder.join("b_append.txt")).unwrap();
    fs::File::create(folder.join("huge.bin"))
        .unwrap()
        .set_len(FILE_BYTES + 1)
        .unwrap();
    for index in 0..MOST_FILES + 1 {
        fs::write(folder.join(format!("n{index:02}")), "x").unwrap();
    }
    let runs = bench.run();
    assert_eq!(runs[0].files.len(), MOST_FILES);
    assert!(!runs[0].files.contains(&"passwd.txt".to_owned()));
    assert!(
        runs[0].note.contains("huge.bin") && runs[0].note.contains("n10"),
        "{}",
        runs[0].note
    );
    assert_eq!(append(&runs), None);
}

#[test]
fn what_is_appended_is_bounded_and_clean() {
    let bench = Bench::new(&[(
        "long",
        "head -c 200000 /dev/zero | tr '\\0' 'x' > a_append.txt; printf 'a\\033[2Jb' > b_append.txt",
    )]);
    let text = append(&bench.run()).unwrap();
    assert!(
        text.chars().count() <= APPEND_CHARS && !text.contains('\u{1b}'),
        "{}",
        text.len()
    );
}

#[test]
fn text_is_read_as_windows_writes_it() {
    assert_eq!(decoded(b"\xff\xfeh\0\xfc\0"), "hü");
    assert_eq!(decoded(b"\xfe\xff\0h"), "h");
    assert_eq!(decoded(b"\xef\xbb\xbfh\xc3\xbc"), "hü");
    assert_eq!(decoded(b"h\xff"), "h\u{fffd}");
}

#[test]
fn a_script_tells_who_sits_here_in_any_capitals() {
    let bench = Bench::new(&[
        (
            "who",
            r#"echo '{"name":"Maria Rossi","Email":"maria@example.com","businessName":"Bianchi","PhoneCell":"040 1"}'"#,
        ),
        ("mute", "echo hello"),
        ("gone", "exit 1"),
    ]);
    let known = identity(&bench.scripts[0]).unwrap();
    assert_eq!(
        known,
        Identity {
            name: Some("Maria Rossi".into()),
            email: Some("maria@example.com".into()),
            company: Some("Bianchi".into()),
            phone: Some("040 1".into()),
        }
    );
    assert_eq!(identity(&bench.scripts[1]), Err(IdentityError::NotAnIdentity));
    assert_eq!(identity(&bench.scripts[2]), Err(IdentityError::NotAnIdentity));
    assert!(matches!(
        identity(Path::new("/nowhere")),
        Err(IdentityError::NotRun(_))
    ));
}
