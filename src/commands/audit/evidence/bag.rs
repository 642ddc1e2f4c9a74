//! A zip file in a fixed form: the same files make the same bytes, and each is listed with its digest.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::commands::error::CommandError;
use crate::domain::id::Digest;

/// What goes into the zip, as it comes.
pub struct Bag<'a> {
    zip: ZipWriter<BufWriter<&'a mut File>>,
    /// Digest and path, in order.
    listed: Vec<(Digest, String)>,
}

pub fn unwritten(error: &io::Error) -> CommandError {
    CommandError::unsure(format!("not written: {error}"))
}

/// Counts into a digest what it passes on.
struct Hashed<'a, W: Write> {
    out: &'a mut W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or(bytes));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Fills one file of the bag.
pub type Fill<'a> = dyn FnMut(&mut dyn Write) -> Result<(), CommandError> + 'a;

impl<'a> Bag<'a> {
    pub fn new(file: &'a mut File) -> Self {
        Self { zip: ZipWriter::new(BufWriter::new(file)), listed: Vec::new() }
    }

    /// How many files it holds.
    pub fn files(&self) -> u64 {
        self.listed.len() as u64
    }

    /// Adds a file.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), CommandError> {
        self.stream(path, &mut |out| out.write_all(bytes).map_err(|error| unwritten(&error)))
    }

    /// Adds a file that need not fit into memory.
    pub fn stream(&mut self, path: &str, fill: &mut Fill<'_>) -> Result<(), CommandError> {
        // No time of any clock, nothing of this machine.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(path, options).map_err(|error| unwritten(&error.into()))?;
        let mut out = Hashed { out: &mut self.zip, hash: Sha256::new() };
        fill(&mut out)?;
        let digest = Digest::new(out.hash.finalize().into());
        self.listed.push((digest, path.to_owned()));
        Ok(())
    }

    /// What it holds, as `sha256sum -c` reads it.
    pub fn manifest(&self) -> String {
        self.listed.iter().map(|(digest, path)| format!("{digest}  {path}\n")).collect()
    }

    pub fn finish(self) -> Result<(), CommandError> {
        let mut out = self.zip.finish().map_err(|error| unwritten(&error.into()))?;
        out.flush().map_err(|error| unwritten(&error))
    }
}
