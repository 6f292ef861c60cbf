//! Reading `CTranslate2` model files, binary version 6.
//!
//! The format (`CTranslate2`, `python/ctranslate2/specs/model_spec.py`, `_serialize`), all numbers little-endian: `u32`
//! version; name of the specification and its `u32` revision; `u32` count of variables; each variable is a name, `u8`
//! rank, `u32` dimensions, `u8` type, `u32` byte count, and the bytes; then `u32` count of aliases, each two names. A
//! name is a `u16` length and that many bytes, the last of them NUL.
//!
//! Only the index is kept in memory. Nothing is allocated from a length that the file has not been seen to hold.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use thiserror::Error;

/// The version of the format that is understood.
const BINARY_VERSION: u32 = 6;
/// No Whisper model has as many: large has 492 and its aliases.
const MAX_VARIABLES: u32 = 16_384;
/// Longest name accepted; Whisper's longest has 53 bytes.
const MAX_NAME: usize = 512;
/// No variable of Whisper has more than three dimensions.
const MAX_RANK: u8 = 4;

/// Why a file is no `CTranslate2` model that we can read.
#[derive(Debug, Error)]
pub enum Ct2Error {
    /// The operating system could not read.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
    /// The file ends inside a field.
    #[error("the file ends at byte {at}, inside {inside}: it is truncated or no CTranslate2 model")]
    Truncated {
        /// Where the field begins.
        at: u64,
        /// The field.
        inside: String,
    },
    /// Another version of the format, or another format.
    #[error("found version {found}, expected version {BINARY_VERSION} of the CTranslate2 format")]
    Version {
        /// The first four bytes as a number.
        found: u32,
    },
    /// A model of another kind.
    #[error("found a model of kind {found:?}, expected \"WhisperSpec\"")]
    Kind {
        /// The name of the specification.
        found: String,
    },
    /// A number or name that no Whisper model holds.
    #[error("{what} at byte {at}: found {found}, expected {expected}")]
    Field {
        /// The field.
        what: String,
        /// Where it begins.
        at: u64,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A variable that Whisper needs is not in the file.
    #[error("the variable {0} is missing")]
    Missing(String),
    /// A variable has a form that Whisper's does not have.
    #[error("the variable {name} is {found}, expected {expected}")]
    Shape {
        /// The variable.
        name: String,
        /// Its type and dimensions.
        found: String,
        /// What they should be.
        expected: String,
    },
}

/// The types of a variable's elements, by their numbers in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    /// 32-bit floating point.
    F32,
    /// 8-bit integer; the weights of a quantised model.
    I8,
    /// 16-bit integer.
    I16,
    /// 32-bit integer.
    I32,
    /// 16-bit floating point, IEEE 754.
    F16,
    /// 16-bit floating point with eight bits of exponent.
    Bf16,
}

impl DataType {
    fn from_id(id: u8) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::I8,
            2 => Self::I16,
            3 => Self::I32,
            4 => Self::F16,
            5 => Self::Bf16,
            _ => return None,
        })
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::I8 => 1,
            Self::I16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 => 4,
        }
    }
}

/// One variable of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Rows first; empty for a scalar.
    pub dims: Vec<u32>,
    /// Type of the elements.
    pub data_type: DataType,
    /// Where its bytes begin in the file.
    pub offset: u64,
    /// How many bytes it has; always the product of the dimensions times the size of an element.
    pub bytes: u64,
}

impl Variable {
    /// The variable's type and dimensions for people: `f16[512, 80, 3]`.
    pub fn form(&self) -> String {
        format!("{:?}{:?}", self.data_type, self.dims).to_lowercase()
    }
}

/// An open model: the index of its variables, and the file they are read from.
#[derive(Debug)]
pub struct Ct2Model<R> {
    input: BufReader<R>,
    variables: HashMap<String, Variable>,
}

