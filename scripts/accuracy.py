"""Measures a viva binary on labelled sets. Started by scripts/accuracy; see there. Needs nothing but Python 3.

A filled pause counts as found when an item of kind filled_pause lies within 0.3 s of the label, a silent pause when its
span and the label's share half of their union, a concept as said to be covered when its status is covered.
"""
import difflib
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

FILLER = re.compile(r"^(u+m+|u+h+m*|e+r+m*|h+m+|m{2,}|a+h+)$")
COLLAR_S = 0.3


def viva(binary, arguments):
    done = subprocess.run([binary, "score", *arguments, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"# exit code {done.returncode} for {arguments}: {done.stderr.strip()}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def words(text):
    plain = re.sub(r"[^a-z0-9' ]", "", re.sub(r"[-–—/]", " ", text.lower()))
    return [word for word in plain.split() if not FILLER.match(word)]


def errors(reference, hypothesis):
    row = list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, 1):
        corner, row[0] = row[0], i
        for j, got in enumerate(hypothesis, 1):
            corner, row[j] = row[j], min(corner + (wanted != got), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def matched(labels, found, near):
    left = list(found)
    hits = 0
    for label in labels:
        hit = next((span for span in left if near(label, span)), None)
        if hit is not None:
            left.remove(hit)
            hits += 1
    return [hits, len(left), len(labels) - hits]


def close(label, span):
    return span[0] < label[1] + COLLAR_S and span[1] > label[0] - COLLAR_S


def half(label, span):
    shared = min(label[1], span[1]) - max(label[0], span[0])
    return shared > 0 and shared >= 0.5 * (max(label[1], span[1]) - min(label[0], span[0]))


def rates(counts):
    hits, wrong, missed = counts
    share = lambda part, whole: round(part / whole, 3) if whole else None
    return {"found": hits, "invented": wrong, "missed": missed, "precision": share(hits, hits + wrong),
            "recall": share(hits, hits + missed), "f1": share(2 * hits, 2 * hits + wrong + missed)}


def add(total, counts):
    return [a + b for a, b in zip(total, counts)]


def rows(path):
    with open(path) as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip()]


def labels_of(path):
    stem = os.path.splitext(path)[0]
    if os.path.exists(stem + ".json"):
        raw = json.load(open(stem + ".json"))
        spans = lambda key: [(item["start_s"], item["end_s"]) for item in raw[key]]
        return {"text": raw["text"], "fillers": spans("fillers"), "pauses": spans("pauses"), "chunks": spans("chunks")}
    labels = {}
    if os.path.exists(stem + ".txt"):
        labels["text"] = open(stem + ".txt").read()
    if os.path.exists(stem + ".fillers.tsv"):
        labels["fillers"] = [(float(row[0]), float(row[1])) for row in rows(stem + ".fillers.tsv")]
    elif "librispeech" in stem:
        labels["fillers"] = []
    if os.path.exists(stem + ".words.tsv"):
        labels["words"] = [(row[2].lower(), float(row[0])) for row in rows(stem + ".words.tsv") if len(row) > 2]
    return labels


def audio(binary, directories):
    found = sorted(name for directory in directories for ending in ("wav", "flac", "mp3")
                   for name in glob.glob(os.path.join(directory, "**", "*." + ending), recursive=True))
    wrong_words, spoken, failed, audio_s, onsets = 0, 0, 0, 0.0, []
    fillers, pauses, inserted = [0] * 3, [0] * 3, [0] * 3
    for path in found:
        labels, out = labels_of(path), viva(binary, [path])
        if out is None:
            failed += 1
            continue
        audio_s += out["recording"]["duration_s"]
        if "text" in labels:
            reference = words(labels["text"])
            wrong_words += errors(reference, words(out["transcript"]["text"]))
            spoken += len(reference)
        if "fillers" in labels:
            got = [(item["start_s"], item["end_s"]) for item in out["fillers"]["items"] if item["kind"] == "filled_pause"]
            fillers = add(fillers, matched(labels["fillers"], got, close))
        if "pauses" in labels:
            got = [(pause["start_s"], pause["end_s"]) for pause in out["timing"]["pauses"]]
            pauses = add(pauses, matched(labels["pauses"], got, half))
            # the labels name the pauses between chunks; silences that the voice makes inside one stand in no label
            inside = lambda span: any(a + 0.05 < span[0] and span[1] < b - 0.05 for a, b in labels["chunks"])
            inserted = add(inserted, matched(labels["pauses"], [span for span in got if not inside(span)], half))
        if "words" in labels:
            plain = lambda text: re.sub(r"[^\w']", "", text.lower())
            got = [(plain(word["text"]), word["start_s"]) for word in out["transcript"]["words"]]
            wanted = [(plain(text), at) for text, at in labels["words"]]
            pairs = difflib.SequenceMatcher(None, [w for w, _ in wanted], [w for w, _ in got], autojunk=False)
            for i, j, count in pairs.get_matching_blocks():
                onsets += [abs(wanted[i + k][1] - got[j + k][1]) for k in range(count)]
    onsets.sort()
    return {"files": len(found), "failed": failed, "audio_s": round(audio_s, 1),
            "word_error_rate": round(wrong_words / spoken, 4) if spoken else None,
            "filled_pauses": rates(fillers), "silent_pauses": rates(pauses),
            "silent_pauses_between_labelled_chunks": rates(inserted),
            "word_onset_error_s": {"words": len(onsets), "median": round(onsets[len(onsets) // 2], 3),
                                   "p90": round(onsets[int(len(onsets) * 0.9)], 3)} if onsets else None}


def answers(binary, path):
    total, styles = [0] * 3, {}
    for line in open(path):
        row = json.loads(line)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as text:
            text.write(row["text"])
            text.flush()
            out = viva(binary, [text.name, "--question", row["question"]])
        said = {concept["id"] for concept in out["coverage"]["concepts"] if concept["status"] == "covered"} if out else set()
        disputed, covered = set(row.get("disputed", [])), set(row["covered"])
        said, covered = said - disputed, covered - disputed
        counts = [len(said & covered), len(said - covered), len(covered - said)]
        total = add(total, counts)
        styles[row["style"]] = add(styles.get(row["style"], [0] * 3), counts)
    return {"all": rates(total), **{style: rates(counts) for style, counts in sorted(styles.items())}}


if __name__ == "__main__":
    program, kind, *where = sys.argv[1:]
    result = answers(program, where[0]) if kind == "answers" else audio(program, where)
    print(json.dumps({"set": kind, **result}), flush=True)
