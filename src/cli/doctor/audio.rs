//! Microphones and loudspeakers.
//!
//! Sound libraries write to stderr as they please, wait for daemons, and have been seen to crash; so a second process of
//! this program asks them, with its stderr closed and a time limit, and this one reads what it found.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait};
use serde::{Deserialize, Serialize};

use super::{Check, Outcome};

/// A sound system that has not answered by then hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one process found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Devices {
    /// The sound system, such as ALSA.
    host: String,
    inputs: Side,
    outputs: Side,
    /// What kept the devices from being listed.
    error: Option<String>,
}

/// Microphones, or loudspeakers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Side {
    /// The default device and its format, or what kept it from being opened; `None` when there is none.
    default: Option<Result<String, String>>,
    names: Vec<String>,
}

/// Asks the sound system. May block, write to stderr, or bring the process down.
pub(super) fn probe() -> Devices {
    let host = cpal::default_host();
    let format = |config: cpal::SupportedStreamConfig| {
        format!("{} Hz, {} channels, {}", config.sample_rate(), config.channels(), config.sample_format())
    };
    let describe = |device: &cpal::Device, config: Result<cpal::SupportedStreamConfig, cpal::Error>| match config {
        Ok(config) => Ok(format!("{device} ({})", format(config))),
        Err(error) => Err(format!("{device} cannot be opened: {}", error.to_string().trim_end_matches('.'))),
    };
    let mut devices = Devices { host: host.id().name().to_owned(), ..Devices::default() };
    devices.inputs.default = host.default_input_device().map(|device| describe(&device, device.default_input_config()));
    devices.outputs.default =
        host.default_output_device().map(|device| describe(&device, device.default_output_config()));
    match host.devices() {
        Ok(all) => {
            for device in all.filter(|device| !is_void(device)) {
                if device.supports_input() {
                    devices.inputs.names.push(device.to_string());
                }
                if device.supports_output() {
                    devices.outputs.names.push(device.to_string());
                }
            }
        }
        Err(error) => devices.error = Some(error.to_string()),
    }
    for side in [&mut devices.inputs, &mut devices.outputs] {
        let mut seen = std::collections::HashSet::new();
        side.names.retain(|name| seen.insert(name.clone()));
    }
    devices
}

/// Whether a device is ALSA's `null`, which records silence and plays into nothing.
fn is_void(device: &cpal::Device) -> bool {
    device.id().is_ok_and(|id| id.to_string().rsplit(':').next() == Some("null"))
}

/// Lets a second process of this program ask.
///
/// # Errors
/// What became of that process, for people.
pub(super) fn ask_a_child() -> Result<Devices, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program cannot find itself: {error}"))?;
    let mut command = Command::new(program);
    command.args(["doctor", "--probe-audio"]);
    ask(command, PATIENCE)
}

fn ask(mut command: Command, patience: Duration) -> Result<Devices, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("no second process could be started: {error}"))?;
    let stdout = child.stdout.take();
    // read beside the waiting, so that a long answer does not fill the pipe
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.map_or(Ok(0), |mut stdout| stdout.read_to_string(&mut text)).map(|_| text)
    });
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() < patience => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // it may have ended in between, which is as well
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the sound system did not answer within {} seconds", patience.as_secs()));
            }
            Err(error) => return Err(format!("the second process was lost: {error}")),
        }
    };
    let text = match reader.join() {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => return Err(format!("its answer could not be read: {error}")),
        Err(_) => return Err("its answer could not be read".to_owned()),
    };
    if !status.success() {
        return Err(format!("the sound system brought the process down ({status})"));
    }
    serde_json::from_str(&text).map_err(|error| format!("its answer was not understood: {error}"))
}

/// Two checks from what was found.
pub(super) fn checks(devices: &Result<Devices, String>) -> Vec<Check> {
    let devices = match devices {
        Ok(devices) => devices,
        Err(error) => {
            let check = Check::new("sound", "Sound", Outcome::Warning, error.clone());
            return vec![check.advise(format!("recordings can be scored all the same; {}", missing_advice()))];
        }
    };
    let microphone = side("microphone", "Microphone", devices, &devices.inputs);
    let loudspeaker = side("loudspeaker", "Loudspeaker", devices, &devices.outputs);
    let same = microphone.outcome != Outcome::Good;
    let advise =
        |check: Check, advice: String| if check.outcome == Outcome::Good { check } else { check.advise(advice) };
    let remedy = if same { "what helps the microphone helps here too" } else { missing_advice() };
    vec![
        advise(microphone, format!("recordings can be scored without one; {}", missing_advice())),
        advise(loudspeaker, format!("questions are shown as text all the same; {remedy}")),
    ]
}