impl<R: Read + Seek> Ct2Model<R> {
    /// Reads the index of a Whisper model.
    ///
    /// # Errors
    ///
    /// [`Ct2Error`] when `input` is not a whole `CTranslate2` model of kind `WhisperSpec`.
    pub fn open(input: R) -> Result<Self, Ct2Error> {
        let mut cursor = Cursor::new(input)?;
        let version = cursor.u32("the version")?;
        if version != BINARY_VERSION {
            return Err(Ct2Error::Version { found: version });
        }
        let kind = cursor.name("the name of the specification")?;
        if kind != "WhisperSpec" {
            return Err(Ct2Error::Kind { found: kind });
        }
        cursor.u32("the revision")?;
        let count = cursor.count("the number of variables")?;
        let mut variables = HashMap::new();
        for _ in 0..count {
            let (name, variable) = cursor.variable()?;
            variables.insert(name, variable);
        }
        for _ in 0..cursor.count("the number of aliases")? {
            let alias = cursor.name("an alias")?;
            let target = cursor.name("an alias")?;
            if let Some(variable) = variables.get(&target).cloned() {
                variables.entry(alias).or_insert(variable);
            }
        }
        Ok(Self { input: cursor.input, variables })
    }

    /// The variable of that name.
    ///
    /// # Errors
    ///
    /// [`Ct2Error::Missing`].
    pub fn variable(&self, name: &str) -> Result<&Variable, Ct2Error> {
        self.variables.get(name).ok_or_else(|| Ct2Error::Missing(name.to_owned()))
    }

    /// Whether there is a variable of that name.
    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// A scalar integer.
    ///
    /// # Errors
    ///
    /// When it is missing or is no scalar integer.
    pub fn integer(&mut self, name: &str) -> Result<i32, Ct2Error> {
        let variable = self.variable(name)?.clone();
        let shape = || Ct2Error::Shape {
            name: name.to_owned(),
            found: variable.form(),
            expected: "an integer without dimensions".into(),
        };
        if !variable.dims.is_empty() {
            return Err(shape());
        }
        let mut raw = [0; 4];
        let used = raw.get_mut(..variable.data_type.size()).ok_or_else(shape)?;
        self.input.seek(SeekFrom::Start(variable.offset))?;
        self.input.read_exact(used)?;
        match variable.data_type {
            DataType::I8 => Ok(i32::from(raw[0].cast_signed())),
            DataType::I16 => Ok(i32::from(i16::from_le_bytes([raw[0], raw[1]]))),
            DataType::I32 => Ok(i32::from_le_bytes(raw)),
            DataType::F32 | DataType::F16 | DataType::Bf16 => Err(shape()),
        }
    }

    /// A reader of `length` bytes of the file from `offset`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn bytes(&mut self, offset: u64, length: u64) -> Result<impl Read + '_, Ct2Error> {
        self.input.seek(SeekFrom::Start(offset))?;
        Ok(self.input.by_ref().take(length))
    }
}

