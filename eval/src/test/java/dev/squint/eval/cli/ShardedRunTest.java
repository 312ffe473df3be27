package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.SmallSets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedRunTest {

  private static final String MODEL = "../llm-decoder/src/test/resources/packages/tiled";

  @TempDir Path temp;
  private final StringWriter err = new StringWriter();

  private int squint(String... arguments) {
    return Squint.run(new PrintWriter(new StringWriter()), new PrintWriter(err), arguments);
  }

  private Path eval(Path data, String out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "eval",
                data.toString(),
                "--plan=encoder:cls-attention(keep=0.25)",
                "--model=" + MODEL,
                "--limit=11",
                "--out=" + temp.resolve(out)));
    words.addAll(List.of(more));
    assertThat(squint(words.toArray(String[]::new))).as(err.toString()).isZero();
    return temp.resolve(out);
  }

  @Test
  void mergedShards_haveTheFiguresOfTheWholeRun_bitForBit() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 7);
    Path whole = eval(colours, "whole");
    List<String> shards = new ArrayList<>();
    for (int index = 3; index >= 1; index--) {
      shards.add(eval(colours, "part" + index, "--shard=" + index + "/3").toString());
    }
    assertThat(temp.resolve("part1/summary.json")).doesNotExist();
    Path merged = temp.resolve("merged");
    List<String> report = new ArrayList<>(List.of("report", "--out", merged.toString()));
    report.addAll(shards);
    assertThat(squint(report.toArray(String[]::new))).as(err.toString()).isZero();
    assertThat(merged.resolve("summary.json"))
        .hasSameBinaryContentAs(whole.resolve("summary.json"));
    assertThat(merged.resolve("report.html")).exists();
    assertThat(Files.readAllLines(merged.resolve("answers.jsonl")))
        .hasSameSizeAs(Files.readAllLines(whole.resolve("answers.jsonl")));

    assertThat(
            squint("report", "--out", temp.resolve("m2").toString(), shards.get(0), shards.get(1)))
        .isEqualTo(1);
    assertThat(err.toString()).contains("shard 1 of 3 is missing");
    assertThat(
            squint("report", "--out", temp.resolve("m3").toString(), shards.get(0), shards.get(0)))
        .isEqualTo(1);
    assertThat(err.toString()).contains("are both shard 3/3");
    assertThat(squint("report", shards.get(0), shards.get(1))).isEqualTo(2);
    assertThat(err.toString()).contains("give the folder of the merged run with --out");
  }

  @Test
  void anotherShardInTheSameFolder_andAWrongShard_areRefused() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 3);
    Path part = eval(colours, "part", "--shard=1/2");
    assertThat(
            squint(
                "eval",
                colours.toString(),
                "--plan=encoder:cls-attention(keep=0.25)",
                "--model=" + MODEL,
                "--limit=11",
                "--shard=2/2",
                "--out=" + part))
        .isEqualTo(1);
    assertThat(err.toString()).contains("has shard 1/2, not 2/2");
    assertThat(squint("eval", colours.toString(), "--shard=3/2", "--out=" + part)).isEqualTo(2);
    assertThat(err.toString()).contains("I from 1 to N but was 3/2");
  }
}
