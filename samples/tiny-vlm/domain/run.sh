#!/usr/bin/env bash
# Fits the check that flags pictures unlike the training data (squint/domain.safetensors in the package) and evaluates it
# (results/domain). Needs Debian's package tools, Python 3.11 with Pillow, and scikit-learn for two of the photographs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
squint=../../squint
runs=runs/domain
debian=runs/debian
mkdir -p "$debian/archives" results/domain package/squint

(
  cd "$debian/archives"
  apt-get download tuxpaint-stamps-default mate-backgrounds plasma-workspace-wallpapers gimp-help-en \
    lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 python3-skimage
  for archive in *.deb; do dpkg -x "$archive" ..; done
)
images=$(python3 -c 'import pathlib, sklearn; print(pathlib.Path(sklearn.__file__).parent / "datasets/images")')
mkdir -p "$debian/usr/lib/python3/dist-packages/sklearn/datasets"
cp -r "$images" "$debian/usr/lib/python3/dist-packages/sklearn/datasets/"

python3 domain/pictures.py --out "$runs" --debian "$debian"
mkdir -p "$runs/test/easy-vqa" "$runs/drawn"
python3 -c 'import sys, zipfile; z = zipfile.ZipFile("data/easy-vqa.zip"); z.extractall(sys.argv[1], [n for n in z.namelist() if "/test/images/" in n])' "$runs/test/easy-vqa"
"$squint" draw --seed 900000 --scenes 250 --edge 96 --out "$runs/drawn"

"$squint" domain fit --data "$runs/fit" --held-out "$runs/threshold"
like=(heldout/{shapes,text,charts,clips,large-shapes,large-text}.zip "$runs/test/easy-vqa" "$runs"/drawn/*)
unlike=("$runs"/{photographs,objects,clothes,screenshots,receipts})
"$squint" domain rates --like "${like[@]}" --unlike "${unlike[@]}" --out results/domain/none
"$squint" domain rates --plan 'encoder1:tome(keep=0.5)' --like "${like[@]}" --unlike "${unlike[@]}" --out results/domain/tome
