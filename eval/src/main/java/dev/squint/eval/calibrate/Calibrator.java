package dev.squint.eval.calibrate;

import dev.squint.eval.calibrate.Calibration.PlanFigures;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.metric.ExactMatch;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.Run;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.method.decoder.DepthSchedule;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Asks sample questions under many plans and chooses plans from the answers; the right answers need
 * not be known. All answers are logged, so an interrupted calibration can be resumed.
 */
public final class Calibrator {

  private static final int RANKED_QUESTIONS = 2;
  private static final int PARTS = 16;

  /** Candidate curves for P-Sigmoid, in thousandths of the tokens. */
  private static final List<Double> STEEPNESS = List.of(4.0, 8.0, 16.0);

  private static final int CURVE_PARTS = 1000;
  private static final int THRESHOLD_STEPS = 10;
  private static final double LARGEST_LOGIT = 16;

  private final VisionLanguageModel model;
  private final TaskData assignment;
  private final AnswerLog log;
  private final Progress progress;
  private final double agreement;
  private final double keep;
  private final Origin made;

  /**
   * Creates a calibrator.
   *
   * @param agreement least share of answers that must not change, in (0, 1]
   * @param keep mean share of the visual tokens per layer, in (0, 1)
   * @param made what the result says about its origin
   */
  public Calibrator(
      VisionLanguageModel model,
      TaskData assignment,
      AnswerLog log,
      Progress progress,
      double agreement,
      double keep,
      Origin made) {
    this.model = model;
    this.assignment = assignment;
    this.log = log;
    this.progress = progress;
    this.agreement = agreement;
    this.keep = keep;
    this.made = made;
  }

  /** Returns the maximum number of answers, for a progress bar. */
  public static long answers(int questions, int layers) {
    int tries = Integer.SIZE - Integer.numberOfLeadingZeros(PARTS);
    return questions
        * (3L + layers - 1 + STEEPNESS.size() + THRESHOLD_STEPS + (long) tries * (layers - 1));
  }

  /** Measures the model and chooses the plans. */
  public Calibration calibrate() {
    int layers = model.decoder().cachedLayers();
    List<LayerProbe> probes = probe(layers);
    List<Double> masses = probes.stream().map(LayerProbe::mass).toList();
    List<Double> exits =
        IntStream.range(1, layers).mapToObj(place -> agreement(exit(place))).toList();
    List<Integer> cuts = cuts(masses);
    int exit = firstFrom(exits);
    SortedMap<String, String> plans = new TreeMap<>();
    String search = search(layers);
    plans.put("g-search", search);
    plans.put("p-sigmoid", sigmoid(layers));
    threshold(cuts.get(0), layers).ifPresent(plan -> plans.put("atp-style", plan));
    if (exit < layers) {
      plans.put("exit", exit(exit));
    }
    plans.put("fastv", "layer%d:fastv(keep=%s)".formatted(cuts.get(0), keep));
    plans.put("default", search);
    SortedMap<String, PlanFigures> figures = new TreeMap<>();
    plans.forEach(
        (name, plan) -> figures.put(name, new PlanFigures(agreement(plan), layerShare(plan))));
    progress.end();
    return new Calibration(
        made,
        model.model().name(),
        Fingerprint.of(model.model().folder()),
        set().questions().size(),
        layers,
        answers("none").stream().mapToInt(AnswerLine::visualTokens).average().orElse(0),
        masses,
        probes.stream().map(LayerProbe::rank).toList(),
        exits,
        cuts,
        exit,
        plans,
        figures);
  }

  private ModelAsker asker() {
    return new ModelAsker(model, false);
  }

  private DataSet set() {
    return assignment.set();
  }

  private List<LayerProbe> probe(int layers) {
    List<LayerProbe> probes =
        IntStream.range(1, layers).mapToObj(layer -> new LayerProbe(RANKED_QUESTIONS)).toList();
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(LayerProbe.plan(probes));
    for (Question question : set().questions()) {
      List<Picture> pictures = question.pictures().stream().map(set().pictures()::read).toList();
      asker().ask(pictures, question.history(), assignment.prompt(question), options);
      progress.step();
    }
    return probes;
  }

  private static String exit(int place) {
    return "layer%d:uniform-grid(tokens=0)".formatted(place);
  }

