//! The file extensions that make a name a file, and how much each proves.
//!
//! An extension that is a top-level domain too proves nothing alone: `evidence` decides there.

/// How much an extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// Nothing but a file is written so: `.exe`, `.ps1`.
    Sure,
    /// Properties and methods in code end so too: `.log`, `.key`.
    Weak,
    /// A top-level domain as well: `.zip`, `.sh`.
    Domain,
}

/// Longest extension in the tables, in bytes.
const LONGEST: usize = 17;

/// Sorted, so that a search may halve it; a test watches over the order.
const SURE: &[&str] = &["7z", "aac", "accdb", "accde", "ace", "acm", "adoc", "aes", "apk", "appex", "appimage", "application", "appref-ms", "appx", "appxbundle", "arj", "asar", "asax", "ascx", "ashx", "asmx", "asp", "aspx", "avi", "bak", "bas", "bash", "bat", "bin", "bmp", "bz2", "cdb", "cdxml", "cer", "cfg", "cgi", "chm", "class", "cmd", "conf", "cpgz", "cpio", "cpl", "cpp", "crt", "crx", "csh", "csproj", "css", "csv", "ctl", "cxx", "daa", "dat", "db3", "deb", "der", "desklink", "dex", "diagcab", "dib", "djvu", "dll", "dmg", "dmp", "doc", "docb", "docm", "docx", "dotm", "dotx", "drv", "dump", "dylib", "edb", "efi", "elf", "emf", "eml", "enc", "eps", "evt", "evtx", "exe", "flv", "fon", "gadget", "gif", "gpg", "grp", "gz", "gzip", "hlp", "hpp", "hta", "htm", "html", "htt", "hwp", "hwpx", "hxx", "ico", "ics", "img", "inf", "ini", "ipa", "ipsw", "iqy", "iso", "jar", "jasper", "jnlp", "jpe", "jpeg", "jpg", "js", "jse", "json", "jsp", "jspf", "jspx", "jsx", "jtd", "jtdc", "kdbx", "kext", "ko", "ksh", "laccdb", "ldb", "ldf", "library-ms", "lnk", "log1", "lua", "lz", "lz4", "lzh", "lzma", "m4a", "maff", "mam", "manifest", "mdb", "mde", "mdf", "mht", "mhtml", "mkv", "mobileconfig", "mof", "mp3", "mp4", "mpeg", "mpg", "mpkg", "msc", "msg", "msh", "msh1", "msi", "msix", "msixbundle", "msp", "mst", "msu", "mui", "mum", "nim", "nlp", "node", "ntds", "nupkg", "ocx", "odp", "ods", "odt", "oft", "ole", "one2", "onepkg", "ost", "otf", "ova", "ovf", "ovpn", "p12", "pak", "pcap", "pcapng", "pdb", "pdf", "pem", "pfx", "php", "php3", "php4", "php5", "php7", "phps", "pht", "phtml", "pif", "pkg", "plist", "pln", "png", "pol", "pot", "potm", "potx", "ppam", "ppkg", "pps", "ppsm", "ppsx", "ppt", "pptm", "pptx", "prf", "prx", "ps1", "ps1xml", "ps2", "psc1", "psd", "psd1", "psm1", "pst", "pyc", "pyd", "pyo", "pyw", "pyz", "qcow2", "r00", "r01", "rar", "rdp", "reg", "rels", "rpm", "rtf", "scf", "sch", "scpt", "scr", "sct", "sdb", "search-ms", "settingcontent-ms", "sfx", "shb", "shm", "shs", "shtml", "sln", "sqlite", "sqlite3", "svg", "swf", "sxw", "sys", "tar", "tbz2", "tgz", "theme", "themepack", "tif", "tiff", "tlb", "tmp", "torrent", "tsv", "ttf", "txt", "txz", "udf", "uue", "vba", "vbe", "vbp", "vbproj", "vbs", "vcf", "vcxproj", "vdi", "vhd", "vhdx", "vib", "vmdk", "vmem", "vmx", "vsd", "vsix", "war", "wasm", "wav", "webp", "wll", "wma", "wmf", "wmv", "wsb", "wsc", "wsf", "wsh", "wsp", "xap", "xbap", "xht", "xhtml", "xla", "xlam", "xll", "xlm", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xltm", "xltx", "xml", "xpi", "xps", "xsl", "xslt", "xz", "yaml", "yar", "yara", "yml", "z01", "zipx", "zpaq", "zst"];

/// Endings that code, prose and products share with files.
const WEAK: &[&str] = &["c", "config", "cs", "csr", "db", "go", "h", "java", "key", "kt", "lock", "log", "o", "obj", "old", "out", "policy", "rb", "rdf", "res", "service", "sock", "sql", "swift", "tbl", "timer", "ts", "vb", "wal"];

/// Top-level domains that are file extensions as well.
const DOMAIN: &[&str] = &["app", "ax", "cab", "cat", "com", "dot", "lib", "md", "mk", "mov", "one", "pl", "pm", "ps", "pub", "py", "rs", "sh", "so", "zip"];

/// What the extension `name` (without its dot, any case) says; `None` where it is unknown.
pub(super) fn strength(name: &str) -> Option<Strength> {
    if name.is_empty() || name.len() > LONGEST || !name.is_ascii() {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let within = |table: &[&str]| table.binary_search(&lower.as_str()).is_ok();
    if within(SURE) {
        Some(Strength::Sure)
    } else if within(DOMAIN) {
        Some(Strength::Domain)
    } else if within(WEAK) {
        Some(Strength::Weak)
    } else {
        None
    }
}

/// What the extension at the end of `file` says; a bare `.exe` has none.
pub(super) fn of(file: &str) -> Option<Strength> {
    let (stem, extension) = file.rsplit_once('.')?;
    stem.chars().any(char::is_alphanumeric).then(|| strength(extension)).flatten()
}

/// Whether a path whose last part is `part` ends there: its extension is one of files.
pub(super) fn ends_file(part: &str) -> bool {
    of(part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_apart() {
        for table in [SURE, WEAK, DOMAIN] {
            for pair in table.windows(2) {
                assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
        }
        for name in DOMAIN {
            assert!(!SURE.contains(name) && !WEAK.contains(name), "{name} twice");
        }
    }

    #[test]
    fn an_extension_needs_a_name_before_it() {
        assert_eq!(of("run.EXE"), Some(Strength::Sure));
        assert_eq!(of("setup.py"), Some(Strength::Domain));
        assert_eq!(of(".exe"), None);
        assert_eq!(of("no"), None);
        assert_eq!(of("fig.1"), None);
    }
}
