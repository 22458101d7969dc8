//! What MISP warninglists know of values:
//! `echo domain www.example.com | cargo run --release --no-default-features --example lists -- DIR`
//!
//! DIR is the `lists` folder of a copy of github.com/MISP/misp-warninglists. Each line of the input is a type and a
//! value; each line of the output is the value and the lists that know it.

use std::error::Error;
use std::io::stdin;
use std::path::Path;

use iocsift::lists::{Builder, Columns, List, ListFormat, ListKind, read};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: lists DIR")?;
    let mut folders: Vec<_> = std::fs::read_dir(Path::new(&folder))?.collect::<Result<_, _>>()?;
    folders.sort_by_key(std::fs::DirEntry::file_name);

    let mut builder = Builder::default();
    for folder in folders {
        let bytes = std::fs::read(folder.path().join("list.json"))?;
        let contents = read(ListFormat::Warninglist, &Columns::default(), &bytes)?;
        let slug = folder.file_name().to_string_lossy().into_owned();
        let list = List::new(slug, ListKind::Contextual).told(&contents.about);
        builder.add(list, &contents.entries)?;
    }
    let matcher = builder.build()?;

    for line in stdin().lines() {
        let line = line?;
        let (kind, value) = line.split_once(' ').ok_or("a line is a type and a value")?;
        let hits = matcher.look_up(kind.parse()?, value);
        let slugs: Vec<_> = hits.iter().map(|hit| hit.list.slug.as_str()).collect();
        println!("{value}\t{}", slugs.join(" "));
    }
    Ok(())
}