  /** Returns the answers under a plan; asks the questions that are not in the log. */
  private List<AnswerLine> answers(String plan) {
    PruningPlan condition = PruningPlan.parse(plan);
    boolean asked = log.find(set().name(), condition.toString(), firstQuestion()) != null;
    Progress quiet =
        new Progress(new PrintWriter(Writer.nullWriter()), false, Long.MAX_VALUE, System::nanoTime);
    new Run(asker(), List.of(condition), log, quiet).ask(List.of(assignment), 1);
    if (!asked) {
      set().questions().forEach(question -> progress.step());
    }
    List<AnswerLine> answers = new ArrayList<>();
    for (Question question : set().questions()) {
      AnswerLine answer = log.find(set().name(), condition.toString(), question.id());
      if (answer == null) {
        throw new IllegalStateException("question '%s' was not asked".formatted(question.id()));
      }
      answers.add(answer);
    }
    return answers;
  }

  private String firstQuestion() {
    return set().questions().get(0).id();
  }

  /** Returns the share of answers that equal those without a plan. */
  private double agreement(String plan) {
    List<AnswerLine> whole = answers("none");
    List<AnswerLine> part = answers(plan);
    return IntStream.range(0, whole.size())
        .mapToDouble(i -> ExactMatch.same(part.get(i).answer(), whole.get(i).answer()) ? 1 : 0)
        .average()
        .orElse(0);
  }

  /**
   * Returns the numbers of layers after which a half, a quarter and an eighth of the attention
   * remain.
   */
  static List<Integer> cuts(List<Double> masses) {
    double total = masses.stream().mapToDouble(Double::doubleValue).sum();
    TreeSet<Integer> cuts = new TreeSet<>();
    for (double part = 0.5; part > 0.1; part /= 2) {
      double left = total;
      int place = 0;
      while (place < masses.size() && left > part * total) {
        left -= masses.get(place++);
      }
      cuts.add(Math.max(1, place));
    }
    return List.copyOf(cuts);
  }

  /**
   * Returns the smallest number of layers from which on all agreements are high enough; L if there
   * is none.
   */
  private int firstFrom(List<Double> exits) {
    int place = exits.size() + 1;
    while (place > 1 && exits.get(place - 2) >= agreement) {
      place--;
    }
    return place;
  }

  /**
   * Returns an ATP-style step whose threshold keeps the given mean share of tokens per layer; empty
   * if no threshold does.
   */
  private Optional<String> threshold(int firstCut, int layers) {
    // Half of the budget is spent before the step; the threshold may spend the other half.
    int place = Math.max(1, Math.min(firstCut, (int) (keep * layers / 2)));
    double low = -LARGEST_LOGIT;
    double high = LARGEST_LOGIT;
    for (int i = 0; i < THRESHOLD_STEPS; i++) {
      double middle = (low + high) / 2;
      if (layerShare(atp(place, middle)) > keep) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high == LARGEST_LOGIT ? Optional.empty() : Optional.of(atp(place, high));
  }

  private static String atp(int place, double threshold) {
    return "layer%d:atp-style(redundancy=%s)".formatted(place, threshold);
  }

  /** Returns the share of visual tokens per layer, mean over layers and questions. */
  private double layerShare(String plan) {
    double share = 0;
    List<AnswerLine> answers = answers(plan);
    for (AnswerLine answer : answers) {
      int text = answer.promptTokens() - answer.keptTokens();
      List<Integer> tokens = answer.layerTokens() == null ? List.of() : answer.layerTokens();
      double mean = tokens.stream().mapToInt(count -> count - text).average().orElse(0);
      share += mean / answer.visualTokens() / answers.size();
    }
    return share;
  }

  /**
   * G-Search in sixteenths of the tokens: at each layer the fewest tokens that do not change the
   * answers.
   */
  private String search(int layers) {
    return plan(
        DepthSchedule.search(PARTS, layers, schedule -> agreement(plan(schedule)) >= agreement));
  }

  /**
   * P-Sigmoid under the budget: among the candidate curves, the one that changes the fewest
   * answers.
   */
  private String sigmoid(int layers) {
    return STEEPNESS.stream()
        .map(steepness -> plan(DepthSchedule.sigmoidOf(CURVE_PARTS, layers, steepness, keep)))
        .max(Comparator.comparingDouble(this::agreement))
        .orElseThrow();
  }

  static String plan(DepthSchedule schedule) {
    StringBuilder plan = new StringBuilder();
    int[] parts = schedule.tokens();
    for (int layer = 1; layer < parts.length; layer++) {
      if (parts[layer] < parts[layer - 1]) {
        double share = Math.rint(10000.0 * parts[layer] / parts[layer - 1]) / 10000;
        plan.append(plan.isEmpty() ? "" : " + ")
            .append(
                "layer%d:fastv(%s)".formatted(layer, share == 0 ? "tokens=0" : "keep=" + share));
      }
    }
    return plan.isEmpty() ? "none" : plan.toString();
  }
}
