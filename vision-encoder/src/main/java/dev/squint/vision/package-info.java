/**
 * From pixels to visual tokens.
 *
 * <pre>{@code
 * ImageTiler tiler = ImageTilers.of(preprocessorConfig);
 * try (VisionEncoder encoder = OnnxVisionEncoder.open(graph, SessionSettings.DEFAULT)) {
 *   Picture picture = new PictureReader().read(Path.of("holiday.jpg"));
 *   List<TiledImage> tiled = tiler.tile(List.of(picture));
 *   PatchTokens tokens = encoder.encode(tiled, Set.of());
 * }
 * }</pre>
 *
 * <p>Start with these three types. A {@link dev.squint.vision.picture.Picture} is bytes. An {@link
 * dev.squint.vision.tile.ImageTiler}, chosen by the package's own configuration, resizes it, cuts
 * it into tiles and scales it to floats: a {@link dev.squint.vision.tile.TiledImage}, which knows
 * where on the picture each tile lies. A {@link dev.squint.vision.encoder.VisionEncoder} turns
 * tiles into {@link dev.squint.pruner.PatchTokens}, and {@link dev.squint.vision.tile.TokenMap}
 * shows on the picture which of them were kept.
 *
 * <p>Models answer worse about pixels that differ from those they were trained on, so every step is
 * tested against the Python libraries: decoding and {@link dev.squint.vision.picture.Resampler} to
 * Pillow's bytes, tilers to the very floats of the image processors of transformers (those based on
 * Pillow; the ones based on torchvision differ by a level or two).
 *
 * <p>To support another image processor whose steps exist already, add its defaults to {@code
 * image-processors.json}; otherwise write an {@link dev.squint.vision.tile.ImageTiler} and name it
 * there. Traps: libraries scale without antialiasing, or in floats, unless set otherwise; sizes are
 * rounded in a different way by nearly every processor; colour profiles are ignored on purpose.
 *
 * <p>Letters in shapes, beside those of {@link dev.squint.pruner}: T tiles, H and W height and
 * width in pixels.
 */
@NullMarked
package dev.squint.vision;

import org.jspecify.annotations.NullMarked;
