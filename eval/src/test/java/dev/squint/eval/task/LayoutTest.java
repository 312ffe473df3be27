package dev.squint.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads the file names and folders of official downloads and of the Hugging Face Hub. */
class LayoutTest {

  private static final String DOCVQA =
      "{\"data\":[{\"questionId\":1,\"question\":\"Q\",\"image\":\"documents/a_1.png\",\"answers\":[\"x\"]}]}";
  private static final String INFOVQA =
      "{\"data\":[{\"questionId\":1,\"question\":\"Q\",\"image_local_name\":\"7.jpeg\",\"answers\":[\"x\"]}]}";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "val_v1.0.json, documents/a_1.png",
    "val_v1.0_withQT.json, documents/a_1.png",
    "spdocvqa_qas/val_v1.0_withQT.json, spdocvqa_images/a_1.png",
    "qas/val_v1.0_withQT.json, images/a_1.png",
    "val/val_v1.0.json, val/documents/a_1.png"
  })
  void docVqa_readsOlderAndCurrentDownloads(String file, String picture) throws IOException {
    data().write(file, DOCVQA);
    data().write(picture, "");
    assertThat(read("docvqa").get(0).pictures()).containsExactly(picture);
  }

  @ParameterizedTest
  @CsvSource({
    "infographicsVQA_val_v1.0.json, infographicsVQA_val_v1.0_images/7.jpeg",
    "infographicsVQA_val_v1.0_withQT.json, infographicsvqa_images/7.jpeg",
    "infographicsvqa_qas/infographicsVQA_val_v1.0_withQT.json, infographicsvqa_images/7.jpeg"
  })
  void infographicVqa_readsOlderAndCurrentDownloads(String file, String picture)
      throws IOException {
    data().write(file, INFOVQA);
    data().write(picture, "");
    assertThat(read("infovqa").get(0).pictures()).containsExactly(picture);
  }

  @ParameterizedTest
  @CsvSource({
    "MME_Benchmark_release_version/MME_Benchmark",
    "MME_Benchmark_release_version",
    "MME_Benchmark"
  })
  void mme_readsEachFolder(String root) throws IOException {
    data().write(root + "/color/1.txt", "Is it red?\tYes\nIs it blue?\tNo\n");
    data().write(root + "/color/1.png", "");
    data()
        .write(
            root + "/posters/questions_answers_YN/tt1.txt",
            "\ufeffIs it a poster?\tYes\nOr not?\tNo\n");
    data().write(root + "/posters/images/tt1.jpg", "");
    List<Question> questions = read("mme");
    assertThat(questions)
        .extracting(Question::kind)
        .containsExactly("color", "color", "posters", "posters");
    assertThat(questions.get(0).pictures()).containsExactly(root + "/color/1.png");
    assertThat(questions.get(2).pictures()).containsExactly(root + "/posters/images/tt1.jpg");
    assertThat(questions.get(2).text()).isEqualTo("Is it a poster?");
  }

  @Test
  void compressedFiles_areRead() throws IOException {
    Path file = folder.resolve("val_v1.0.json.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(DOCVQA.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read("docvqa")).hasSize(1);
  }

  @Test
  void hub_docVqa_readsTheColumnsOfLmmsEval() throws IOException {
    DataSet set = hub("docvqa", "");
    Question question = set.questions().get(0);
    assertThat(question.id()).isEqualTo("49153");
    assertThat(question.answers()).containsExactly("0.28", "28");
    assertThat(set.pictures().read(question.pictures().get(0)).width()).isEqualTo(4);
  }

  @Test
  void hub_vqav2_readsAllParts_andEqualPicturesAreOne() throws IOException {
    DataSet set = hub("vqav2", "val");
    assertThat(set.questions()).extracting(Question::id).containsExactly("0", "1", "10", "11");
    assertThat(set.questions().get(2).answers()).hasSize(10).containsOnly("blue");
    assertThat(set.questions().get(1).cluster()).isEqualTo(set.questions().get(0).cluster());
    assertThat(set.questions().get(2).cluster()).isNotEqualTo(set.questions().get(0).cluster());
  }

  @Test
  void hub_missingPart_isRefused() throws IOException {
    data().copy("vqav2");
    Files.delete(folder.resolve("data/validation-00000-of-00002.parquet"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("vqav2"))
        .withMessageContaining("data/validation-*-of-00002 has 1 of its 2 files: [1]");
  }

  @Test
  void hub_pope_readsOneCategoryOfTheJointFile() throws IOException {
    DataSet set = hub("pope", "popular");
    assertThat(set.questions()).extracting(Question::id).containsExactly("popular-1");
  }

  @Test
  void hub_mme_groupsTheQuestionsOfAPicture() throws IOException {
    DataSet set = hub("mme", "");
    assertThat(set.questions()).extracting(Question::id).doesNotHaveDuplicates();
    assertThat(set.questions()).extracting(Question::group).containsOnly("color/1.png");
    assertThat(set.questions()).extracting(Question::kind).containsOnly("color");
  }

  @Test
  void hub_gqa_joinsThePictures() throws IOException {
    DataSet set = hub("gqa", "");
    Question question = set.questions().get(0);
    assertThat(question.id()).isEqualTo("201");
    assertThat(question.kind()).isEqualTo("verify");
    assertThat(set.pictures().read(question.pictures().get(0)).width()).isEqualTo(4);
  }

  @Test
  void hub_seedBench_readsListsOfPictures() throws IOException {
    DataSet set = hub("seed-bench", "");
    assertThat(set.questions()).hasSize(1);
    assertThat(set.questions().get(0).pictures()).hasSize(2);
    assertThat(set.questions().get(0).options()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void hub_mmBench_ignoresEmptyCells() throws IOException {
    Question question = hub("mmbench", "").questions().get(0);
    assertThat(question.options()).containsExactly("x", "y");
    assertThat(question.hint()).isEmpty();
  }

  @Test
  void hub_scienceQaAndChartQa() throws IOException {
    assertThat(hub("scienceqa", "").questions().get(0).answers()).containsExactly("B");
    assertThat(hub("chartqa", "augmented").questions())
        .extracting(Question::kind)
        .containsExactly("augmented_test");
    assertThat(hub("chartqa", "both").questions()).hasSize(2);
  }

  @Test
  void missingFiles_areListedWithTheirAlternatives() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("docvqa"))
        .withMessageContaining("there is no val_v1.0_withQT.json in")
        .withMessageContaining("or val_v1.0.json")
        .withMessageContaining("or spdocvqa_qas/val_v1.0_withQT.json")
        .withMessageContaining("or DocVQA/validation-*.parquet of lmms-lab/DocVQA")
        .withMessageContaining("rrc.cvc.uab.es");
  }

  private List<Question> read(String task) {
    return new TaskReader(Tasks.get(task), folder).read("").questions();
  }

  private DataFolderWriter data() {
    return new DataFolderWriter(folder);
  }

  private DataSet hub(String task, String split) throws IOException {
    data().copy(task);
    return new TaskReader(Tasks.get(task), folder).read(split);
  }
}
