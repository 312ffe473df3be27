/**
 * Videos and animations: headers, and single frames, decoded as a stream.
 *
 * <pre>{@code
 * try (Video video = new VideoReader().open(Path.of("clip.mp4"))) {
 *   Clip clip = Clip.read(video, new FrameRule.Uniform(8), ClipOptions.DEFAULT);
 * }
 * }</pre>
 *
 * <p>Start with {@link dev.squint.vision.video.VideoReader}. It opens a file within limits; a
 * {@link dev.squint.vision.video.Video} gives its {@link dev.squint.vision.video.VideoHeader} and
 * the frames shown at chosen times; a {@link dev.squint.vision.video.FrameRule} selects the times
 * as a model's processor does; a {@link dev.squint.vision.video.Clip} holds the selected frames in
 * memory and is the input of a model.
 *
 * <p>Traps: durations in headers are often missing, or those of the sound; frames need not be
 * evenly spaced; phones store rotated frames with a display matrix.
 */
@NullMarked
package dev.squint.vision.video;

import org.jspecify.annotations.NullMarked;
