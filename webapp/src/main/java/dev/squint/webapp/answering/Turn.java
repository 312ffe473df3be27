package dev.squint.webapp.answering;

import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.VideoReader;
import java.util.List;

/**
 * One message of a conversation, its pictures and clips still encoded.
 *
 * @param role {@code user}, {@code assistant} or {@code system}
 * @param parts what is said, in order
 */
public record Turn(String role, List<Part> parts) {

  /** Keeps its own copy of the list. */
  public Turn {
    parts = List.copyOf(parts);
  }

  /** One piece of a message. */
  public sealed interface Part {

    /** Text as the user wrote it. */
    record Text(String text) implements Part {}

    /** What is looked at. */
    sealed interface Media extends Part {
      /** What in the request holds it; never the name of a file. */
      String param();

      /** What the sender calls it. */
      String name();

      /**
       * A file that may be a picture or a video, by its content. An animated picture counts as a
       * picture.
       *
       * @param wanted which part of a video is looked at
       */
      static Media of(String param, String name, byte[] encoded, ClipOptions wanted) {
        return VideoReader.isVideo(encoded) && !VideoReader.isAnimation(encoded)
            ? new ClipFile(param, name, encoded, wanted)
            : new PictureFile(param, name, encoded);
      }
    }

    /**
     * A picture file.
     *
     * @param param what in the request holds it
     * @param name what the sender calls it
     * @param encoded the bytes of the file; not a copy, do not write to it
     */
    record PictureFile(String param, String name, byte[] encoded) implements Media {}

    /**
     * A video file or animation.
     *
     * @param param what in the request holds it
     * @param name what the sender calls it
     * @param encoded the bytes of the file; not a copy, do not write to it
     * @param wanted which part is looked at, and how closely
     */
    record ClipFile(String param, String name, byte[] encoded, ClipOptions wanted)
        implements Media {}

    /**
     * A clip that is sent as the pictures of its frames.
     *
     * @param param what in the request holds it
     * @param frames picture files, at least one
     * @param perSecond at which rate they were taken
     */
    record FrameFiles(String param, List<PictureFile> frames, double perSecond) implements Media {
      /** Keeps its own copy of the list. */
      public FrameFiles {
        frames = List.copyOf(frames);
      }

      @Override
      public String name() {
        return param;
      }
    }
  }
}
