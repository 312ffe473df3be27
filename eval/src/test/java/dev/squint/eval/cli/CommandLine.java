package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs commands in this process. */
final class CommandLine {

  private CommandLine() {}

  /** Runs a command that must succeed, and returns what it prints. */
  static String run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    assertThat(Squint.run(new PrintWriter(out), new PrintWriter(err), args))
        .as(err.toString())
        .isZero();
    return out.toString();
  }
}
