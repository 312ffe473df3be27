package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.SmallSets;
import dev.squint.eval.data.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {

  @TempDir Path temp;

  @Test
  void shards_haveEachQuestionOnce_andAPictureWithAllItsQuestions() throws IOException {
    try (DataFinder finder = new DataFinder(null, "")) {
      TaskData data = finder.find(SmallSets.colours(temp.resolve("colours"), 7).toString());
      List<String> ids = new ArrayList<>();
      for (int index = 1; index <= 3; index++) {
        TaskData part = new Shard(index, 3).of(data).orElseThrow();
        part.set().questions().stream().map(Question::id).forEach(ids::add);
        assertThat(part.set().questions().size()).isEqualTo(index == 1 ? 6 : 4);
      }
      assertThat(ids)
          .containsExactlyInAnyOrderElementsOf(
              data.set().questions().stream().map(Question::id).toList());
      assertThat(new Shard(8, 8).of(data)).isEmpty();
      assertThat(Shard.WHOLE.of(data).orElseThrow().set()).isEqualTo(data.set());
    }
  }

  @Test
  void auto_readsSlurmAndKubernetes() {
    assertThat(Shard.parse("2/8", Map.of())).isEqualTo(new Shard(2, 8));
    Map<String, String> slurm =
        Map.of(
            "SLURM_ARRAY_TASK_ID", "4",
            "SLURM_ARRAY_TASK_MIN", "2",
            "SLURM_ARRAY_TASK_COUNT", "5");
    assertThat(Shard.parse("auto", slurm)).isEqualTo(new Shard(3, 5));
    assertThat(Shard.parse("auto/4", Map.of("JOB_COMPLETION_INDEX", "0")))
        .isEqualTo(new Shard(1, 4));
    assertThatThrownBy(() -> Shard.parse("auto", Map.of("JOB_COMPLETION_INDEX", "0")))
        .hasMessageContaining("as auto/N");
    assertThatThrownBy(() -> Shard.parse("auto", Map.of("SLURM_ARRAY_TASK_ID", "one")))
        .hasMessageContaining("SLURM_ARRAY_TASK_ID must be a number but was 'one'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "1/0", "2", "a/b", "1/2/3", "-1/3", ""})
  void otherForms_areRefused(String text) {
    assertThatThrownBy(() -> Shard.parse(text, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a shard is I/N");
  }
}
