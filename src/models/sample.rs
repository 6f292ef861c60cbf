//! A tiny Whisper model in `CTranslate2`'s format, for tests.

use half::{bf16, f16};

use super::ct2::DataType;

/// Width of the sample's encoder and decoder.
pub const WIDTH: u32 = 8;
/// The sample's vocabulary: two regular tokens, the first special one, and another.
pub const VOCABULARY: &str = "!\nĠhé\n<|endoftext|>\n<|startoftranscript|>\n";

/// The value of element `index` of the variable that is written as number `variable`; exact in half precision.
pub fn value(variable: usize, index: usize) -> f32 {
    ((variable * 31 + index * 7) % 1009) as f32 / 8.0 - 60.0
}

/// Builds a file of the format.
pub struct Writer {
    pub variables: Vec<(String, Vec<u32>, DataType)>,
}

impl Writer {
    /// A model of one layer each.
    pub fn whisper(data_type: DataType) -> Self {
        let w = WIDTH;
        let mut variables: Vec<(String, Vec<u32>)> = vec![
            ("decoder/embeddings/weight".into(), vec![4, w]),
            ("decoder/position_encodings/encodings".into(), vec![16, w]),
            ("encoder/position_encodings/encodings".into(), vec![12, w]),
            ("encoder/conv1/weight".into(), vec![w, 80, 3]),
            ("encoder/conv1/bias".into(), vec![w]),
            ("encoder/conv2/weight".into(), vec![w, w, 3]),
            ("encoder/conv2/bias".into(), vec![w]),
        ];
        let mut linear = |name: String, rows: u32, columns: u32| {
            variables.push((format!("{name}/weight"), vec![rows, columns]));
            variables.push((format!("{name}/bias"), vec![rows]));
        };
        for stack in ["encoder", "decoder"] {
            let layer = format!("{stack}/layer_0");
            linear(format!("{layer}/self_attention/linear_0"), 3 * w, w);
            linear(format!("{layer}/self_attention/linear_1"), w, w);
            linear(format!("{layer}/ffn/linear_0"), 4 * w, w);
            linear(format!("{layer}/ffn/linear_1"), w, 4 * w);
        }
        linear("decoder/layer_0/attention/linear_0".into(), w, w);
        linear("decoder/layer_0/attention/linear_1".into(), 2 * w, w);
        linear("decoder/layer_0/attention/linear_2".into(), w, w);
        for norm in [
            "encoder/layer_norm",
            "encoder/layer_0/self_attention/layer_norm",
            "encoder/layer_0/ffn/layer_norm",
            "decoder/layer_norm",
            "decoder/layer_0/self_attention/layer_norm",
            "decoder/layer_0/attention/layer_norm",
            "decoder/layer_0/ffn/layer_norm",
        ] {
            variables.push((format!("{norm}/gamma"), vec![w]));
            variables.push((format!("{norm}/beta"), vec![w]));
        }
        let mut variables: Vec<_> = variables.into_iter().map(|(name, dims)| (name, dims, data_type)).collect();
        for stack in ["encoder", "decoder"] {
            variables.push((format!("{stack}/num_heads"), vec![], DataType::I16));
        }
        Self { variables }
    }

    /// The number of a variable, for [`value`].
    pub fn number(&self, name: &str) -> usize {
        self.variables.iter().position(|variable| variable.0 == name).unwrap()
    }

    /// The file's bytes. The number of heads is 2.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = 6_u32.to_le_bytes().to_vec();
        let name = |out: &mut Vec<u8>, name: &str| {
            out.extend((name.len() as u16 + 1).to_le_bytes());
            out.extend(name.as_bytes());
            out.push(0);
        };
        name(&mut out, "WhisperSpec");
        out.extend(3_u32.to_le_bytes());
        out.extend((self.variables.len() as u32).to_le_bytes());
        for (number, (variable, dims, data_type)) in self.variables.iter().enumerate() {
            name(&mut out, variable);
            out.push(dims.len() as u8);
            out.extend(dims.iter().flat_map(|dim| dim.to_le_bytes()));
            let elements = dims.iter().product::<u32>() as usize;
            let (id, data): (u8, Vec<u8>) = match data_type {
                DataType::F32 => (0, (0..elements).flat_map(|i| value(number, i).to_le_bytes()).collect()),
                DataType::I8 => (1, vec![1; elements]),
                DataType::I16 => (2, 2_i16.to_le_bytes().repeat(elements)),
                DataType::I32 => (3, 2_i32.to_le_bytes().repeat(elements)),
                DataType::F16 => {
                    (4, (0..elements).flat_map(|i| f16::from_f32(value(number, i)).to_le_bytes()).collect())
                }
                DataType::Bf16 => {
                    (5, (0..elements).flat_map(|i| bf16::from_f32(value(number, i)).to_le_bytes()).collect())
                }
            };
            out.push(id);
            out.extend((data.len() as u32).to_le_bytes());
            out.extend(data);
        }
        out.extend(1_u32.to_le_bytes());
        name(&mut out, "decoder/projection/weight");
        name(&mut out, "decoder/embeddings/weight");
        out
    }
}