fn side(code: &'static str, name: &'static str, devices: &Devices, side: &Side) -> Check {
    let others = match side.names.len() {
        0 => String::new(),
        1 => "; there is another device".to_owned(),
        count => format!("; there are {count} other devices"),
    };
    match &side.default {
        Some(Ok(default)) => {
            let count = side.names.len().max(1);
            let found = format!("{default}, by {}; {count} device{}", devices.host, if count == 1 { "" } else { "s" });
            Check::new(code, name, Outcome::Good, found)
        }
        Some(Err(error)) => Check::new(code, name, Outcome::Warning, format!("{error}{others}")),
        None => {
            let why = devices.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
            Check::new(code, name, Outcome::Warning, format!("none by default{why}{others}"))
        }
    }
}

/// What to do without devices, by operating system.
fn missing_advice() -> &'static str {
    if cfg!(target_os = "linux") {
        "plug one in, or see whether `arecord -l` (or `aplay -l`) lists it. With PulseAudio or PipeWire, install ALSA's plugin \
         (libasound2-plugins or pipewire-alsa) and see that the daemon runs; without them, your user must be in the group \
         audio. In a container, pass the devices or the daemon's socket through."
    } else if cfg!(target_os = "macos") {
        "allow the terminal to use the microphone: System Settings, Privacy & Security, Microphone."
    } else {
        "plug one in, and allow programs to use it in the system's privacy settings."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str, then: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo noise >&2; printf '%s' '{text}'; {then}")]);
        command
    }

    #[test]
    #[cfg(unix)]
    fn a_child_is_understood_and_its_noise_is_not_heard() {
        let devices = Devices { host: "ALSA".to_owned(), ..Devices::default() };
        let text = serde_json::to_string(&devices).unwrap();
        assert_eq!(ask(answer(&text, "exit 0"), PATIENCE), Ok(devices));
    }

    #[test]
    #[cfg(unix)]
    fn a_child_that_crashes_hangs_or_babbles_is_an_answer_too() {
        assert!(ask(answer("", "kill -SEGV $$"), PATIENCE).unwrap_err().contains("brought the process down"));
        assert!(ask(answer("", "exec sleep 60"), Duration::from_millis(80)).unwrap_err().contains("did not answer"));
        assert!(ask(answer("hello", "exit 0"), PATIENCE).unwrap_err().contains("not understood"));
        assert!(ask(Command::new("/nowhere/viva"), PATIENCE).unwrap_err().contains("could be started"));
    }

    #[test]
    fn without_devices_the_advice_says_what_still_works() {
        let checks = checks(&Ok(Devices { host: "ALSA".to_owned(), ..Devices::default() }));
        assert_eq!(checks.len(), 2);
        assert!(checks.iter().all(|check| check.outcome == Outcome::Warning && check.advice.is_some()));
        assert_eq!(super::checks(&Err("it hangs".to_owned()))[0].found, "it hangs");
    }

    #[test]
    fn a_device_that_cannot_be_opened_is_no_good_device() {
        let side = |default| Side { default: Some(default), names: vec!["a".to_owned(), "b".to_owned()] };
        let devices = Devices {
            host: "ALSA".to_owned(),
            inputs: side(Err("a cannot be opened: busy".to_owned())),
            outputs: side(Ok("a (48000 Hz, 2 channels, f32)".to_owned())),
            error: None,
        };
        let checks = checks(&Ok(devices));
        assert_eq!((checks[0].outcome, checks[1].outcome), (Outcome::Warning, Outcome::Good));
        assert!(checks[0].found.ends_with("; there are 2 other devices"), "{}", checks[0].found);
        assert!(checks[1].found.ends_with("by ALSA; 2 devices"), "{}", checks[1].found);
    }
}
