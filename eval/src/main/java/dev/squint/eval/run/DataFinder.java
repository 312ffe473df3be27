package dev.squint.eval.run;

import dev.squint.eval.data.DataFolder;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.EasyVqaReader;
import dev.squint.eval.data.QuestionFiles;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.TaskReader;
import dev.squint.eval.task.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds data by the name of a benchmark, or by the path of a folder or zip in a format that can be
 * recognized by its files. Zips stay open until {@link #close}.
 */
public final class DataFinder implements AutoCloseable {

  private final @Nullable Path root;
  private final String split;
  private final Deque<DataFolder> opened = new ArrayDeque<>();

  /**
   * Creates a finder.
   *
   * @param root folder of the benchmarks' data: each benchmark in a folder with its name, or a
   *     single benchmark directly; null if not given
   * @param split split of the benchmarks; empty for the first of each
   */
  public DataFinder(@Nullable Path root, String split) {
    this.root = root;
    this.split = split;
  }

  /**
   * Finds and reads a data set.
   *
   * @param word name of a benchmark, or a path
   * @throws IllegalArgumentException if there is no data, or it cannot be read
   */
  public TaskData find(String word) {
    return Tasks.names().contains(word) ? benchmark(Tasks.get(word)) : ownData(Path.of(word));
  }

  private TaskData benchmark(Task task) {
    if (root == null) {
      throw new IllegalArgumentException(
          "%s needs --data, the folder of its data. %s".formatted(task.name(), task.get().strip()));
    }
    Path own = root.resolve(task.name());
    DataFolder folder = open(Files.isDirectory(own) ? own : root);
    @Nullable Path place =
        switch (task.format()) {
          case OWN -> folder.folderWith(QuestionFiles.NAMES);
          case EASY_VQA -> folder.folderWith(List.of(EasyVqaReader.FILE));
          default -> folder.root();
        };
    if (place == null) {
      throw new IllegalArgumentException(
          "%s holds no data of %s. %s".formatted(root, task.name(), task.get().strip()));
    }
    return new TaskData(task, new TaskReader(task, place).read(split));
  }

  private TaskData ownData(Path path) {
    DataFolder folder = open(path);
    @Nullable Path lines = folder.folderWith(QuestionFiles.NAMES);
    if (lines != null) {
      DataSet set = QuestionFiles.read(folder.name(), lines);
      return new TaskData(Tasks.get("own"), set);
    }
    @Nullable Path easy = folder.folderWith(List.of(EasyVqaReader.FILE));
    if (easy != null) {
      return new TaskData(Tasks.get("easy-vqa"), EasyVqaReader.read(folder.name(), easy));
    }
    throw new IllegalArgumentException(
        "'%s' holds no %s (Squint's own format) and no %s (easy-VQA); benchmarks are given by name: %s"
            .formatted(
                path, String.join(", ", QuestionFiles.NAMES), EasyVqaReader.FILE, Tasks.names()));
  }

  private DataFolder open(Path path) {
    DataFolder folder = DataFolder.open(path);
    opened.push(folder);
    return folder;
  }

  @Override
  public void close() {
    opened.forEach(DataFolder::close);
  }
}
