package dev.squint.eval.cli;

import java.io.Console;

/** Whether the command line is interactive. */
final class Terminal {

  private Terminal() {}

  /** Whether input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // From JDK 22 on, isTerminal() is called below.
  static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // Before JDK 22, System.console() is null unless on a terminal.
    }
  }
}
