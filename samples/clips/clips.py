"""Makes the clips of this folder: python clips.py (needs ffmpeg 5 or later with libx264, libx265, libvpx and libaom)."""

import subprocess
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
WIDTH, HEIGHT, FRAMES, RATE = 640, 360, 100, 25


def frame(number, width=WIDTH, height=HEIGHT, frames=FRAMES):
    """A white bar whose position gives the frame's number, on green; below it all is blue, above it the left half is red."""
    picture = Image.new("RGB", (width, height), (0, 160, 0))
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, height * 3 // 4, width, height], fill=(0, 0, 200))
    draw.rectangle([0, 0, width // 2, height // 8], fill=(200, 0, 0))
    x = number * width // frames
    draw.rectangle([x, height // 4, x + width // 20, height // 2], fill=(255, 255, 255))
    return picture


def encode(name, pictures, rate, *options):
    width, height = pictures[0].size
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
               "-r", str(rate), "-i", "-", *options, "-fflags", "+bitexact", "-flags:v", "+bitexact",
               "-map_metadata", "-1", str(HERE / name)]
    subprocess.run(command, input=b"".join(picture.tobytes() for picture in pictures), check=True)


def again(name, source, *options, before=()):
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *before, "-i", str(HERE / source), *options, "-fflags", "+bitexact",
                    str(HERE / name)], check=True)


def shape_moves():
    """As the default model's clips: a red circle goes from left to right, 4 seconds."""
    pictures = []
    for t in range(32):
        picture = Image.new("RGB", (96, 96), (236, 236, 236))
        x = 14 + t * 68 / 31
        ImageDraw.Draw(picture).ellipse([x - 12, 36, x + 12, 60], fill=(214, 40, 40))
        pictures.append(picture)
    return pictures


def main():
    pictures = [frame(i) for i in range(FRAMES)]
    yuv = ["-pix_fmt", "yuv420p", "-g", "25"]
    h264 = ["-c:v", "libx264", "-crf", "30", *yuv]
    hevc = ["-c:v", "libx265", "-crf", "32", "-x265-params", "log-level=error", "-tag:v", "hvc1", *yuv]
    encode("h264.mp4", pictures, RATE, *h264, "-movflags", "+faststart")
    encode("h264.mkv", pictures, RATE, *h264)
    encode("hevc.mov", pictures, RATE, *hevc)
    encode("hevc.mkv", pictures, RATE, *hevc[:-6], *yuv)
    encode("vp8.webm", pictures, RATE, "-c:v", "libvpx", "-b:v", "60k", *yuv)
    encode("vp9.webm", pictures, RATE, "-c:v", "libvpx-vp9", "-crf", "45", "-b:v", "0", *yuv)
    encode("av1.mp4", pictures, RATE, "-c:v", "libaom-av1", "-crf", "45", "-cpu-used", "8", *yuv)
    encode("av1.webm", pictures, RATE, "-c:v", "libaom-av1", "-crf", "45", "-cpu-used", "8", *yuv)
    encode("mpeg4.avi", pictures, RATE, "-c:v", "mpeg4", "-q:v", "12", *yuv)
    encode("mpeg4.mp4", pictures, RATE, "-c:v", "mpeg4", "-q:v", "12", *yuv)
    encode("mjpeg.avi", pictures[::5], RATE / 5, "-c:v", "mjpeg", "-q:v", "20", "-pix_fmt", "yuvj420p")
    small = [frame(i, 160, 90, 40) for i in range(40)]
    encode("animation.gif", small, 10, "-loop", "0")
    encode("animation.png", small, 10, "-f", "apng", "-plays", "0")
    small[0].save(HERE / "animation.webp", save_all=True, append_images=small[1:], duration=100, lossless=True)
    # A telephone held upright: frames are stored lying down.
    again("rotated.mp4", "h264.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90")
    # Frames 0 to 24 evenly spaced, then every fourth.
    encode("variable.mkv", pictures, RATE, "-vf", "select='lt(n,25)+not(mod(n,4))'", "-fps_mode", "vfr", *h264)
    # As a browser records: the length is not known when the header is written.
    piped = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(HERE / "vp9.webm"), "-c", "copy", "-f", "webm", "-live", "1",
                            "-fflags", "+bitexact", "-"], check=True, capture_output=True).stdout
    (HERE / "no-length.webm").write_bytes(piped)
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-f", "lavfi", "-i", "sine=440:duration=1", "-c:a", "aac", "-b:a", "16k",
                    "-fflags", "+bitexact", str(HERE / "sound-only.m4a")], check=True)
    encode("shape-moves.mp4", shape_moves(), 8, "-c:v", "libx264", "-crf", "18", *yuv)


if __name__ == "__main__":
    main()
