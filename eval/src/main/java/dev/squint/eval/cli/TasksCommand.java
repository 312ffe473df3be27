package dev.squint.eval.cli;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.Tasks;
import dev.squint.vision.picture.Picture;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the benchmarks, or shows how data are read before a run. */
@Command(
    name = "tasks",
    description = {
      "Lists the benchmarks that 'squint eval' supports, with the names of their files.",
      "With names: lists all accepted file names; with --data also reads the data and shows the first question."
    },
    mixinStandardHelpOptions = true)
final class TasksCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..*",
      paramLabel = "TASK|DATA",
      description = "Names of benchmarks, or data sets, as for 'squint eval'.")
  private List<String> words = List.of();

  @Mixin private DataOptions data = new DataOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (words.isEmpty()) {
      out.print(list());
      return 0;
    }
    try (DataFinder finder = data.finder()) {
      for (String word : words) {
        if (Tasks.names().contains(word)) {
          out.print(TaskText.of(Tasks.get(word)));
        }
        if (data.isGiven() || !Tasks.names().contains(word)) {
          show(finder.find(word), out);
        }
      }
    }
    return 0;
  }

  private static TextTable list() {
    TextTable table =
        new TextTable("name", "benchmark", "splits", "scored by", "tried on", "files");
    for (String name : Tasks.names()) {
      Task task = Tasks.get(name);
      table.row(
          name,
          task.title(),
          String.join(", ", task.splits().keySet()),
          task.official().scorer()
              + (task.harnesses().isEmpty()
                  ? ""
                  : "; also " + String.join(", ", task.harnesses().keySet())),
          task.tried(),
          TaskText.files(task));
    }
    return table;
  }

  private static void show(TaskData found, PrintWriter out) {
    DataSet set = found.set();
    Map<String, Long> kinds =
        set.questions().stream()
            .collect(Collectors.groupingBy(Question::kind, TreeMap::new, Collectors.counting()));
    long pictures =
        set.questions().stream().flatMap(one -> one.pictures().stream()).distinct().count();
    Question first = set.questions().get(0);
    out.println(
        "%s: %d questions about %d pictures"
            .formatted(set.name(), set.questions().size(), pictures));
    out.println("  kinds: " + kinds);
    List<String> unanswerable = unanswerable(set);
    if (!unanswerable.isEmpty()) {
      out.println("  questions whose answer is none of the options: " + unanswerable);
    }
    out.println("  first question, %s:".formatted(first.id()));
    found.prompt(first).lines().forEach(line -> out.println("    " + line));
    out.println("  right: " + String.join(" | ", first.answers()));
    out.println("  its pictures: " + describe(set, first));
  }

  private static List<String> unanswerable(DataSet set) {
    return set.questions().stream()
        .filter(one -> !one.options().isEmpty())
        .filter(one -> one.answers().stream().noneMatch(answer -> isLetter(answer, one)))
        .map(Question::id)
        .toList();
  }

  private static boolean isLetter(String answer, Question question) {
    return IntStream.range(0, question.options().size())
        .anyMatch(option -> answer.equals(Question.letter(option)));
  }

  // Annotations are often downloaded without their pictures; then the reason is shown.
  private static String describe(DataSet set, Question question) {
    try {
      return question.pictures().stream()
          .map(set.pictures()::read)
          .map(TasksCommand::size)
          .collect(Collectors.joining(", "));
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String size(Picture picture) {
    return "%d x %d".formatted(picture.width(), picture.height());
  }
}
