/**
 * Converts pictures to tiles of floats, exactly as a model's own image processor does.
 *
 * <p>Start with {@link dev.squint.vision.tile.ImageTilers}. It chooses the {@link
 * dev.squint.vision.tile.ImageTiler} from {@code preprocessor_config.json}; a {@link
 * dev.squint.vision.tile.TiledImage} holds the position of each tile. To support another image
 * processor whose steps exist, add its defaults to {@code image-processors.json}; otherwise write a
 * tiler and name it there.
 *
 * <p>Traps: nearly every processor rounds sizes differently; {@code size} has five forms.
 */
@NullMarked
package dev.squint.vision.tile;

import org.jspecify.annotations.NullMarked;
