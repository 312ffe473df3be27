package dev.squint.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.metric.Graded;
import dev.squint.eval.metric.Grading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invented rows in the formats of NLVR, SHAPES and BlindTest, and their figures by hand. */
class PublicSetsTest {

  @TempDir Path folder;

  @Test
  void nlvr_asksEachOrderOfTheBoxes_andCountsSentences() throws IOException {
    data()
        .write(
            "dev/dev.json",
            """
            {"sentence": "There is a blue box.", "label": "true", "identifier": "72-0", "directory": "5", "evals": {"r0": "false"}, "structured_rep": []}
            {"sentence": "There is a blue box.", "label": "false", "identifier": "72-1", "directory": "5"}
            {"sentence": "Two towers touch.", "label": "false", "identifier": "8-3", "directory": "0"}
            """);
    DataSet set = read("nlvr");

    assertThat(set.questions()).hasSize(18);
    Question second = set.questions().get(7);
    assertThat(second.id()).isEqualTo("72-1-1");
    assertThat(second.pictures()).containsExactly("dev/images/5/dev-72-1-1.png");
    assertThat(second.text()).isEqualTo("There is a blue box.");
    assertThat(second.answers()).containsExactly("false");
    assertThat(second.group()).isEqualTo("72");
    // 6 + 5 + 6 of 18 answers; of two sentences one is right in all of its pictures.
    List<String> answers =
        set.questions().stream()
            .map(
                one ->
                    one.id().equals("72-1-5")
                        ? "True"
                        : one.answers().get(0).toUpperCase(Locale.ROOT))
            .toList();
    Grading official = Tasks.get("nlvr").gradings().get(0);
    List<Graded> graded = official.grade(set.questions(), answers);
    assertThat(official.aggregate().of(graded)).isCloseTo(17 / 18.0, within(1e-12));
    assertThat(official.aggregate().further(graded)).containsEntry("consistency", 0.5);
    // The official comparison is exact but for case; words are read by the other scoring alone.
    assertThat(scores("nlvr", 0, set.questions().get(0), "true", "TRUE", "True.", "yes"))
        .containsExactly(1.0, 1.0, 0.0, 0.0);
    assertThat(scores("nlvr", 1, set.questions().get(0), "True.", "yes, it is", "no", "maybe"))
        .containsExactly(1.0, 1.0, 0.0, 0.0);
    assertThat(scores("nlvr", 1, second, "Not true? No: false", "It is false.", "none"))
        .containsExactly(0.0, 1.0, 0.0);
  }

  @Test
  void shapes_readsThePicturesOfANumPyFile() throws IOException {
    data().write("shapes_dataset/val.query_str.txt", "is a red shape blue\nis a circle above\n");
    data().write("shapes_dataset/val.output", "false\ntrue\n");
    // Two pictures of 1 x 2 pixels, blue first: red and green; blue and white.
    byte[] pixels = {0, 0, -1, 0, -1, 0, -1, 0, 0, -1, -1, -1};
    Files.write(folder.resolve("shapes_dataset/val.input.npy"), npy("(2, 1, 2, 3)", pixels));
    DataSet set = new TaskReader(Tasks.get("shapes-nmn"), folder).read("val");

    assertThat(set.questions()).hasSize(2);
    Question first = set.questions().get(0);
    assertThat(new TaskPrompt(Tasks.get("shapes-nmn").prompt()).text(first))
        .isEqualTo("Is a red shape blue?");
    assertThat(first.answers()).containsExactly("false");
    assertThat(first.kind()).isEqualTo("5 words");
    assertThat(pixel(set, 0, 0)).isEqualTo(0xff0000);
    assertThat(pixel(set, 0, 1)).isEqualTo(0x00ff00);
    assertThat(pixel(set, 1, 0)).isEqualTo(0x0000ff);
    assertThat(pixel(set, 1, 1)).isEqualTo(0xffffff);
    assertThat(scores("shapes-nmn", 0, first, "no", "False", "yes")).containsExactly(1.0, 1.0, 0.0);
  }

