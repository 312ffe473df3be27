package dev.squint.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads small hand-made files in each benchmark's documented format. */
class TaskReaderTest {

  @TempDir Path folder;

  static List<String> names() {
    return Tasks.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyTaskFile_isComplete(String name) {
    Task task = Tasks.get(name);
    assertThat(task.name()).isEqualTo(name);
    assertThat(task.gradings()).hasSize(1 + task.harnesses().size());
    assertThat(task.prompt()).contains("{question}");
    assertThat(task.get()).isNotBlank();
    assertThat(task.tried()).isNotBlank();
    assertThat(task.source()).isNotBlank();
    boolean own = task.format() == Task.Format.OWN || task.format() == Task.Format.EASY_VQA;
    assertThat(task.splits().isEmpty()).isEqualTo(own);
  }

  @Test
  void vqav2_joinsQuestionsAndAnnotations() throws IOException {
    data()
        .write(
            "v2_OpenEnded_mscoco_val2014_questions.json",
            """
        {"questions":[{"image_id":42,"question":"What is it?","question_id":420},
                      {"image_id":42,"question":"Hidden?","question_id":421}]}
        """);
    data()
        .write(
            "v2_mscoco_val2014_annotations.json",
            """
        {"annotations":[{"question_id":420,"image_id":42,"answer_type":"other","answers":[
          {"answer":"cat","answer_id":1},{"answer":"dog","answer_id":2}]}]}
        """);
    assertThat(read("vqav2", ""))
        .containsExactly(
            Question.open(
                "420",
                List.of("val2014/COCO_val2014_000000000042.jpg"),
                "What is it?",
                List.of("cat", "dog"),
                "other"));
    assertThat(new TaskPrompt(Tasks.get("vqav2").prompt()).text(read("vqav2", "").get(0)))
        .isEqualTo("What is it?\nAnswer the question using a single word or phrase.");
  }

  @Test
  void vizWizAndOkVqa_askForUnanswerable() throws IOException {
    data()
        .write(
            "val.json",
            """
        [{"image":"VizWiz_val_1.jpg","question":"What?","answer_type":"other","answers":[{"answer":"a"},{"answer":"a"}]}]
        """);
    Question question = read("vizwiz", "").get(0);
    assertThat(question.pictures()).containsExactly("val/VizWiz_val_1.jpg");
    assertThat(question.answers()).containsExactly("a", "a");
    assertThat(new TaskPrompt(Tasks.get("vizwiz").prompt()).text(question))
        .isEqualTo(
            "What?\nWhen the provided information is insufficient, respond with 'Unanswerable'.\nAnswer the question using a single word or phrase.");
  }

  @Test
  void textVqa_capitalizesLikePython() throws IOException {
    data()
        .write(
            "TextVQA_0.5.1_val.json",
            """
        {"data":[{"question_id":7,"question":"what does the NASA sign say?","image_id":"0a","answers":["x","y"]}]}
        """);
    assertThat(read("textvqa", "").get(0).text()).isEqualTo("What does the nasa sign say?");
    assertThat(read("textvqa", "").get(0).pictures()).containsExactly("train_images/0a.jpg");
  }

  @Test
  void gqa_readsAnObjectOfQuestions() throws IOException {
    data()
        .write(
            "testdev_balanced_questions.json",
            """
        {"201":{"imageId":"n1","question":"Is it?","answer":"yes","types":{"structural":"verify"}}}
        """);
    assertThat(read("gqa", ""))
        .containsExactly(
            Question.open("201", List.of("images/n1.jpg"), "Is it?", List.of("yes"), "verify"));
  }

  @Test
  void pope_readsLinesOfASplit() throws IOException {
    data()
        .write(
            "coco_pope_random.json",
            """
        {"question_id": 1, "image": "COCO_1.jpg", "text": "Is there a dog?", "label": "no"}
        """);
    assertThat(read("pope", "random").get(0).answers()).containsExactly("no");
  }

  @Test
  void mme_readsBothLayoutsOfASubtask() throws IOException {
    String root = "MME_Benchmark_release_version/";
    data().write(root + "color/1.txt", "Is it red?\tYes\nIs it blue?\tNo\n");
    data().write(root + "color/1.png", "");
    data()
        .write(
            root + "posters/questions_answers_YN/tt1.txt", "Is it a poster?\tYes\nOr not?\tNo\n");
    data().write(root + "posters/images/tt1.jpg", "");
    List<Question> questions = read("mme", "");
    assertThat(questions).hasSize(4);
    assertThat(questions.get(1).kind()).isEqualTo("color");
    assertThat(questions.get(1).answers()).containsExactly("No");
    assertThat(questions.get(1).pictures()).containsExactly(root + "color/1.png");
    assertThat(questions.get(1).group()).isEqualTo(questions.get(0).group());
    assertThat(questions.get(2).pictures()).containsExactly(root + "posters/images/tt1.jpg");
  }

  @Test
  void mmBench_readsTheTable_itsPictures_andRolledOrders() throws IOException {
    String png = png(3);
    data()
        .write(
            "MMBench_DEV_EN.tsv",
            "index\tquestion\thint\tA\tB\tC\tD\tanswer\tcategory\timage\n"
                + "7\t\"What \"\"is\"\"\nit?\"\tLook.\tred\tgreen\t\t\tB\tcolour\t"
                + png
                + "\n"
                + "1000007\tWhat is it?\t\tgreen\tred\t\t\tA\tcolour\t7\n");
    DataSet set = new TaskReader(Tasks.get("mmbench"), folder).read("");
    Question first = set.questions().get(0);
    assertThat(first.text()).isEqualTo("What \"is\"\nit?");
    assertThat(first.options()).containsExactly("red", "green");
    assertThat(first.answers()).containsExactly("B");
    assertThat(set.questions().get(1).group()).isEqualTo("7").isEqualTo(first.group());
    assertThat(set.pictures().read("7").width()).isEqualTo(3);
    assertThat(set.pictures().read("1000007").width()).isEqualTo(3);
    assertThat(new TaskPrompt(Tasks.get("mmbench").prompt()).text(first))
        .isEqualTo(
            "Look.\nWhat \"is\"\nit?\nA. red\nB. green\nAnswer with the option's letter from the given choices directly.");
    assertThat(new TaskPrompt(Tasks.get("mmbench").prompt()).text(set.questions().get(1)))
        .startsWith("What is it?\nA. green");
  }

  @Test
  void scienceQa_leavesOutQuestionsWithoutPictureAndOtherSplits() throws IOException {
    data()
        .write(
            "problems.json",
            """
        {"1":{"question":"Q","choices":["a","b"],"answer":1,"hint":"H","image":"image.png","split":"test","subject":"s"},
         "2":{"question":"Q","choices":["a","b"],"answer":0,"hint":"","image":null,"split":"test","subject":"s"},
         "3":{"question":"Q","choices":["a","b"],"answer":0,"hint":"","image":"image.png","split":"train","subject":"s"}}
        """);
    assertThat(read("scienceqa", "")).hasSize(1);
    assertThat(read("scienceqa", "").get(0).answers()).containsExactly("B");
    assertThat(new TaskPrompt(Tasks.get("scienceqa").prompt()).text(read("scienceqa", "").get(0)))
        .startsWith("Context: H\nQ\nA. a\nB. b\n");
  }

  @Test
  void seedBench_takesPictures_andSeedBench2SeveralOfThem() throws IOException {
    data()
        .write(
            "SEED-Bench.json",
            """
        {"questions":[
          {"answer":"C","choice_a":"1","choice_b":"2","choice_c":"3","choice_d":"4","data_id":"x","data_type":"image","question":"Q","question_id":"9","question_type_id":1},
          {"answer":"C","choice_a":"1","choice_b":"2","choice_c":"3","choice_d":"4","data_id":"x","data_type":"video","question":"Q","question_id":"10","question_type_id":10}]}
        """);
    assertThat(read("seed-bench", "")).hasSize(1);
    assertThat(read("seed-bench", "").get(0).pictures()).containsExactly("SEED-Bench-image/x");
    data()
        .write(
            "SEED-Bench_v2_level1_2_3.json",
            """
        {"questions":[{"answer":"A","choice_a":"1","choice_b":"2","choice_c":"3","choice_d":"4","data_id":["a.png","b.png"],"question":"Q","question_id":"9","question_type_id":11}]}
        """);
    assertThat(read("seed-bench-2", "").get(0).pictures()).containsExactly("a.png", "b.png");
  }

  @Test
  void ai2d_readsAFileForEachPicture_ofTheTestSplit() throws IOException {
    data()
        .write(
            "questions/1.png.json",
            """
        {"imageName":"1.png","questions":{"What eats what?":{"answerTexts":["a","b"],"correctAnswer":1,"abcLabel":true,"questionId":"1.png-0"}}}
        """);
    data()
        .write(
            "questions/2.png.json",
            """
        {"imageName":"2.png","questions":{"Which?":{"answerTexts":["a","b"],"correctAnswer":0,"questionId":"2.png-0"}}}
        """);
    assertThat(read("ai2d", "")).hasSize(2);
    data().write("ai2d_test_ids.csv", "1\n");
    assertThat(read("ai2d", "")).hasSize(1);
    assertThat(read("ai2d", "").get(0).answers()).containsExactly("B");
  }

  @Test
  void chartQa_readsBothHalves() throws IOException {
    data()
        .write("test/test_human.json", "[{\"imgname\":\"1.png\",\"query\":\"Q\",\"label\":\"3\"}]");
    data()
        .write(
            "test/test_augmented.json",
            "[{\"imgname\":\"2.png\",\"query\":\"Q\",\"label\":\"4\"}]");
    assertThat(read("chartqa", "both"))
        .extracting(Question::kind)
        .containsExactly("test_human", "test_augmented");
  }

  @Test
  void docVqaAndOcrBench() throws IOException {
    data()
        .write(
            "val_v1.0.json",
            "{\"data\":[{\"questionId\":1,\"question\":\"Q\",\"image\":\"documents/a.png\",\"answers\":[\"x\",\"y\"]}]}");
    assertThat(read("docvqa", "").get(0).pictures()).containsExactly("documents/a.png");
    data()
        .write(
            "OCRBench.json",
            "[{\"dataset_name\":\"HME100k\",\"image_path\":\"h/1.jpg\",\"question\":\"Q\",\"answers\":\"x\",\"type\":\"t\"}]");
    assertThat(read("ocrbench", "").get(0).kind()).isEqualTo("HME100k");
  }

  @Test
  void videos_areEvenlySpacedFrames() throws IOException {
    for (int i = 0; i < 20; i++) {
      data().write("frames/v1/%03d.jpg".formatted(i), "");
    }
    data()
        .write(
            "val.csv",
            "video,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4\nv1,20,1,1,why,3,5,CW,a,b,c,d,e\n");
    Question question = read("nextqa", "").get(0);
    assertThat(question.id()).isEqualTo("v1-5");
    assertThat(question.answers()).containsExactly("D");
    assertThat(question.pictures())
        .containsExactly(
            "frames/v1/000.jpg",
            "frames/v1/002.jpg",
            "frames/v1/005.jpg",
            "frames/v1/008.jpg",
            "frames/v1/010.jpg",
            "frames/v1/013.jpg",
            "frames/v1/016.jpg",
            "frames/v1/019.jpg");
  }

  @Test
  void videoMme_isReadFromItsParquetFile() throws IOException {
    data().copy("video-mme");
    DataSet set = new TaskReader(Tasks.get("video-mme"), folder).read("");
    String missing = set.questions().get(0).pictures().get(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.pictures().read(missing))
        .withMessageContaining("no folder frames/v1")
        .withMessageContaining("ffmpeg");
    Files.createDirectories(folder.resolve("frames/v1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.pictures().read(missing))
        .withMessageContaining("frames/v1 has no frames");
    data().write("frames/v1/1.png", "");
    Question question = read("video-mme", "").get(0);
    assertThat(question.options()).containsExactly("x", "y");
    assertThat(question.answers()).containsExactly("B");
    assertThat(question.kind()).isEqualTo("short");
  }

  @Test
  void mmmu_isReadFromTheParquetFilesOfItsSubjects() throws IOException {
    data().copy("mmmu");
    DataSet set = new TaskReader(Tasks.get("mmmu"), folder).read("");
    assertThat(set.questions()).hasSize(2);
    Question choice = set.questions().get(0);
    assertThat(choice.options()).containsExactly("the first", "the second's");
    assertThat(choice.answers()).containsExactly("A");
    assertThat(choice.kind()).isEqualTo("Art");
    assertThat(choice.pictures())
        .containsExactly(
            "Art/validation-00000-of-00001.parquet, row 1, image_1",
            "Art/validation-00000-of-00001.parquet, row 1, image_2");
    assertThat(set.pictures().read(choice.pictures().get(1)).width()).isEqualTo(4);
    Question open = set.questions().get(1);
    assertThat(open.options()).isEmpty();
    assertThat(open.answers()).containsExactly("4");
    assertThat(open.pictures()).hasSize(1);
  }

  @Test
  void missingOrDamagedParquetFiles_areNamed() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("mmmu", ""))
        .withMessageContaining("there is no */validation-*.parquet")
        .withMessageContaining("huggingface.co/datasets/MMMU/MMMU");
    data().write("Art/validation-00000-of-00001.parquet", "PAR1 and no more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("mmmu", ""))
        .withMessageContaining(
            "mmmu: Art/validation-00000-of-00001.parquet cannot be read: the file is damaged or not a Parquet file");
  }

  @Test
  void egoSchemaAndActivityNetAndMlvu() throws IOException {
    data().write("frames/u1/1.jpg", "");
    data()
        .write(
            "questions.json",
            """
        [{"q_uid":"u1","question":"Q","option 0":"a","option 1":"b","option 2":"c","option 3":"d","option 4":"e"},
         {"q_uid":"u2","question":"Q","option 0":"a","option 1":"b","option 2":"c","option 3":"d","option 4":"e"}]
        """);
    data().write("subset_answers.json", "{\"u1\": 4}");
    assertThat(read("egoschema", "")).hasSize(1);
    assertThat(read("egoschema", "").get(0).answers()).containsExactly("E");
    data()
        .write(
            "test_q.json", "[{\"video_name\":\"u1\",\"question\":\"Q\",\"question_id\":\"q_1\"}]");
    data().write("test_a.json", "[{\"answer\":\"red\",\"type\":3,\"question_id\":\"q_1\"}]");
    assertThat(read("activitynet-qa", "").get(0).answers()).containsExactly("red");
    assertThat(read("activitynet-qa", "").get(0).kind()).isEqualTo("3");
    data().write("frames/m.mp4/1.jpg", "");
    for (String file : Objects.requireNonNull(Tasks.get("mlvu").splits().get("dev")).files()) {
      data()
          .write(
              SplitFiles.alternatives(file).get(0),
              "[{\"video\":\"m.mp4\",\"question\":\"Q\",\"candidates\":[\"x\",\"y\"],\"answer\":\"y\"}]");
    }
    assertThat(read("mlvu", "")).hasSize(7);
    assertThat(read("mlvu", "").get(0).answers()).containsExactly("B");
    assertThat(read("mlvu", "").get(0).kind()).isEqualTo("1_plotQA");
  }

  /** The official files have an empty right option, and an answer that is not an option. */
  @Test
  void mlvu_emptyAnswersAndAnswersOutsideTheOptions() throws IOException {
    data().write("frames/m.mp4/1.jpg", "");
    for (String file : Objects.requireNonNull(Tasks.get("mlvu").splits().get("dev")).files()) {
      data()
          .write(
              SplitFiles.alternatives(file).get(0),
              """
          [{"video":"m.mp4","question":"Q","candidates":["x",""],"answer":""},
           {"video":"m.mp4","question":"","candidates":["x","y"],"answer":"z"}]
          """);
    }
    List<Question> questions = read("mlvu", "");
    assertThat(questions.get(0).answers()).containsExactly("B");
    assertThat(questions.get(1).answers()).containsExactly("z");
  }

  @Test
  void damagedFiles_areNamed() throws IOException {
    data().write("val.json", "[{");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("vizwiz", ""))
        .withMessageContaining("vizwiz: val.json cannot be read");
  }

  @Test
  void pythonLists() {
    assertThat(PythonList.parse("['a', \"it's\", 'x, y', 'don\\'t', 3]"))
        .containsExactly("a", "it's", "x, y", "don't", "3");
    assertThat(PythonList.parse("[]")).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> PythonList.parse("['a"));
  }

  @Test
  void unknownName_listsTheKnownNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tasks.get("vqa"))
        .withMessageContaining("vqav2");
  }

  private DataFolderWriter data() {
    return new DataFolderWriter(folder);
  }

  private List<Question> read(String task, String split) {
    return new TaskReader(Tasks.get(task), folder).read(split).questions();
  }

  private static String png(int width) throws IOException {
    BufferedImage image = new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width; i++) {
      image.setRGB(i, 0, 0x102030 * (i + 1));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    String text = Base64.getEncoder().encodeToString(bytes.toByteArray());
    assertThat(text.length()).isGreaterThan(64);
    return text;
  }
}
