package dev.squint.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Videos of benchmarks, in the folders that their downloads and harnesses have. */
class ClipFilesTest {

  private static final Path CLIP = Path.of("../samples/clips/shape-moves.mp4");
  private static final int FRAMES = 8;

  @TempDir Path folder;

  @BeforeEach
  void annotations() throws IOException {
    String row = "\"question\":\"Q\",\"candidates\":[\"x\",\"y\"],\"answer\":\"y\"}]";
    for (String task : List.of("mlvu", "mvbench")) {
      for (Task.Split split : Tasks.get(task).splits().values()) {
        for (String file : split.files()) {
          write(SplitFiles.alternatives(file).get(0), "[{\"video\":\"v1.mp4\"," + row);
        }
      }
    }
    write(
        "val.csv",
        "video,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4\nv1,9,1,1,why,3,5,CW,a,b,c,d,e\n");
    write(
        "questions.json",
        "[{\"q_uid\":\"v1\",\"question\":\"Q\",\"option 0\":\"a\",\"option 1\":\"b\",\"option 2\":\"c\",\"option 3\":\"d\",\"option 4\":\"e\"}]");
    write("subset_answers.json", "{\"v1\": 4}");
    write("test_q.json", "[{\"video_name\":\"v1\",\"question\":\"Q\",\"question_id\":\"q_1\"}]");
    write("test_a.json", "[{\"answer\":\"red\",\"type\":3,\"question_id\":\"q_1\"}]");
    write("test_qa.json", "[{\"id\":1,\"video_id\":1,\"question\":\"Q\",\"answer\":\"red\"}]");
    Files.createDirectories(folder.resolve("videomme"));
    Files.copy(
        Path.of("src/test/resources/parquet/video-mme/videomme/test-00000-of-00001.parquet"),
        folder.resolve("videomme/test-00000-of-00001.parquet"));
  }

  @ParameterizedTest
  @CsvSource({
    "video-mme, data/v1.mp4",
    "video-mme, data/v1.MP4",
    "video-mme, data/v1.mkv",
    "video-mme, video/v1.mp4",
    "nextqa, NExTVideo/v1.mp4",
    "nextqa, NExTVideo/1164/v1.mp4",
    "nextqa-oe, NExTVideo/1164/v1.mp4",
    "egoschema, videos/v1.mp4",
    "activitynet-qa, all_test/v_v1.mp4",
    "activitynet-qa, all_test/v_v1.webm",
    "msvd-qa, YouTubeClips/vid1.avi",
    "mlvu, video/1_plotQA/v1.mp4",
    "mlvu, MLVU/video/1_plotQA/v1.mp4",
    "mvbench, video/star/Charades_v1_480/v1.mp4",
    "mvbench, star/Charades_segment/v1.mp4",
    "mvbench, data0613/star/Charades_v1_480/v1.mp4"
  })
  void clips_areFoundWhereDownloadsHaveThem(String task, String clip) throws IOException {
    copyClip(clip);
    DataSet set = new TaskReader(Tasks.get(task), folder).read("");
    Question question = set.questions().get(0);
    assertThat(question.pictures())
        .containsExactlyElementsOf(
            IntStream.range(0, FRAMES).mapToObj(i -> "%s#frame=%d/8".formatted(clip, i)).toList());
    assertSamePixels(read(set, question), expected(0, 1e9));
  }

  @Test
  void framesThatWereExtracted_comeFirst() throws IOException {
    copyClip("data/v1.mp4");
    write("frames/v1/1.jpg", "");
    assertThat(question("video-mme").pictures()).containsExactly("frames/v1/1.jpg");
  }

