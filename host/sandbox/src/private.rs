//! Files and folders that only this account may read.

use std::{fs, io::Write as _, path::Path};

/// Makes the folder and its parents if missing; only this account may enter it.
///
/// # Errors
/// If it cannot be made, or others may enter it.
pub fn folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o022 != 0 {
            return Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                format!(
                    "others may write to {}; run: chmod 700 {}",
                    path.display(),
                    path.display()
                ),
            ));
        }
    }
    Ok(())
}

/// Writes a whole file that only this account may read, under another name first: a reader sees
/// the old content or the new, never a part.
///
/// # Errors
/// If the folder cannot be written to.
pub fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    // tempfile makes its files 0600 on Unix.
    let mut temporary = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}
