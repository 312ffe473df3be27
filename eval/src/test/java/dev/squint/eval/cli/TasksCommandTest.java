package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.task.ClipFiles;
import dev.squint.eval.task.Layout;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TasksCommandTest {

  @Test
  void list_hasTheFileNames() {
    assertThat(CommandLine.run("tasks"))
        .contains("val_v1.0_withQT.json or val_v1.0.json")
        .contains("MME_Benchmark_release_version/MME_Benchmark or");
  }

  @Test
  void name_listsAllFilesWithoutData() {
    assertThat(CommandLine.run("tasks", "docvqa", "vqav2"))
        .contains("split val: val_v1.0_withQT.json or val_v1.0.json or spdocvqa_qas/")
        .contains("pictures: {image} or spdocvqa_images/{image:name}")
        .contains("Hugging Face Hub, lmms-lab/DocVQA:")
        .contains("split val: DocVQA/validation-*.parquet")
        .contains("split val, with: v2_mscoco_val2014_annotations.json")
        .contains("source of the names: rrc.cvc.uab.es");
  }

  @Test
  void clips_areListedToo() {
    assertThat(CommandLine.run("tasks", "video-mme", "mvbench"))
        .contains("or clips: data/{videoID}.* or video/{videoID}.*")
        .contains("{_place} of action_sequence: star/Charades_v1_480 or star/Charades_segment");
  }

  @Test
  void document_listsTheFilesOfEveryReader() throws IOException {
    String document = Files.readString(Path.of("../docs/benchmarks.md"));
    for (String name : Tasks.names()) {
      Task task = Tasks.get(name);
      for (Layout layout : task.layouts()) {
        layout
            .splits()
            .values()
            .forEach(
                split -> {
                  for (String file : split.files().get(0).split("\\|", -1)) {
                    assertThat(document).as(name).contains("`" + file + "`");
                  }
                });
        ClipFiles clips = layout.fields() == null ? null : layout.fields().clips();
        for (String file : clips == null ? List.<String>of() : clips.files()) {
          assertThat(document).as(name).contains("`" + file + "`");
        }
      }
      assertThat(document).contains("`" + name + "`");
    }
  }
}
