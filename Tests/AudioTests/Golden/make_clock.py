"""Makes clock.*: ten seconds of quiet noise with a tone of 1000 Hz from 7.0 to 7.2 s, in the containers FFmpeg writes.

    python make_clock.py      # needs numpy and the command ffmpeg
"""
import os
import subprocess

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
rate = 8000
t = np.arange(10 * rate) / rate
samples = np.random.default_rng(1).integers(-3, 4, 10 * rate) + np.where(
    (t >= 7) & (t < 7.2), 16000 * np.sin(2 * np.pi * 1000 * t), 0).astype(int)

formats = {
    "clock.flac": ["-c:a", "flac", "-frame_size", "1024"],
    "clock.oga": ["-c:a", "flac", "-f", "ogg", "-page_duration", "200000"],
    "clock.opus": ["-c:a", "libopus", "-b:a", "12k", "-page_duration", "200000"],
    "clock.ogg": ["-c:a", "libvorbis", "-q:a", "0", "-page_duration", "200000"],
    "clock-cbr.mp3": ["-c:a", "libmp3lame", "-b:a", "16k"],
    "clock-vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "6"],
    "clock-plain.mp3": ["-c:a", "libmp3lame", "-q:a", "6", "-write_xing", "0", "-id3v2_version", "0"],
    "clock.m4a": ["-c:a", "aac", "-b:a", "16k", "-movflags", "+faststart"],
    "clock.aac": ["-c:a", "aac", "-b:a", "16k"],
    "clock.ts": ["-c:a", "aac", "-b:a", "16k"],
    "clock.mkv": ["-c:a", "aac", "-b:a", "16k", "-cluster_time_limit", "500"],
    "clock.webm": ["-c:a", "libopus", "-b:a", "12k", "-cluster_time_limit", "500"],
}
for name, options in formats.items():
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-", "-map_metadata", "-1",
         "-fflags", "+bitexact", *options, os.path.join(here, name)],
        input=samples.astype("<i2").tobytes(), check=True)
