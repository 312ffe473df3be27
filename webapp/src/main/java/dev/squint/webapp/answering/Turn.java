package dev.squint.webapp.answering;

import dev.squint.vision.picture.Background;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.VideoReader;
import dev.squint.webapp.http.ApiException;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A message of a conversation with encoded pictures and clips.
 *
 * @param role {@code user}, {@code assistant} or {@code system}
 * @param parts texts and media, in order
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

    /** A picture or clip. */
    sealed interface Media extends Part {
      /** The field of the request that holds it; never a file name. */
      String param();

      /** The name for messages. */
      String name();

      /** The bytes of its files, in order. */
      List<byte[]> files();

      /**
       * A file that may be a picture or a video, by its content. An animated picture counts as a
       * picture.
       *
       * @param wanted which frames of a video are used
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
     * @param param the field of the request that holds it
     * @param name the name for messages
     * @param encoded the bytes of the file; not copied, do not change them
     * @param background colour for transparent pixels, 0xRRGGBB; empty to drop transparency
     */
    record PictureFile(String param, String name, byte[] encoded, OptionalInt background)
        implements Media {

      /** A picture whose transparency is dropped. */
      public PictureFile(String param, String name, byte[] encoded) {
        this(param, name, encoded, OptionalInt.empty());
      }

      @Override
      public List<byte[]> files() {
        return List.of(encoded);
      }

      /**
       * Returns the picture with a background.
       *
       * @param colour as in {@link Background#parse}, or null for none
       * @param field the field of the request with the colour
       * @throws ApiException if it is not a colour
       */
      public PictureFile withBackground(@Nullable String colour, String field) {
        if (colour == null) {
          return this;
        }
        try {
          return new PictureFile(param, name, encoded, OptionalInt.of(Background.parse(colour)));
        } catch (IllegalArgumentException e) {
          throw ApiException.invalid(field, String.valueOf(e.getMessage()));
        }
      }
    }

    /**
     * A video file or animation.
     *
     * @param param the field of the request that holds it
     * @param name the name for messages
     * @param encoded the bytes of the file; not copied, do not change them
     * @param wanted which frames are used
     */
    record ClipFile(String param, String name, byte[] encoded, ClipOptions wanted)
        implements Media {
      @Override
      public List<byte[]> files() {
        return List.of(encoded);
      }
    }

    /**
     * A clip that is sent as the pictures of its frames.
     *
     * @param param the field of the request that holds it
     * @param frames picture files, at least one
     * @param perSecond frames per second
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

      @Override
      public List<byte[]> files() {
        return frames.stream().map(PictureFile::encoded).toList();
      }
    }
  }
}
