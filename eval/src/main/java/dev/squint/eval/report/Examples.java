package dev.squint.eval.report;

import dev.squint.eval.data.Question;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Chooses a win and a loss of each plan on each data set, asks again and draws the kept tokens. */
public final class Examples {

  private static final int SHORTEST_EDGE = 240;
  private static final int GAP = 6;

  private final ModelAsker asked;
  private final AnswerLog log;
  private final Path folder;

  /**
   * Creates the drawer.
   *
   * @param folder folder of the run; the maps are written to {@code maps} in it
   */
  public Examples(ModelAsker asked, AnswerLog log, Path folder) {
    this.asked = asked;
    this.log = log;
    this.folder = folder.resolve("maps");
  }

  /** Draws the examples of a data set under these plans. */
  public List<Example> draw(TaskData assignment, List<PruningPlan> conditions) {
    List<Example> examples = new ArrayList<>();
    for (PruningPlan condition : conditions) {
      if (condition.points().isEmpty()) {
        continue;
      }
      for (boolean won : new boolean[] {true, false}) {
        Question question = first(assignment, condition, won);
        if (question != null) {
          examples.add(example(assignment, condition, question, won));
        }
      }
    }
    return examples;
  }

  private @Nullable Question first(TaskData assignment, PruningPlan condition, boolean won) {
    for (Question question : assignment.set().questions()) {
      AnswerLine before = find(assignment, PruningPlan.none(), question);
      AnswerLine after = find(assignment, condition, question);
      if (won ? after.score() > before.score() : after.score() < before.score()) {
        return question;
      }
    }
    return null;
  }

  private AnswerLine find(TaskData assignment, PruningPlan condition, Question question) {
    AnswerLine line = log.find(assignment.set().name(), condition.toString(), question.id());
    if (line == null) {
      throw new IllegalStateException("question '%s' has no answer yet".formatted(question.id()));
    }
    return line;
  }

  private Example example(
      TaskData assignment, PruningPlan condition, Question question, boolean won) {
    List<Picture> pictures =
        question.pictures().stream().map(assignment.set().pictures()::read).toList();
    AskOptions options =
        AskOptions.DEFAULT.withMaxTokens(assignment.task().maxTokens()).withPlan(condition);
    Answer answer = asked.ask(pictures, question.history(), assignment.prompt(question), options);
    List<Picture> maps = asked.map(pictures, answer);
    String file =
        "%s-%s-%s.png"
            .formatted(
                assignment.set().name(),
                condition.toString().replaceAll("[^a-z0-9.]+", "-"),
                won ? "win" : "loss");
    write(folder.resolve(file), maps);
    return new Example(
        assignment.set().name(),
        condition.toString(),
        question.id(),
        question.text(),
        question.answers().get(0),
        find(assignment, PruningPlan.none(), question).answer(),
        answer.text(),
        won,
        file);
  }

  private static void write(Path file, List<Picture> maps) {
    int scale = Math.max(1, SHORTEST_EDGE / Math.max(1, maps.get(0).height()));
    int width = maps.stream().mapToInt(map -> map.width() * scale + GAP).sum() - GAP;
    int height = maps.stream().mapToInt(map -> map.height() * scale).max().orElse(1);
    BufferedImage row = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = row.createGraphics();
    int x = 0;
    for (Picture map : maps) {
      pen.drawImage(map.toBufferedImage(), x, 0, map.width() * scale, map.height() * scale, null);
      x += map.width() * scale + GAP;
    }
    pen.dispose();
    try {
      Files.createDirectories(file.resolveSibling("."));
      ImageIO.write(row, "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written".formatted(file), e);
    }
  }
}
