package dev.squint.llm.model;

import dev.squint.vision.onnx.Device;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The device of each graph. Sessions that are not named run on the processor.
 *
 * @param chosen the device by session
 */
public record Devices(Map<Session, Device> chosen) {

  /** All on the processor. */
  public static final Devices CPU = new Devices(Map.of());

  /** Copies the map. */
  public Devices {
    chosen = Map.copyOf(chosen);
  }

  /**
   * Reads {@code cuda} (for encoder and decoder) or {@code vision=cuda,decoder=cpu}. A name alone
   * leaves the table of embeddings on the processor, which reads a few rows of it.
   *
   * @throws IllegalArgumentException if a session or a device is not known, or a session is named
   *     twice; the message lists what there is
   */
  public static Devices parse(String text) {
    Map<Session, Device> named = new EnumMap<>(Session.class);
    Map<Session, Device> others = new EnumMap<>(Session.class);
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      Device device = Device.parse(part.substring(equals + 1));
      boolean twice;
      if (equals < 0) {
        twice = !others.isEmpty();
        others.put(Session.VISION_ENCODER, device);
        others.put(Session.DECODER, device);
      } else {
        twice = named.put(Session.of(part.substring(0, equals).strip()), device) != null;
      }
      if (twice) {
        throw new IllegalArgumentException(
            "'%s' gives a session two devices; name one for all, or one for each, as in vision=cuda,decoder=cpu"
                .formatted(text));
      }
    }
    // What names a session counts, wherever it stands.
    others.putAll(named);
    return new Devices(others);
  }

  /** The device of a session. */
  public Device of(Session session) {
    return chosen.getOrDefault(session, Device.CPU);
  }

  /** The same devices with another one for a session. */
  public Devices with(Session session, Device device) {
    Map<Session, Device> changed = new EnumMap<>(Session.class);
    changed.putAll(chosen);
    changed.put(session, device);
    return new Devices(changed);
  }

  /** Whether everything runs on the processor. */
  public boolean areCpu() {
    return chosen.values().stream().allMatch(Device.CPU::equals);
  }

  /**
   * Checks that this ONNX Runtime was built for all of them.
   *
   * @throws dev.squint.vision.onnx.DeviceUnavailableException if not; the message says what it was
   *     built for
   */
  public void requireAvailable() {
    chosen.values().forEach(Device::requireAvailable);
  }

  /** All sessions with their devices, such as {@code vision=cuda,embed=cpu,decoder=cuda}. */
  @Override
  public String toString() {
    return Arrays.stream(Session.values())
        .map(session -> session.key() + "=" + of(session))
        .collect(Collectors.joining(","));
  }
}
