package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.model.Family;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The prompt after visual tokens were dropped, for every package among the test resources: the text
 * is the same, and where a model counts rows and columns, the remaining tokens keep their
 * positions.
 */
class PrunedPromptTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String QUESTION = "Which colour is the large circle, and where is it?";

  @TestFactory
  Stream<DynamicTest> someTokens() throws IOException {
    return packages(token -> token % 3 == 1);
  }

  @TestFactory
  Stream<DynamicTest> noToken() throws IOException {
    return packages(token -> false);
  }

  @TestFactory
  Stream<DynamicTest> allTokens() throws IOException {
    return packages(token -> true);
  }

  private static Stream<DynamicTest> packages(IntPredicate keep) throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("test/expected.json")))
          .sorted()
          .map(
              folder ->
                  DynamicTest.dynamicTest(
                      String.valueOf(folder.getFileName()), () -> check(folder, keep)))
          .toList()
          .stream();
    }
  }

  private static void check(Path folder, IntPredicate keep) {
    PictureReader reader = new PictureReader();
    Picture small = reader.read(folder.resolve("test/small_90x70.png"));
    Picture wide = reader.read(folder.resolve("test/wide_300x150.png"));
    VisionLanguageModel model = LoadedModels.of(folder);
    boolean alone = model.writer().family().pictures() == Family.Pictures.SUMMARISED;
    List<Picture> pictures = alone ? List.of(wide) : List.of(small, wide);
    List<Message> conversation = List.of(Message.user(pictures, QUESTION));
    PatchTokens encoded =
        model.encoder().encode(model.tiler().tile(pictures), model.parts().always());
    PatchTokens tokens = encoded.reduced(model.writer().given(List.of(), encoded));
    int[] kept = IntStream.range(0, tokens.size()).filter(keep).toArray();
    PatchTokens left = tokens.reduced(TokenReduction.keep(tokens.size(), kept));

    Prompt whole = model.writer().write(conversation, tokens);
    Prompt pruned = model.writer().write(conversation, left);

    checkInPlace(whole, TokenReduction.keep(tokens.size(), kept));
    assertThat(pruned.visual()).hasSize(kept.length);
    if (whole.ids().length - tokens.size() - whole.lineBreaks().length
        == pruned.ids().length - kept.length - pruned.lineBreaks().length) {
      int[] rows = rows(whole, kept, pruned.lineBreaks().length);
      assertThat(pruned.ids())
          .isEqualTo(IntStream.of(rows).mapToLong(row -> whole.ids()[row]).toArray());
      checkPositions(model, whole, pruned, rows);
    } else {
      // Only where views or rows are announced one by one does their text go with them.
      assertThat(model.writer().family().pictures())
          .isIn(
              Family.Pictures.ROWS,
              Family.Pictures.FRAMED,
              Family.Pictures.ENCLOSED,
              Family.Pictures.PLACED,
              Family.Pictures.ROW_BREAKS);
      assertThat(pruned.positions())
          .isEqualTo(
              PositionIds.counting(model.writer().family().firstPosition(), pruned.ids().length));
    }
  }

  /** Text and line breaks stay, and every token where it stood. */
  private static void checkInPlace(Prompt whole, TokenReduction reduction) {
    Prompt inPlace = whole.without(reduction);
    int[] rows = rows(whole, reduction.kept(), whole.lineBreaks().length);
    assertThat(inPlace.ids())
        .isEqualTo(IntStream.of(rows).mapToLong(row -> whole.ids()[row]).toArray());
    assertThat(inPlace.positions()).isEqualTo(whole.positions().of(rows));
    assertThat(inPlace.nextPosition()).isEqualTo(whole.nextPosition());
    assertThat(IntStream.of(inPlace.visual()).map(row -> rows[row]))
        .containsExactly(
            IntStream.of(reduction.kept())
                .mapToObj(token -> whole.visual()[token])
                .toArray(Integer[]::new));
    assertThat(IntStream.of(inPlace.lineBreaks()).map(row -> rows[row]).toArray())
        .isEqualTo(whole.lineBreaks());
  }

  /** The rows of the whole prompt that are left, with as many line breaks, whichever they are. */
  private static int[] rows(Prompt whole, int[] kept, int lineBreaks) {
    BitSet stay = new BitSet();
    stay.set(0, whole.ids().length);
    IntStream.of(whole.visual()).forEach(stay::clear);
    IntStream.of(kept).forEach(token -> stay.set(whole.visual()[token]));
    IntStream.of(whole.lineBreaks()).skip(lineBreaks).forEach(stay::clear);
    return stay.stream().toArray();
  }

  private static void checkPositions(
      VisionLanguageModel model, Prompt whole, Prompt pruned, int[] rows) {
    if (whole.positions().axes() == 3) {
      assertThat(pruned.positions()).isEqualTo(whole.positions().of(rows));
      assertThat(pruned.nextPosition()).isEqualTo(whole.nextPosition());
      assertThat(LongStream.of(whole.positions().axis(1)).max().orElseThrow())
          .isLessThan(whole.nextPosition());
    } else {
      int first = model.writer().family().firstPosition();
      assertThat(pruned.positions()).isEqualTo(PositionIds.counting(first, rows.length));
      assertThat(pruned.nextPosition()).isEqualTo(first + rows.length);
    }
  }
}
