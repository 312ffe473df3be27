package dev.squint.webapp.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A simulation of machines that answer questions about pictures, in discrete events. The jobs of a
 * machine share its processor equally. A machine answers {@code slots} questions at a time, others
 * wait in order. Arrivals are a Poisson process.
 *
 * <p>Together, each machine encodes and answers its own questions; one picture at a time is
 * encoded. Apart, some machines encode, all waiting pictures one after the other, and the others
 * answer; a question holds its slot while its picture is encoded elsewhere.
 */
final class RoleSimulation {

  /**
   * The work of a question in milliseconds of a machine that does nothing else.
   *
   * @param encode encoding of its picture, with probability {@code 1 - known}
   * @param send sending tiles and features, for pictures that are encoded elsewhere
   * @param prefill from features to the first token
   * @param decode all later tokens
   * @param known share of questions whose picture is in a cache
   */
  record Work(double encode, double send, double prefill, double decode, double known) {}

  /**
   * Machines.
   *
   * @param encoders machines that encode alone; 0 if each machine does both
   * @param answerers machines that answer
   * @param slots questions that a machine answers at a time
   */
  record Machines(int encoders, int answerers, int slots) {}

  /**
   * What questions waited, in milliseconds.
   *
   * @param firstToken until the first token, sorted
   * @param rest from the first token to the end, sorted
   * @param good share of questions within both limits
   */
  record Seen(double[] firstToken, double[] rest, double good) {
    double median() {
      return firstToken[firstToken.length / 2];
    }
  }

  private enum Stage {
    ENCODE,
    AWAY,
    PREFILL,
    DECODE
  }

  /** The times of one question. */
  private static final class Question {
    private final double arrived;
    private final int machine;
    private final boolean encodes;
    private Stage stage = Stage.ENCODE;
    private double left;
    private double first;

    Question(double arrived, int machine, boolean encodes) {
      this.arrived = arrived;
      this.machine = machine;
      this.encodes = encodes;
    }
  }

  private final Machines machines;
  private final Work work;
  private final List<List<Question>> waiting = new ArrayList<>();
  private final List<List<Question>> active = new ArrayList<>();
  private final List<Question> encodeQueue = new ArrayList<>();
  private final List<Question> encoding = new ArrayList<>();
  private final List<Question> done = new ArrayList<>();
  private final List<Double> ends = new ArrayList<>();
  private double now;

  private RoleSimulation(Machines machines, Work work) {
    this.machines = machines;
    this.work = work;
    for (int i = 0; i < machines.answerers(); i++) {
      waiting.add(new ArrayList<>());
      active.add(new ArrayList<>());
    }
  }

  /**
   * Runs questions through machines.
   *
   * @param perSecond questions per second
   * @param firstLimit limit of the time to the first token, milliseconds
   * @param restLimit limit of the time from there to the end, milliseconds
   */
  static Seen run(
      Machines machines,
      Work work,
      double perSecond,
      int questions,
      long seed,
      double firstLimit,
      double restLimit) {
    RoleSimulation simulation = new RoleSimulation(machines, work);
    simulation.run(perSecond, questions, new Random(seed));
    int warm = questions / 10;
    List<double[]> times = new ArrayList<>();
    for (int i = 0; i < simulation.done.size(); i++) {
      Question each = simulation.done.get(i);
      times.add(new double[] {each.first - each.arrived, simulation.ends.get(i) - each.first});
    }
    List<double[]> counted = times.subList(warm, times.size());
    double[] first = counted.stream().mapToDouble(time -> time[0]).sorted().toArray();
    double[] rest = counted.stream().mapToDouble(time -> time[1]).sorted().toArray();
    long good =
        counted.stream().filter(time -> time[0] <= firstLimit && time[1] <= restLimit).count();
    return new Seen(first, rest, (double) good / counted.size());
  }

