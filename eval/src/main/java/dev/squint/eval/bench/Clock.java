package dev.squint.eval.bench;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Platform;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Wall-clock time, and the processor time of this process summed over all threads. On a machine
 * with other load only the processor time is reproducible.
 *
 * @param millis wall-clock milliseconds
 * @param processorMillis processor milliseconds, summed over all threads
 */
record Clock(double millis, double processorMillis) {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  // The JDK's processor time has a resolution of ten milliseconds on Linux.
  private static final @Nullable Function CLOCK =
      Platform.isLinux() ? Function.getFunction("c", "clock_gettime") : null;

  private static final int PROCESS = 2;

  /** The current time, relative to an arbitrary origin. */
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

  /** Returns the time since this reading. */
  Clock since() {
    Clock now = now();
    return new Clock(now.millis - millis, now.processorMillis - processorMillis);
  }
}
