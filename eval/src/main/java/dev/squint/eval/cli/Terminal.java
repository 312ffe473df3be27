package dev.squint.eval.cli;

import java.io.Console;

/** Whether a person sits in front of the command line. */
final class Terminal {

  private Terminal() {}

  /** Whether input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // What it means from JDK 22 on is asked for below.
  static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // Before JDK 22 there is a console only on a terminal.
    }
  }
}