  /** The most questions per second of which this share is within the limits. */
  static double goodput(
      Machines machines, Work work, double share, double firstLimit, double restLimit) {
    double low = 0;
    double high = 2000.0 * (machines.encoders() + machines.answerers()) / (work.prefill() + 1);
    for (int i = 0; i < 14; i++) {
      double middle = (low + high) / 2;
      Seen seen = run(machines, work, middle, 3000, 7, firstLimit, restLimit);
      if (seen.good() >= share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void run(double perSecond, int questions, Random random) {
    double next = 0;
    int asked = 0;
    while (done.size() < questions) {
      if (asked < questions && next == 0) {
        next = now - Math.log(1 - random.nextDouble()) * 1000 / perSecond;
      }
      double step = untilNextEnd();
      if (asked < questions && next - now <= step) {
        advance(next - now);
        int machine = asked % machines.answerers();
        waiting.get(machine).add(new Question(now, machine, random.nextDouble() >= work.known()));
        asked++;
        next = 0;
      } else {
        advance(step);
      }
      finish();
      start();
    }
  }

  private boolean runs(Question question) {
    return question.stage != Stage.AWAY
        && (question.stage != Stage.ENCODE || isFirstToEncode(question));
  }

  /** One picture at a time is encoded on a machine that does both. */
  private boolean isFirstToEncode(Question question) {
    return active.get(question.machine).stream()
            .filter(other -> other.stage == Stage.ENCODE)
            .findFirst()
            .orElse(null)
        == question;
  }

  private double untilNextEnd() {
    double least = Double.POSITIVE_INFINITY;
    for (List<Question> machine : active) {
      long running = machine.stream().filter(this::runs).count();
      for (Question question : machine) {
        if (runs(question)) {
          least = Math.min(least, question.left * running);
        }
      }
    }
    for (Question question : encoding) {
      least = Math.min(least, question.left);
    }
    return least;
  }

  private void advance(double millis) {
    for (List<Question> machine : active) {
      List<Question> running = machine.stream().filter(this::runs).toList();
      running.forEach(question -> question.left -= millis / running.size());
    }
    encoding.forEach(question -> question.left -= millis);
    now += millis;
  }

  private static boolean ended(Question question) {
    return question.left <= 1e-9;
  }

  private void finish() {
    for (Question question : List.copyOf(encoding)) {
      if (ended(question)) {
        encoding.remove(question);
        question.stage = Stage.PREFILL;
        question.left = work.prefill();
      }
    }
    for (List<Question> machine : active) {
      for (Question question : machine.stream().filter(this::runs).toList()) {
        if (ended(question)) {
          next(question);
        }
      }
      machine.removeIf(question -> question.stage == Stage.DECODE && ended(question));
    }
  }

  private void next(Question question) {
    switch (question.stage) {
      case ENCODE -> {
        question.stage = Stage.PREFILL;
        question.left = work.prefill();
      }
      case PREFILL -> {
        question.first = now;
        question.stage = Stage.DECODE;
        question.left = work.decode();
        if (ended(question)) {
          end(question);
        }
      }
      case DECODE -> end(question);
      case AWAY -> throw new IllegalStateException("it is encoded elsewhere");
    }
  }

  private void end(Question question) {
    done.add(question);
    ends.add(now);
  }

  private void start() {
    for (int i = 0; i < active.size(); i++) {
      while (active.get(i).size() < machines.slots() && !waiting.get(i).isEmpty()) {
        Question question = waiting.get(i).remove(0);
        active.get(i).add(question);
        if (!question.encodes) {
          question.stage = Stage.PREFILL;
          question.left = work.prefill();
        } else if (machines.encoders() == 0) {
          question.left = work.encode();
        } else {
          question.stage = Stage.AWAY;
          encodeQueue.add(question);
        }
      }
    }
    while (encoding.size() < machines.encoders() && !encodeQueue.isEmpty()) {
      Question question = encodeQueue.remove(0);
      question.left = work.encode() + work.send();
      encoding.add(question);
    }
  }

  /** The value that a share of sorted values does not exceed. */
  static double percentile(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }

  /** Mean of values. */
  static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }
}
