package dev.squint.eval.calibrate;

import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.TaskData;
import java.util.List;

/**
 * What a calibration file was made from, so that it can be made again.
 *
 * @param command arguments of the command line
 * @param data name of the data set
 * @param dataSha256 hash of the questions that were asked
 * @param seed seed of their sample
 */
public record Origin(List<String> command, String data, String dataSha256, long seed) {

  /** Copies the list. */
  public Origin {
    command = List.copyOf(command);
  }

  /** The origin of a file for which these questions are asked. */
  public static Origin of(List<String> command, TaskData questions, long seed) {
    return new Origin(command, questions.set().name(), Fingerprint.of(questions), seed);
  }
}
