package dev.squint.eval.bench;

import dev.squint.llm.AskOptions;
import dev.squint.llm.RequestPhase;
import dev.squint.llm.Timings;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import dev.squint.vision.tile.PictureCache;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/** Measures a second question about a file that was uploaded again. */
final class FileBench {

  private static final int SMALLER = 16;
  private static final int LEAST_EDGE = 4;

  private FileBench() {}

  /**
   * Asks about the same JPEG file again: read and resized as if it were new, and from the cache.
   * Its visual tokens are in the encoder's cache in both cases.
   */
  static Section measure(VisionLanguageModel model, int edge, int rounds) {
    byte[] file = jpeg(edge);
    PictureReader reader = new PictureReader();
    PictureCache cache = model.pictures();
    List<Supplier<double[]>> runs =
        List.of(
            () -> ask(model, again -> reader.read(again, "file"), file),
            () -> {
              // The run before has put its own picture in the place of this one.
              ask(model, again -> cache.read(reader, again, "file"), file);
              return ask(model, again -> cache.read(reader, again, "file"), file);
            });
    Rounds measured = Rounds.interleaved(rounds, runs);
    Section section =
        new Section(
            "a file that is asked about again",
            "A JPEG file of %d x %d pixels and %d bytes, whose visual tokens are cached. %d rounds; milliseconds. Reading is the decoding of the file, which counts from the request; preprocessing makes tiles."
                .formatted(edge, edge, file.length, rounds));
    String[] names = {"decoded and resized again", "from the cache of pictures"};
    for (int i = 0; i < names.length; i++) {
      section.row(
          "picture", names[i],
          "read", measured.median(i, 0),
          "preprocess", measured.median(i, 1),
          "find visual tokens", measured.median(i, 2),
          "read, to first token", measured.median(i, 3),
          "ratio", measured.ratio(i, 0, 3),
          "read and preprocess, processors", measured.median(i, 4),
          "ratio of processors", measured.ratio(i, 0, 4));
    }
    return section;
  }

  private static double[] ask(
      VisionLanguageModel model, Function<byte[], Picture> read, byte[] file) {
    Clock start = Clock.now();
    // A request brings its own bytes.
    Picture picture = read.apply(file.clone());
    double reading = start.since().millis();
    double[] tiled = new double[1];
    Timings times =
        model
            .ask(
                List.of(Message.user(List.of(picture), "What is shown here?")),
                AskOptions.DEFAULT
                    .withMaxTokens(1)
                    .notifyingOf(
                        phase -> {
                          if (phase == RequestPhase.PREPROCESS) {
                            tiled[0] = start.since().processorMillis();
                          }
                        }))
            .timings();
    return new double[] {
      reading,
      times.preprocessMillis(),
      times.encodeMillis(),
      reading + times.firstTokenMillis(),
      tiled[0]
    };
  }

  /** A file of blurred noise, which takes about as many bytes as a photograph. */
  private static byte[] jpeg(int edge) {
    Picture noise = PictureBench.picture(Math.max(LEAST_EDGE, edge / SMALLER), 0);
    Picture blurred = Resampler.resize(noise, edge, edge, ResampleFilter.LANCZOS);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      ImageIO.write(blurred.toBufferedImage(), "jpg", file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a picture into memory", e);
    }
    return file.toByteArray();
  }
}
