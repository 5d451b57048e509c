//! `cargo xtask pictures`: the pictures of the documentation. Their texts are in docs/pictures, and
//! Graphviz draws them.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::Args;
use sha2::{Digest, Sha256};
use testkit::process::find;
use tokio::process::Command;
use xtask::install::packages;
use xtask::workspace::root;
use xtask::{Failure, Outcome};

const FOLDER: &str = "docs/pictures";
/// The colours, by the classes that the texts give, on a bright and on a dark page.
const STYLE: &str = include_str!("pictures/style.css");

/// Draws docs/pictures/*.svg from the texts beside them
#[derive(Args)]
pub(crate) struct Options {
    /// Install Graphviz first (Debian and Ubuntu; needs root or sudo)
    #[arg(long)]
    install: bool,
}

pub(crate) async fn run(options: Options) -> Outcome {
    if find("dot").is_none() {
        if !options.install {
            println!("Graphviz is not installed: apt-get install graphviz, or --install");
            return Ok(ExitCode::from(2));
        }
        packages(&["graphviz"]).await?;
    }
    for text in texts()? {
        let drawn = draw(&text).await?;
        fs::write(text.with_extension("svg"), drawn)?;
        println!("{}", text.with_extension("svg").display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The texts of all pictures, by name.
fn texts() -> io::Result<Vec<PathBuf>> {
    let files = fs::read_dir(root().join(FOLDER))?.map(|file| Ok(file?.path()));
    let mut files = files.collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "dot"));
    files.sort();
    Ok(files)
}

/// The picture of a text.
async fn draw(text: &Path) -> Result<String, Failure> {
    let drawing = Command::new("dot").args(["-Tsvg", "-Gbgcolor=transparent"]).arg(text).output();
    let drawn = drawing.await?;
    if !drawn.status.success() {
        return Err(String::from_utf8_lossy(&drawn.stderr).into_owned().into());
    }
    let drawn = String::from_utf8(drawn.stdout)?;
    // Without what names the version that drew it.
    let (_, svg) = drawn.split_once("<svg ").ok_or("Graphviz draws no SVG")?;
    let (head, rest) = svg.split_once('>').ok_or("Graphviz draws no SVG")?;
    let mark = mark(&fs::read_to_string(text)?);
    Ok(format!("<svg role=\"img\" {head}>\n{mark}\n<style>\n{STYLE}</style>{rest}"))
}

/// Says of which text a picture is.
fn mark(text: &str) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(text).iter().take(8) {
        let _ = write!(hash, "{byte:02x}"); // writing to a String never fails
    }
    format!("<!-- cargo xtask pictures: of the text {hash} -->")
}

#[cfg(test)]
mod tests;
