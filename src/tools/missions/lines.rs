//! Missions as lines for programs.

use std::io::{self, BufWriter, Write};

use schemas::{Mission, csv};

/// Writes missions, one after the other.
pub(super) enum Writer<W: Write> {
    Json(BufWriter<W>),
    Csv(BufWriter<W>),
}

/// Bytes that are written at once.
const BUFFER: usize = 64 * 1024;

impl<W: Write> Writer<W> {
    /// One JSON object on each line.
    pub(super) fn json(out: W) -> Self {
        Self::Json(BufWriter::with_capacity(BUFFER, out))
    }

    /// Comma-separated values; the header is written even if no mission follows.
    pub(super) fn csv(out: W) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(BUFFER, out);
        out.write_all(csv::header::<Mission>().as_bytes())?;
        Ok(Self::Csv(out))
    }

    pub(super) fn put(&mut self, mission: &Mission) -> io::Result<()> {
        match self {
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, mission)?;
                out.write_all(b"\n")
            }
            Self::Csv(out) => out.write_all(csv::line(mission).as_bytes()),
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match &mut self {
            Self::Json(out) | Self::Csv(out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(missions: &[Mission], json: bool) -> String {
        let mut bytes = Vec::new();
        let mut writer =
            if json { Writer::json(&mut bytes) } else { Writer::csv(&mut bytes).unwrap() };
        missions.iter().for_each(|mission| writer.put(mission).unwrap());
        writer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn mission() -> Mission {
        let json = r#"{"id":"01a20395-78d2-7724-afc9-ae760b63f500",
            "dossier":"19 z 19 n 3 p 7 d 3 l 10 f","objective":"Say \"no\", then leave",
            "target":"the dictator","casebook":"x","created_at":"2026-11-22T14:07:37.171589Z"}"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn csv_names_its_columns_and_quotes_what_needs_it() {
        let columns = "id,dossier,objective,target,casebook,created_at\n";
        assert_eq!(written(&[], false), columns);
        let row = "01a20395-78d2-7724-afc9-ae760b63f500,19 z 19 n 3 p 7 d 3 l 10 f,\
             \"Say \"\"no\"\", then leave\",the dictator,x,2026-11-22T14:07:37.171589Z\n";
        assert_eq!(written(&[mission()], false), format!("{columns}{row}"));
    }

    #[test]
    fn json_is_one_object_on_each_line() {
        let text = written(&[mission(), mission()], true);
        let lines: Vec<Mission> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines, [mission(), mission()]);
        assert!(text.ends_with("}\n"));
    }
}
