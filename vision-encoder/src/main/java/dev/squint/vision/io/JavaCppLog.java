package dev.squint.vision.io;

/**
 * Sends JavaCPP's messages to SLF4J instead of standard error: it warns that OpenCV was built with
 * its last version, which works.
 */
public final class JavaCppLog {

  private static final String PROPERTY = "org.bytedeco.javacpp.logger";

  private JavaCppLog() {}

  /** Takes effect before the first class of JavaCPP is loaded; a choice made by others stays. */
  public static void toSlf4j() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, "slf4j");
    }
  }
}
