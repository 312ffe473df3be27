package dev.squint.eval.bench;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Platform;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Time that went by, and time that this process computed on all processors together. On a machine
 * with other work only the second says what something costs.
 *
 * @param millis milliseconds on the wall
 * @param processorMillis milliseconds of all processors
 */
record Clock(double millis, double processorMillis) {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  // Java's own figure comes in steps of ten milliseconds on Linux.
  private static final @Nullable Function CLOCK =
      Platform.isLinux() ? Function.getFunction("c", "clock_gettime") : null;

  private static final int PROCESS = 2;

  /** Now, counted from an unknown point. */
  static Clock now() {
    return new Clock(System.nanoTime() / 1e6, processorNanos() / 1e6);
  }

  private static double processorNanos() {
    if (CLOCK == null) {
      return SYSTEM.getProcessCpuTime();
    }
    try (Memory time = new Memory(16)) {
      CLOCK.invokeInt(new Object[] {PROCESS, time});
      return time.getLong(0) * 1e9 + time.getLong(8);
    }
  }

  /** What has gone by since this was now. */
  Clock since() {
    Clock now = now();
    return new Clock(now.millis - millis, now.processorMillis - processorMillis);
  }
}
