//! The program and the processor it runs on.

use super::{Check, Outcome};

/// From two cores on, transcription keeps pace with speech with the default model.
const ENOUGH_CORES: usize = 2;

pub(super) fn checks() -> Vec<Check> {
    vec![program(), recogniser(whisper_rs::print_system_info()), cores()]
}

fn program() -> Check {
    let mut with = Vec::new();
    for (name, there) in
        [("CUDA", cfg!(feature = "cuda")), ("Metal", cfg!(feature = "metal")), ("Vulkan", cfg!(feature = "vulkan"))]
    {
        if there {
            with.push(name);
        }
    }
    let with = if with.is_empty() { "processor only".to_owned() } else { with.join(", ") };
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::new("program", "Viva", Outcome::Good, format!("{} for {os} on {arch}, {with}", env!("CARGO_PKG_VERSION")))
}

/// What whisper.cpp was built for, against what the processor can do.
fn recogniser(system_info: &str) -> Check {
    let built = built_for(system_info);
    let found = if built.is_empty() {
        "whisper.cpp, plain".to_owned()
    } else {
        format!("whisper.cpp with {}", built.join(", "))
    };
    let unused: Vec<&str> = processor_has().into_iter().filter(|name| !built.contains(name)).collect();
    if unused.is_empty() {
        return Check::new("recogniser", "Recogniser", Outcome::Good, found);
    }
    Check::new("recogniser", "Recogniser", Outcome::Warning, found).advise(format!(
        "this processor also has {}, which would make transcription faster: build Viva on this machine, without \
         GGML_NATIVE=OFF",
        unused.join(", ")
    ))
}

/// Names of the instruction sets in whisper.cpp's own report, `AVX = 1 | AVX2 = 1 | …`.
fn built_for(system_info: &str) -> Vec<&str> {
    system_info
        .split(['|', ':'])
        .filter_map(|part| part.trim().split_once('='))
        .filter(|(_, value)| value.trim() == "1")
        .map(|(name, _)| name.trim())
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .collect()
}

/// The instruction sets of this processor that speed up transcription, by whisper.cpp's names.
#[cfg(target_arch = "x86_64")]
fn processor_has() -> Vec<&'static str> {
    let sets = [
        ("AVX", std::arch::is_x86_feature_detected!("avx")),
        ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
        ("FMA", std::arch::is_x86_feature_detected!("fma")),
        ("F16C", std::arch::is_x86_feature_detected!("f16c")),
        ("AVX512", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    sets.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

/// The instruction sets of this processor that speed up transcription, by whisper.cpp's names.
#[cfg(not(target_arch = "x86_64"))]
fn processor_has() -> Vec<&'static str> {
    Vec::new()
}

fn cores() -> Check {
    match std::thread::available_parallelism().map(std::num::NonZero::get) {
        Ok(cores) if cores >= ENOUGH_CORES => Check::new("cores", "Processor", Outcome::Good, format!("{cores} cores")),
        Ok(cores) => Check::new("cores", "Processor", Outcome::Warning, format!("{cores} core"))
            .advise("transcription takes longer than the answer; a smaller model helps: `viva models list`"),
        Err(error) => Check::new("cores", "Processor", Outcome::Warning, format!("number of cores unknown: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_whisper_reports_is_read() {
        let info =
            "WHISPER : COREML = 0 | OPENVINO = 0 | CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | AVX512 = 0 | REPACK = 1 | ";
        assert_eq!(built_for(info), ["SSE3", "AVX", "AVX2", "REPACK"]);
        assert_eq!(built_for(""), Vec::<&str>::new());
    }

    #[test]
    fn a_build_that_leaves_the_processor_idle_is_told() {
        if processor_has().contains(&"AVX2") {
            let check = recogniser("CPU : SSE3 = 1 | ");
            assert_eq!(check.outcome, Outcome::Warning);
            assert!(check.advice.unwrap().contains("AVX2"));
        }
        let all: Vec<String> = processor_has().iter().map(|name| format!("{name} = 1")).collect();
        assert_eq!(recogniser(&all.join(" | ")).outcome, Outcome::Good);
    }

    #[test]
    fn the_real_report_of_the_linked_library_is_understood() {
        assert!(!built_for(whisper_rs::print_system_info()).is_empty());
    }
}
