package dev.squint.pruner.plan;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Puts the arguments of a test, so the name of the method, before the message of its failure. */
final class NamesTheMethod implements TestExecutionExceptionHandler {

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown) {
    throw new AssertionError("%s: %s".formatted(context.getDisplayName(), thrown), thrown);
  }
}