  @Test
  void shapes_filesThatDoNotFit_areRefused() throws IOException {
    data().write("test.query_str.txt", "is a red shape blue\n");
    data().write("test.output", "false\n");
    Path pictures = folder.resolve("test.input.npy");
    Files.write(pictures, npy("(2, 1, 1, 3)", new byte[6]));
    assertRefused("test has 1 queries, 1 answers and 2 pictures");
    Files.write(pictures, npy("(1, 1, 1, 3)", new byte[2]));
    assertRefused("test.input.npy is cut off");
    Files.write(pictures, npy("(1, 3)", new byte[3]));
    assertRefused("test.input.npy holds no pictures");
    Files.write(pictures, new byte[20]);
    assertRefused("test.input.npy is no NumPy file");
  }

  private void assertRefused(String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("shapes-nmn"))
        .withMessageContaining(message);
  }

  @Test
  void blindTest_readsAnswersByTask_andAveragesTasks() throws IOException {
    data().copy("vlms-are-blind");
    List<Question> questions = read("vlms-are-blind").questions();

    assertThat(questions)
        .extracting(Question::kind)
        .containsExactly("Touching Circles", "Counting Grid - Word Grids", "Circled Letter");
    assertThat(questions.get(0).text())
        .isEqualTo("Are the two circles touching each other? Answer with Yes/No.");
    String name = "vlms-are-blind";
    assertThat(scores(name, 0, questions.get(0), "yes", " Yes ", "Yes.", "no"))
        .containsExactly(1.0, 1.0, 0.0, 0.0);
    assertThat(scores(name, 0, questions.get(1), "rows={4} columns={7}", "{4}{7}", "(4, 7)", "4x7"))
        .containsExactly(1.0, 1.0, 1.0, 0.0);
    assertThat(scores(name, 0, questions.get(2), "{k}", "K", "the letter is {k}"))
        .containsExactly(1.0, 1.0, 0.0);
    Question count = Question.open("9", List.of("p"), "How many?", List.of("5"), "Nested Squares");
    Question blank =
        Question.open(
            "8", List.of("p"), "How many?", List.of("2,3"), "Counting Grid - Blank Grids");
    assertThat(scores(name, 0, count, "{5}", "There are 5 of 6", "six"))
        .containsExactly(1.0, 1.0, 0.0);
    // Tasks: circles 1, grids 1 of 2, letters 0, squares 1; so 2.5 of 4, and 3 of 5 answers.
    List<Question> five =
        List.of(questions.get(0), questions.get(1), blank, questions.get(2), count);
    List<String> answers = List.of("yes", "{4}{7}", "{9}{9}", "z", "5");
    assertThat(figure(name, 0, five, answers)).isCloseTo(0.625, within(1e-12));
    assertThat(figure(name, 1, five, answers)).isCloseTo(0.6, within(1e-12));
  }

  private static double figure(
      String task, int grading, List<Question> questions, List<String> answers) {
    Grading chosen = Tasks.get(task).gradings().get(grading);
    return chosen.aggregate().of(chosen.grade(questions, answers));
  }

  private static List<Double> scores(
      String task, int grading, Question question, String... answers) {
    Grading chosen = Tasks.get(task).gradings().get(grading);
    return List.of(answers).stream()
        .map(answer -> chosen.scorer().score(answer, question).value())
        .toList();
  }

  private static int pixel(DataSet set, int question, int x) {
    return set.pictures()
            .read(set.questions().get(question).pictures().get(0))
            .toBufferedImage()
            .getRGB(x, 0)
        & 0xffffff;
  }

  /** A NumPy file of version 1 with bytes. */
  private static byte[] npy(String shape, byte[] data) {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }".formatted(shape);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.write(header.length());
    file.write(0);
    file.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
    file.writeBytes(data);
    return file.toByteArray();
  }

  private DataSet read(String task) {
    return new TaskReader(Tasks.get(task), folder).read("");
  }

  private DataFolderWriter data() {
    return new DataFolderWriter(folder);
  }
}
