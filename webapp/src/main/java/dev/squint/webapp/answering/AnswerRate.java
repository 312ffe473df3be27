package dev.squint.webapp.answering;

/** How long answers take: a moving average that follows the load. Thread-safe. */
final class AnswerRate {

  private static final double WEIGHT_OF_NEWEST = 0.2;

  private double seconds;

  synchronized void answered(double secondsOfAnswer) {
    seconds =
        seconds == 0 ? secondsOfAnswer : seconds + WEIGHT_OF_NEWEST * (secondsOfAnswer - seconds);
  }

  /** Seconds from the start of an answer to its end; 1 before the first. */
  synchronized double secondsPerAnswer() {
    return seconds == 0 ? 1 : seconds;
  }
}
