package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.FolderPictures;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {

  @TempDir Path folder;

  private static Question question(String id, List<String> options, List<String> answers) {
    return new Question(
        id, List.of("p"), "Q\"1\"", "", options, answers, "c", id, false, List.of(), List.of());
  }

  private static AnswerLine answer(String id, String text, boolean failed) throws IOException {
    return JsonFiles.MAPPER.readValue(
        """
        {"set": "mmbench", "plan": "none", "id": "%s", "answer": "%s", "expected": ["A"], "score": 0,
         "visual_tokens": 1, "kept_tokens": 1, "prompt_tokens": 1, "completion_tokens": 1, "kv_bytes": 1,
         "finish_reason": "stop", "error": %s,
         "ms": {"preprocess": 0, "encode": 0, "prune": 0, "prefill": 0, "decode": 0, "ttft": 0, "encode_cached": false}}
        """
            .formatted(id, text, failed ? "\"gone\"" : "null"),
        AnswerLine.class);
  }

  @Test
  void benchmarks_haveTheNamesOfTheHarnesses_andFailedQuestionsTheirMark() throws IOException {
    DataSet set =
        new DataSet(
            "mmbench",
            new FolderPictures(folder),
            List.of(
                question("241", List.of("x", "y"), List.of("A")),
                question("1000241", List.of("y", "x", "it's"), List.of("B", "it's"))));
    RunAnswers answers =
        new RunAnswers(
            new TaskData(Tasks.get("mmbench"), set),
            "none",
            List.of(answer("241", "A", false), answer("1000241", "", true)));
    List<Figures> figures = List.of(SampleFigures.of("none", 0.5));

    Path table = new VlmEvalKitExport(folder, "my model").write(List.of(answers), figures).get(0);
    assertThat(folder.relativize(table)).hasToString("my_model/my_model_MMBench_DEV_EN.tsv");
    List<String> rows = Files.readAllLines(table);
    assertThat(rows.get(0)).contains("\tA\tB\tC\tanswer\t");
    assertThat(rows.get(1)).startsWith("241\t241\t\"Q\"\"1\"\"\"\t");
    assertThat(rows.get(2))
        .contains("['B', 'it\\'s']")
        .contains("Failed to obtain answer via API.");

    Path results =
        new LmmsEvalExport(folder, "m", "20261129_080000").write(List.of(answers), figures);
    assertThat(results.getFileName()).hasToString("20261129_080000_results.json");
    assertThat(results.resolveSibling("20261129_080000_samples_mmbench_en_dev_static.jsonl"))
        .content()
        .contains("\"target\":\"['B', 'it\\\\'s']\"")
        .contains("\"error\":\"gone\"");
  }

  @Test
  void plans_areModelsWithSafeNames() {
    assertThat(RunAnswers.modelName("tiny-vlm", "none")).isEqualTo("tiny-vlm");
    assertThat(RunAnswers.modelName("tiny-vlm", "layer2:fastv(keep=0.5) + cache:h2o(keep=0.2)"))
        .isEqualTo("tiny-vlm-layer2_fastv_keep=0.5_cache_h2o_keep=0.2");
  }
}
