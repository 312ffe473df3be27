/**
 * Pictures to tiles of floats, as a model's own image processor cuts and scales them.
 *
 * <p>{@link dev.squint.vision.tile.ImageTilers} chooses the {@link
 * dev.squint.vision.tile.ImageTiler} from {@code preprocessor_config.json}; a {@link
 * dev.squint.vision.tile.TiledImage} knows where on the picture each tile lies. To support another
 * image processor whose steps exist, add its defaults to {@code image-processors.json}; otherwise
 * write a tiler and name it there.
 *
 * <p>Traps: sizes are rounded differently by nearly every processor; {@code size} has five forms.
 */
@NullMarked
package dev.squint.vision.tile;

import org.jspecify.annotations.NullMarked;
