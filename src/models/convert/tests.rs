//! Conversion of the tiny sample model, and of bytes that are none.

use std::collections::HashMap;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::models::sample::{VOCABULARY, WIDTH, Writer, value};

/// The sample model in ggml's format.
pub fn converted() -> Vec<u8> {
    convert_bytes(Writer::whisper(DataType::F16).bytes(), VOCABULARY).unwrap()
}

fn convert_bytes(model: Vec<u8>, vocabulary: &str) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    convert_stream(Cursor::new(model), vocabulary.as_bytes(), &mut out)?;
    Ok(out)
}

struct Read<'a>(&'a [u8]);

impl Read<'_> {
    fn u32(&mut self) -> u32 {
        let (number, rest) = self.0.split_at(4);
        self.0 = rest;
        u32::from_le_bytes(number.try_into().unwrap())
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes.to_vec()
    }
}

struct Parsed {
    tokens: Vec<Vec<u8>>,
    names: Vec<String>,
    /// Dimensions as in the file, type, elements.
    tensors: HashMap<String, (Vec<u32>, u32, Vec<f32>)>,
}

fn parse(bytes: &[u8]) -> Parsed {
    let mut read = Read(bytes);
    read.take(48 + 8 + 80 * mel::FFT_BINS * 4);
    let count = read.u32();
    let tokens = (0..count)
        .map(|_| {
            let length = read.u32();
            read.take(length as usize)
        })
        .collect();
    let (mut names, mut tensors) = (Vec::new(), HashMap::new());
    while !read.0.is_empty() {
        let (rank, length, kind) = (read.u32(), read.u32(), read.u32());
        let dims: Vec<u32> = (0..rank).map(|_| read.u32()).collect();
        let name = String::from_utf8(read.take(length as usize)).unwrap();
        let elements = dims.iter().product::<u32>() as usize;
        let data = match kind {
            0 => read.take(elements * 4).chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect(),
            _ => read.take(elements * 2).chunks(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
        };
        names.push(name.clone());
        assert!(tensors.insert(name, (dims, kind, data)).is_none());
    }
    Parsed { tokens, names, tensors }
}

/// `count` elements of a variable of the sample from `first` on.
fn elements(name: &str, first: usize, count: usize) -> Vec<f32> {
    let number = Writer::whisper(DataType::F16).number(name);
    (first..first + count).map(|index| value(number, index)).collect()
}

#[test]
fn fused_rows_are_split_and_keys_have_no_bias() {
    let parsed = parse(&converted());
    let square = (WIDTH * WIDTH) as usize;
    let source = "decoder/layer_0/self_attention/linear_0";
    for (part, name) in ["query", "key", "value"].into_iter().enumerate() {
        let (dims, kind, data) = &parsed.tensors[&format!("decoder.blocks.0.attn.{name}.weight")];
        assert_eq!((dims.as_slice(), *kind), ([WIDTH, WIDTH].as_slice(), 1));
        assert_eq!(*data, elements(&format!("{source}/weight"), part * square, square), "{name}");
    }
    let (dims, kind, data) = &parsed.tensors["decoder.blocks.0.attn.value.bias"];
    assert_eq!((dims.as_slice(), *kind), ([WIDTH].as_slice(), 0));
    assert_eq!(*data, elements(&format!("{source}/bias"), 2 * WIDTH as usize, WIDTH as usize));
    assert!(!parsed.names.iter().any(|name| name.ends_with("key.bias")));
    let cross = &parsed.tensors["decoder.blocks.0.cross_attn.value.weight"].2;
    assert_eq!(*cross, elements("decoder/layer_0/attention/linear_1/weight", square, square));
}

#[test]
fn shapes_and_precisions_are_those_that_whisper_cpp_expects() {
    let parsed = parse(&converted());
    let form = |name: &str| (parsed.tensors[name].0.clone(), parsed.tensors[name].1);
    assert_eq!(form("encoder.conv1.weight"), (vec![3, 80, WIDTH], 1));
    assert_eq!(form("encoder.conv1.bias"), (vec![1, WIDTH], 0));
    assert_eq!(form("encoder.positional_embedding"), (vec![WIDTH, 12], 0));
    assert_eq!(form("decoder.token_embedding.weight"), (vec![WIDTH, 4], 1));
    assert_eq!(form("decoder.blocks.0.mlp.0.weight"), (vec![WIDTH, 4 * WIDTH], 1));
    assert_eq!(form("decoder.ln.weight"), (vec![WIDTH], 0));
    assert_eq!(parsed.names.len(), 50);
}

#[test]
fn the_order_is_the_publishers() {
    let names = parse(&converted()).names;
    assert_eq!(
        names[..4],
        [
            "decoder.positional_embedding",
            "encoder.positional_embedding",
            "decoder.token_embedding.weight",
            "decoder.blocks.0.mlp_ln.weight"
        ]
    );
    assert_eq!(names[names.len() - 1], "encoder.ln_post.bias");
}

#[test]
fn tokens_are_bytes_again() {
    let parsed = parse(&converted());
    // an English-only vocabulary keeps the first special token; é stands for the byte E9
    assert_eq!(parsed.tokens, [b"!".to_vec(), b" h\xe9".to_vec(), b"<|endoftext|>".to_vec()]);
    let json = r#"["!", "\u0120h\u00e9", "<|endoftext|>", "<|startoftranscript|>"]"#;
    let from_json = convert_bytes(Writer::whisper(DataType::F16).bytes(), json).unwrap();
    assert_eq!(parse(&from_json).tokens, parsed.tokens);
}

#[test]
fn wider_floats_give_the_same_model() {
    let half = converted();
    assert!(convert_bytes(Writer::whisper(DataType::F32).bytes(), VOCABULARY).unwrap() == half);
    let brain = parse(&convert_bytes(Writer::whisper(DataType::Bf16).bytes(), VOCABULARY).unwrap());
    let number = Writer::whisper(DataType::Bf16).number("encoder/conv1/weight");
    assert_eq!(brain.tensors["encoder.conv1.weight"].2[1..2], [bf16::from_f32(value(number, 1)).to_f32()]);
}

#[test]
fn the_alphabet_has_every_byte_once() {
    let alphabet = byte_alphabet();
    assert_eq!(alphabet.iter().collect::<std::collections::HashSet<_>>().len(), 256);
    assert_eq!((alphabet[b' ' as usize], alphabet[b'\n' as usize], alphabet[0xad]), ('Ġ', 'Ċ', '\u{143}'));
}

#[test]
fn what_does_not_fit_is_named() {
    let fault = |writer: Writer, vocabulary: &str| match convert_bytes(writer.bytes(), vocabulary).unwrap_err() {
        Fault::Model(error) => error.to_string(),
        Fault::Vocabulary(fault) => fault,
        Fault::Output(error) => error.to_string(),
    };
    let quantised = fault(Writer::whisper(DataType::I8), VOCABULARY);
    assert!(quantised.contains("is i8[16, 8], expected f16[16, 8]"), "{quantised}");
    let mut writer = Writer::whisper(DataType::F16);
    writer.variables.retain(|variable| variable.0 != "encoder/conv2/bias");
    assert_eq!(fault(writer, VOCABULARY), "the variable encoder/conv2/bias is missing");
    let mut writer = Writer::whisper(DataType::F16);
    let number = writer.number("encoder/layer_0/ffn/linear_1/weight");
    writer.variables[number].1 = vec![8, 31];
    assert!(fault(writer, VOCABULARY).contains("is f16[8, 31], expected f16[8, 32]"));
    let sample = || Writer::whisper(DataType::F16);
    assert!(fault(sample(), "a\nb\n").contains("found 2 tokens, expected 4 as in the model"));
    assert!(fault(sample(), "a\nb\nc\nd\n").contains("this is not Whisper's vocabulary"));
    assert!(fault(sample(), "a\n→\n<|endoftext|>\nd\n").contains("token 1: '→' is not in the byte-level alphabet"));
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("model.bin"), Writer::whisper(DataType::F16).bytes()).unwrap();
    std::fs::write(path("vocabulary.txt"), "wrong").unwrap();
    let error = convert(&path("model.bin"), &path("vocabulary.txt"), &path("ggml.bin")).unwrap_err().to_string();
    assert!(error.contains("vocabulary.txt: found 1 tokens"), "{error}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
    std::fs::write(path("vocabulary.txt"), VOCABULARY).unwrap();
    convert(&path("model.bin"), &path("vocabulary.txt"), &path("ggml.bin")).unwrap();
    assert!(std::fs::read(path("ggml.bin")).unwrap() == converted());
}

#[test]
fn whisper_cpp_loads_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ggml.bin");
    std::fs::write(&path, converted()).unwrap();
    let parameters = whisper_rs::WhisperContextParameters::default();
    let context = whisper_rs::WhisperContext::new_with_params(&path, parameters).unwrap();
    assert_eq!((context.n_vocab(), context.n_text_ctx(), context.n_audio_ctx()), (4, 16, 12));
}

proptest! {
    #[test]
    fn a_damaged_model_never_panics(at in 0_usize..24_000, to: u8, cut in 0_usize..24_000) {
        let mut bytes = Writer::whisper(DataType::F16).bytes();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = to;
        }
        let _ = convert_bytes(bytes.clone(), VOCABULARY);
        bytes.truncate(cut);
        let _ = convert_bytes(bytes, VOCABULARY);
    }

    #[test]
    fn any_vocabulary_is_a_vocabulary_or_an_error(vocabulary in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = tokens(&vocabulary, 4);
    }
}
