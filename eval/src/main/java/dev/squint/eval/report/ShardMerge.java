package dev.squint.eval.report;

import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.QuestionsFile;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.Shard;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Merges the output folders of the shards of one run into the folder of a finished run. */
public final class ShardMerge {

  private ShardMerge() {}

  /**
   * Merges the answers and computes the figures, which equal those of the run on one machine.
   *
   * @param shards output folders of all shards, in any order
   * @param out folder of the merged run
   * @throws IllegalArgumentException if a shard is missing or given twice, or the folders belong to
   *     different runs
   * @throws IllegalStateException if a shard is not finished
   */
  public static void merge(List<Path> shards, Path out) {
    Map<Integer, Path> folders = ordered(shards);
    Path first = shards.get(0);
    RunFile run = RunFile.read(first.resolve("run.json"));
    List<TaskData> sets = QuestionsFile.read(first);
    List<AnswerLog> logs = new ArrayList<>();
    try (AnswerLog merged = AnswerLog.open(out)) {
      folders.values().forEach(folder -> logs.add(AnswerLog.open(folder)));
      RunFile whole = run.whole(shards.stream().map(Path::toString).toList());
      whole.writeTo(out);
      QuestionsFile.write(out, sets);
      copy(sets, run.plans(), logs, merged);
      List<PruningPlan> plans = run.plans().stream().map(Baselines::parse).toList();
      RunFigures.of(whole, sets, merged, plans, ModelCost.read(first)).write(out);
      ModelCost.read(first).ifPresent(cost -> cost.write(out));
    } finally {
      logs.forEach(AnswerLog::close);
    }
  }

  private static Map<Integer, Path> ordered(List<Path> shards) {
    Map<Integer, Path> folders = new TreeMap<>();
    @Nullable RunFile first = null;
    int count = 0;
    for (Path folder : shards) {
      RunFile run = RunFile.read(folder.resolve("run.json"));
      Shard shard = run.part();
      if (first == null) {
        first = run;
        count = shard.count();
      }
      if (!first.identity().equals(run.identity()) || !first.plans().equals(run.plans())) {
        throw new IllegalArgumentException(
            "%s and %s are of different runs: their model, questions or plans differ"
                .formatted(shards.get(0), folder));
      }
      if (shard.count() != count) {
        throw new IllegalArgumentException(
            "%s is shard %s, but %s is one of %d".formatted(folder, shard, shards.get(0), count));
      }
      @Nullable Path other = folders.put(shard.index(), folder);
      if (other != null) {
        throw new IllegalArgumentException(
            "%s and %s are both shard %s".formatted(other, folder, shard));
      }
    }
    for (int index = 1; index <= count; index++) {
      if (!folders.containsKey(index)) {
        throw new IllegalArgumentException(
            "shard %d of %d is missing; give the folders of all shards".formatted(index, count));
      }
    }
    return folders;
  }

  private static void copy(
      List<TaskData> sets, List<String> plans, List<AnswerLog> logs, AnswerLog merged) {
    for (TaskData data : sets) {
      for (String plan : plans) {
        for (Question question : data.set().questions()) {
          String set = data.set().name();
          if (merged.find(set, plan, question.id()) == null) {
            for (AnswerLog log : logs) {
              @Nullable AnswerLine line = log.find(set, plan, question.id());
              if (line != null) {
                merged.add(line);
                break;
              }
            }
          }
        }
      }
    }
  }
}