/// Reads fields and knows how much of the file is left.
struct Cursor<R> {
    input: BufReader<R>,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> Cursor<R> {
    fn new(mut input: R) -> Result<Self, Ct2Error> {
        let length = input.seek(SeekFrom::End(0))?;
        input.rewind()?;
        Ok(Self { input: BufReader::new(input), at: 0, length })
    }

    fn array<const N: usize>(&mut self, inside: &str) -> Result<[u8; N], Ct2Error> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, inside)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8], inside: &str) -> Result<(), Ct2Error> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Ct2Error::Truncated { at: self.at, inside: inside.to_owned() },
            _ => Ct2Error::Io(error),
        })?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn u32(&mut self, inside: &str) -> Result<u32, Ct2Error> {
        Ok(u32::from_le_bytes(self.array(inside)?))
    }

    fn field(&self, what: &str, found: &dyn std::fmt::Display, expected: &dyn std::fmt::Display) -> Ct2Error {
        Ct2Error::Field { what: what.to_owned(), at: self.at, found: found.to_string(), expected: expected.to_string() }
    }

    fn count(&mut self, what: &str) -> Result<u32, Ct2Error> {
        let count = self.u32(what)?;
        if count > MAX_VARIABLES {
            return Err(self.field(what, &count, &format!("at most {MAX_VARIABLES}")));
        }
        Ok(count)
    }

    fn name(&mut self, what: &str) -> Result<String, Ct2Error> {
        let length = usize::from(u16::from_le_bytes(self.array(what)?));
        if length == 0 || length > MAX_NAME {
            return Err(self.field(what, &format!("a name of {length} bytes"), &format!("1 to {MAX_NAME} bytes")));
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes, what)?;
        match (bytes.pop(), String::from_utf8(bytes)) {
            (Some(0), Ok(name)) => Ok(name),
            _ => Err(self.field(what, &"other bytes", &"UTF-8 text that ends in NUL")),
        }
    }

    fn variable(&mut self) -> Result<(String, Variable), Ct2Error> {
        let name = self.name("the name of a variable")?;
        let rank = self.array::<1>(&name)?[0];
        if rank > MAX_RANK {
            return Err(self.field(&name, &format!("{rank} dimensions"), &format!("at most {MAX_RANK}")));
        }
        let dims = (0..rank).map(|_| self.u32(&name)).collect::<Result<Vec<_>, _>>()?;
        let id = self.array::<1>(&name)?[0];
        let data_type = DataType::from_id(id)
            .ok_or_else(|| self.field(&name, &format!("element type {id}"), &"a type from 0 to 5"))?;
        let bytes = u64::from(self.u32(&name)?);
        let expected = dims
            .iter()
            .try_fold(data_type.size() as u64, |product, dim| product.checked_mul(u64::from(*dim)))
            .filter(|expected| *expected == bytes);
        let variable = Variable { dims, data_type, offset: self.at, bytes };
        if expected.is_none() {
            return Err(self.field(&name, &format!("{bytes} bytes"), &format!("the bytes of {}", variable.form())));
        }
        if bytes > self.length.saturating_sub(self.at) {
            return Err(Ct2Error::Truncated { at: self.at, inside: name });
        }
        // seek_relative keeps the buffer when it can; `bytes` came from a u32
        self.input.seek_relative(bytes.cast_signed())?;
        self.at += bytes;
        Ok((name, variable))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::models::sample::Writer;

    fn error(bytes: Vec<u8>) -> String {
        Ct2Model::open(Cursor::new(bytes)).unwrap_err().to_string()
    }

    #[test]
    fn variables_and_aliases_are_found() {
        let mut model = Ct2Model::open(Cursor::new(Writer::whisper(DataType::F16).bytes())).unwrap();
        assert_eq!(model.integer("decoder/num_heads").unwrap(), 2);
        assert_eq!(model.variable("encoder/conv1/weight").unwrap().form(), "f16[8, 80, 3]");
        let alias = model.variable("decoder/projection/weight").unwrap();
        assert_eq!(alias, model.variable("decoder/embeddings/weight").unwrap());
        assert!(
            model.integer("encoder/conv1/bias").unwrap_err().to_string().contains("is f16[8], expected an integer")
        );
        assert_eq!(model.variable("x").unwrap_err().to_string(), "the variable x is missing");
    }

    #[test]
    fn other_files_are_told_apart() {
        assert!(error(b"GGUFxxxx".to_vec()).contains("expected version 6"));
        let text = |from: &str, to: &str| {
            let bytes = Writer::whisper(DataType::F16).bytes();
            let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
            let mut changed = bytes;
            changed[at..at + to.len()].copy_from_slice(to.as_bytes());
            changed
        };
        assert!(error(text("WhisperSpec", "WhimperSpec")).contains("kind \"WhimperSpec\""));
    }

    #[test]
    fn a_length_beyond_the_file_is_not_believed() {
        // one variable of 4 GB in a file of 60 bytes
        let mut bytes = 6_u32.to_le_bytes().to_vec();
        bytes.extend(b"\x0c\x00WhisperSpec\x00");
        bytes.extend([3, 0, 0, 0, 1, 0, 0, 0]);
        bytes.extend(b"\x02\x00w\x00");
        bytes.extend([1, 0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff]);
        assert!(error(bytes).contains("inside w: it is truncated"));
        assert!(
            error([6, 0, 0, 0, 0xff, 0xff].to_vec()).contains("found a name of 65535 bytes, expected 1 to 512 bytes")
        );
    }

    #[test]
    fn a_byte_count_that_contradicts_the_dimensions_is_named() {
        let mut bytes = Writer { variables: vec![("w".into(), vec![2], DataType::F16)] }.bytes();
        let at = bytes.windows(4).position(|window| window == [4, 4, 0, 0]).unwrap();
        bytes[at + 1] = 3;
        assert!(error(bytes).contains("found 3 bytes, expected the bytes of f16[2]"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = Ct2Model::open(Cursor::new(bytes));
        }

        #[test]
        fn every_truncation_is_an_error(cut in 1_usize..5000) {
            let mut bytes = Writer::whisper(DataType::F16).bytes();
            bytes.truncate(bytes.len() - cut);
            prop_assert!(Ct2Model::open(Cursor::new(bytes)).is_err());
        }
    }
}
