package dev.squint.eval.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionFilesTest {

  private static final String REST = "\"question\":\"Which?\",\"answer\":\"red\"}";

  @TempDir Path folder;

  @BeforeEach
  void drawPictures() throws IOException {
    Files.write(folder.resolve("a.png"), png(3));
    Files.write(folder.resolve("b.png"), png(4));
  }

  @Test
  void image_isAName_andImagesANameOrAList() throws IOException {
    List<Question> questions =
        read(
            "{\"image\":\"a.png\"," + REST,
            "{\"images\":\"b.png\"," + REST,
            "{\"images\":[\"a.png\",\"b.png\"]," + REST,
            "{\"image\":[\"b.png\"]," + REST,
            "{\"images\":[]," + REST);
    assertThat(questions)
        .extracting(Question::pictures)
        .containsExactly(
            List.of("a.png"),
            List.of("b.png"),
            List.of("a.png", "b.png"),
            List.of("b.png"),
            List.of());
    assertThat(questions).extracting(Question::id).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void numbersAreAnswersWithTheDigitsOfTheFile() throws IOException {
    String start = "{\"image\":\"a.png\",\"question\":\"Which?\",";
    List<Question> questions =
        read(
            start + "\"answer\":1.50}",
            start + "\"answers\":[3, 0.10]}",
            start + "\"answer\":12345678901234567890.25}");
    assertThat(questions)
        .extracting(Question::answers)
        .containsExactly(List.of("1.50"), List.of("3", "0.10"), List.of("12345678901234567890.25"));
  }

  @Test
  void history_isTheTurnsBefore_andMakesAnotherQuestion() throws IOException {
    List<Question> questions =
        read(
            "{\"image\":\"a.png\"," + REST,
            "{\"image\":\"a.png\",\"history\":[{\"question\":\"Where?\",\"answer\":\"top\"}],"
                + REST);
    assertThat(questions.get(0).history()).isEmpty();
    assertThat(questions.get(1).history()).containsExactly(new Question.Turn("Where?", "top"));
    assertThat(questions.get(0).cluster()).isEqualTo(questions.get(1).cluster());
  }

  @Test
  void dataUrls_areReadAsBrowsersReadThem_andEqualOnesAreOnePicture() throws IOException {
    String base64 = Base64.getEncoder().encodeToString(png(5));
    DataSet set =
        set(
            "{\"image\":\"data:image/png;base64,%s\",".formatted(base64) + REST,
            "{\"image\":\"DATA:;base64,%s\","
                    .formatted(base64.replace("=", "%3D").replace('+', '-').replace('/', '_'))
                + REST,
            "{\"images\":[\"a.png\",\"data:image/png;base64, %s\\n%s\"],"
                    .formatted(base64.substring(0, 20), base64.substring(20))
                + REST);
    assertThat(set.questions().get(0).pictures()).containsExactly("line 1, picture 1");
    assertThat(set.questions().get(1).cluster()).isEqualTo(set.questions().get(0).cluster());
    assertThat(set.questions().get(2).pictures()).containsExactly("a.png", "line 1, picture 1");
    assertThat(set.pictures().read("line 1, picture 1").width()).isEqualTo(5);
    assertThat(set.pictures().read("a.png").width()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"imagee":"a.png",                         | unknown key 'imagee'; the keys are id, image, images,
          {                                          | there is no picture; give 'image' or 'images'
          {"image":"a.png","images":["b.png"],       | both 'image' and 'images'
          {"image":{"path":"a.png"},                 | 'image' must be a text but is {"path":"a.png"}
          {"image":null,                             | 'image' must be a text but is null
          {"image":"",                               | 'image' has an empty name
          {"image":"a.png","answers":["x"],          | both 'answer' and 'answers'
          {"image":"a.png","unseen":"no",            | 'unseen' must be true or false but is "no"
          {"image":"a.png","kind":["x"],             | 'kind' must be a text
          {"image":"a.png","boxes":[[1,2,3,4]],      | 'boxes' must be a list of objects
          {"image":"a.png","boxes":[{"bbox":[1]}],   | unknown key 'bbox'; the keys are frame, box
          {"image":"a.png","boxes":[{"box":[1,2]}],  | 'box' must be [left, top, right, bottom]
          {"image":"a.png","history":["x"],          | 'history' must be a list of objects
          {"image":"a.png","history":[{"question":"x"}], | there is no 'answer'
          {"image":"a.png","image":"b.png",          | Duplicate field 'image'
          {"image":"data:image/png;base64,%%",       | the data is not base64
          {"image":"data:image/png;base64",          | has no comma
          """)
  void wrongKeysAndValues_areRefusedByLine(String start, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("{\"image\":\"a.png\"," + REST, start + REST))
        .withMessageContaining("line 2 of questions.jsonl of 'mine'")
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "{} {}", "{", "red"})
  void linesThatAreNotOneObject_areRefused(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(line))
        .withMessageContaining("line 1 of questions.jsonl");
  }

  @Test
  void byteOrderMarksAndGzip_areRecognized() throws IOException {
    String text = "{\"image\":\"a.png\",\"question\":\"Größe?\",\"answer\":3}\r\n\r\n";
    for (Charset charset :
        List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      Files.write(folder.resolve("questions.jsonl"), ("\ufeff" + text).getBytes(charset));
      Question question = QuestionFiles.read("mine", folder).questions().get(0);
      assertThat(question.text()).isEqualTo("Größe?");
      assertThat(question.answers()).containsExactly("3");
    }
    Files.delete(folder.resolve("questions.jsonl"));
    Files.write(
        folder.resolve("questions.jsonl.gz"),
        gzip(("\ufeff" + text).getBytes(StandardCharsets.UTF_8)));
    assertThat(QuestionFiles.read("mine", folder).questions()).hasSize(1);
  }

  @Test
  void filesInAnotherEncodingOrCutOff_areRefused() throws IOException {
    byte[] latin = "{\"question\":\"Größe?\"}".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(folder.resolve("questions.jsonl"), latin);
    assertThatThrownBy(() -> QuestionFiles.read("mine", folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("questions.jsonl of 'mine'")
        .hasMessageContaining("UTF-8");
    byte[] zipped = gzip(REST.repeat(50).getBytes(StandardCharsets.UTF_8));
    Files.write(folder.resolve("questions.jsonl"), Arrays.copyOf(zipped, zipped.length / 2));
    assertThatThrownBy(() -> QuestionFiles.read("mine", folder)).hasMessageContaining("cut off");
  }

  @Test
  void tables_haveTheSameKeys() throws IOException {
    Files.writeString(
        folder.resolve("questions.csv"),
        """
        \ufeffid,image,question,answer,unseen,boxes,kind
        x,a.png,"Red, or ""blue""?",red,TRUE,"[{""box"": [0, 0, 1, 1]}]",
        y,b.png,"two
        lines",[1],,,color
        """);
    List<Question> questions = QuestionFiles.read("mine", folder).questions();
    assertThat(questions.get(0).text()).isEqualTo("Red, or \"blue\"?");
    assertThat(questions.get(0).unseen()).isTrue();
    assertThat(questions.get(0).boxes()).containsExactly(new Box(0, 0, 0, 1, 1));
    assertThat(questions.get(0).kind()).isEqualTo("all");
    assertThat(questions.get(1).text()).isEqualTo("two\nlines");
    assertThat(questions.get(1).answers()).containsExactly("[1]");
    Files.delete(folder.resolve("questions.csv"));
    Files.write(
        folder.resolve("questions.tsv.gz"),
        gzip(
            "images\tquestion\tanswers\n[\"a.png\", \"b.png\"]\tWhich?\t[\"red\",\"blue\"]\na.png\tWho?\tme\n"
                .getBytes(StandardCharsets.UTF_8)));
    questions = QuestionFiles.read("mine", folder).questions();
    assertThat(questions.get(0).pictures()).containsExactly("a.png", "b.png");
    assertThat(questions.get(0).answers()).containsExactly("red", "blue");
    assertThat(questions.get(1).id()).isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          image;quesion;answer                     | row 1 of questions.csv of 'mine': unknown column 'quesion'
          image;image;answer                       | repeated column 'image'
          image;question;answer/a.png;Which?       | row 2 of questions.csv of 'mine': there are 2 cells but 3 columns
          image;question;answer/;Which?;red        | row 2 of questions.csv of 'mine': there is no picture
          images;question;answer/[a;Which?;red     | row 2 of questions.csv of 'mine': Unrecognized token 'a'
          """)
  void wrongTables_areRefusedByRow(String table, String message) throws IOException {
    Files.writeString(folder.resolve("questions.csv"), table.replace('/', '\n').replace(';', ','));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuestionFiles.read("mine", folder))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.png,\"q\"s,red\n", "a.png,\"q,red\n"})
  void wrongQuotes_areRefusedByTheirRow(String row) throws IOException {
    Files.writeString(
        folder.resolve("questions.csv"), "image,question,answer\na.png,q,red\n" + row);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuestionFiles.read("mine", folder))
        .withMessageStartingWith("row 3 of questions.csv of 'mine': ")
        .withMessageNotContaining("reference chain");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9000})
  void tablesInAnotherEncoding_areRefused(int rowsBefore) throws IOException {
    String table =
        "image,question,answer\n" + "a.png,q,red\n".repeat(rowsBefore) + "a.png,q,r\u00f6tlich\n";
    Files.write(folder.resolve("questions.csv"), table.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> QuestionFiles.read("mine", folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("questions.csv of 'mine'")
        .hasMessageContaining("save it as UTF-8");
  }

  @Test
  void severalFiles_areRefused() throws IOException {
    Files.writeString(folder.resolve("questions.csv"), "image,question,answer\n");
    Files.writeString(folder.resolve("questions.tsv"), "image\tquestion\tanswer\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuestionFiles.read("mine", folder))
        .withMessageContaining("has [questions.csv, questions.tsv]");
  }

  private List<Question> read(String... lines) throws IOException {
    return set(lines).questions();
  }

  private DataSet set(String... lines) throws IOException {
    Files.write(folder.resolve("questions.jsonl"), List.of(lines));
    return QuestionFiles.read("mine", folder);
  }

  private static byte[] png(int width) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
