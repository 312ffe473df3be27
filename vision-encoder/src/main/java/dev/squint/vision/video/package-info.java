/**
 * Videos and animations: what a file says about itself, and single frames of it, streamed.
 *
 * <pre>{@code
 * try (Video video = new VideoReader().open(Path.of("clip.mp4"))) {
 *   Clip clip = Clip.read(video, new FrameRule.Uniform(8), ClipOptions.DEFAULT);
 * }
 * }</pre>
 *
 * <p>A {@link dev.squint.vision.video.VideoReader} opens a file within limits; a {@link
 * dev.squint.vision.video.Video} gives its {@link dev.squint.vision.video.VideoHeader} and the
 * frames shown at chosen times; a {@link dev.squint.vision.video.FrameRule} chooses the times as
 * the processor of a model does; a {@link dev.squint.vision.video.Clip} is what was chosen, small
 * enough to be held in memory, and what a model is asked about.
 *
 * <p>Traps: durations in headers are often missing or those of the sound; frames need not come in
 * even distances, so a frame is named by its time and not by its number; telephones store turned
 * pictures and say so beside the frames.
 */
@NullMarked
package dev.squint.vision.video;

import org.jspecify.annotations.NullMarked;
