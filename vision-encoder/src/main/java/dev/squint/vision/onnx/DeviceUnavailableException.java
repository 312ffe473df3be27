package dev.squint.vision.onnx;

/** A device is not available or cannot run a graph; the package may be fine. */
public final class DeviceUnavailableException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** With what was given, what is allowed and what to do. */
  public DeviceUnavailableException(String message) {
    super(message);
  }

  /** With the failure of ONNX Runtime. */
  DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