  @ParameterizedTest
  @CsvSource({
    "star/Charades_v1_480, 't=1.0,2.5&', 1, 2.5",
    "star/Charades_segment, '', 0, 1e9",
  })
  void partsThatAreAskedAbout_areCutUnlessTheyAreCutAlready(
      String place, String part, double from, double to) throws IOException {
    write(
        "json/action_sequence.json",
        "[{\"video\":\"v1.mp4\",\"start\":1,\"end\":2.5,\"question\":\"Q\",\"candidates\":[\"x\",\"y\"],\"answer\":\"y\"}]");
    copyClip("video/" + place + "/v1.mp4");
    DataSet set = new TaskReader(Tasks.get("mvbench"), folder).read("");
    Question question = set.questions().get(0);
    assertThat(question.pictures().get(2))
        .isEqualTo("video/%s/v1.mp4#%sframe=2/8".formatted(place, part));
    assertSamePixels(read(set, question), expected(from, to));
  }

  @Test
  void foldersOfFrames_areCutByTheirRate() throws IOException {
    write(
        "json/episodic_reasoning.json",
        "[{\"video\":\"e1\",\"fps\":3,\"start\":2,\"end\":4,\"question\":\"Q\",\"candidates\":[\"x\",\"y\"],\"answer\":\"y\"}]");
    for (int i = 1; i <= 30; i++) {
      write("video/tvqa/frames_fps3_hq/e1/%05d.jpg".formatted(i), "");
    }
    List<String> pictures =
        new TaskReader(Tasks.get("mvbench"), folder)
            .read("").questions().stream()
                .filter(question -> question.kind().equals("episodic_reasoning"))
                .toList()
                .get(0)
                .pictures();
    // From the frame at 2 s, the seventh, to that at 4 s.
    assertThat(pictures)
        .hasSize(7)
        .startsWith("video/tvqa/frames_fps3_hq/e1/00007.jpg")
        .endsWith("video/tvqa/frames_fps3_hq/e1/00013.jpg");
  }

  @Test
  void clipsWithFewFrames_giveSomeTwice() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.copy(Path.of("../samples/clips/animation.gif"), folder.resolve("data/v1.gif"));
    DataSet set = new TaskReader(Tasks.get("video-mme"), folder).read("");
    assertThat(read(set, set.questions().get(0))).hasSize(FRAMES);
    assertThat(VideoFrames.evenly(3, 8)).containsExactly(0, 0, 0, 0, 1, 1, 1, 2);
  }

  @Test
  void missingAndDamagedClips_areNamed() throws IOException {
    DataSet missing = new TaskReader(Tasks.get("video-mme"), folder).read("");
    assertThatThrownBy(() -> read(missing, missing.questions().get(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no folder frames/v1")
        .hasMessageContaining("no clip data/v1.mp4, data/v1.MP4, data/v1.mkv and others");
    write("data/v1.mp4", "not a video");
    DataSet damaged = new TaskReader(Tasks.get("video-mme"), folder).read("");
    assertThatThrownBy(() -> read(damaged, damaged.questions().get(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data/v1.mp4 is no video");
  }

  private Question question(String task) {
    return new TaskReader(Tasks.get(task), folder).read("").questions().get(0);
  }

  private static List<Picture> read(DataSet set, Question question) {
    return question.pictures().stream().map(set.pictures()::read).toList();
  }

  private static void assertSamePixels(List<Picture> actual, List<Picture> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).width()).isEqualTo(expected.get(i).width());
      assertThat(actual.get(i).rgb()).as("picture %d", i).isEqualTo(expected.get(i).rgb());
    }
  }

  private static List<Picture> expected(double from, double to) {
    try (Video video = new VideoReader().open(CLIP)) {
      ClipOptions part = ClipOptions.DEFAULT.between(from, to);
      return Clip.read(video, new FrameRule.Uniform(FRAMES), part).pictures();
    }
  }

  private void copyClip(String name) throws IOException {
    Path to = folder.resolve(name);
    Files.createDirectories(to.resolve("..").normalize());
    Files.copy(CLIP, to);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.resolve("..").normalize());
    Files.writeString(path, text);
  }
}
