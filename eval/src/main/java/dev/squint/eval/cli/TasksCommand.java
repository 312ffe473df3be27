package dev.squint.eval.cli;

import dev.squint.eval.task.Task;
import dev.squint.eval.task.Tasks;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the benchmarks. */
@Command(
    name = "tasks",
    description = "Lists the benchmarks that 'squint eval' knows.",
    mixinStandardHelpOptions = true)
final class TasksCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    TextTable table = new TextTable("name", "benchmark", "splits", "counted", "tried on");
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
          task.tried());
    }
    spec.commandLine().getOut().print(table);
    return 0;
  }
}
