package dev.squint.webapp.encode;

import dev.squint.vision.encoder.EncodeService;
import dev.squint.vision.encoder.EncodeTransport.Description;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Encodes tiles for answer replicas. */
@Hidden
@RestController
@ConditionalOnProperty(name = "squint.role", havingValue = "encode")
final class EncodeController implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EncodeController.class);

  private final EncodeService service;
  private final int mostBytes;
  private final Scheduler threads;

  EncodeController(EncodeService service, ServerSettings settings) {
    this.service = service;
    this.mostBytes = Math.toIntExact(settings.limits().requestBytes().toBytes());
    int most = settings.encode().queue();
    // Requests wait on their threads, so that several are encoded together.
    this.threads = Schedulers.newBoundedElastic(most, 1, "encode");
  }

  /** What answer replicas must know of the encoder. */
  @GetMapping(value = "/api/encoder", produces = MediaType.APPLICATION_JSON_VALUE)
  Mono<Description> describe(@RequestParam String fingerprint) {
    return run(() -> service.describe(fingerprint));
  }

  /** Why the encoder cannot follow a plan, or nothing. */
  @PostMapping(
      value = "/api/encoder/refusal",
      consumes = MediaType.TEXT_PLAIN_VALUE,
      produces = MediaType.TEXT_PLAIN_VALUE)
  Mono<String> refusal(@RequestParam String fingerprint, @RequestBody String plan) {
    return run(() -> service.refusal(fingerprint, plan));
  }

  /** Whether the encoder gives a kind of evidence. */
  @GetMapping(value = "/api/encoder/gives", produces = MediaType.TEXT_PLAIN_VALUE)
  Mono<String> gives(@RequestParam String fingerprint, @RequestParam String evidence) {
    return run(() -> Boolean.toString(service.gives(fingerprint, evidence)));
  }

  /** Encodes tiles. */
  @PostMapping(
      value = "/api/encode",
      consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE,
      produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  Mono<byte[]> encode(ServerWebExchange exchange) {
    return DataBufferUtils.join(exchange.getRequest().getBody(), mostBytes)
        .map(EncodeController::bytes)
        .flatMap(request -> run(() -> service.encode(request)));
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  private <T> Mono<T> run(Callable<T> work) {
    return Mono.fromCallable(work).subscribeOn(threads).onErrorMap(EncodeController::error);
  }

  static Throwable error(Throwable error) {
    if (error instanceof DeviceUnavailableException device) {
      // Answer replicas log the status alone.
      LOG.error("tiles found no device", device);
      return ApiException.deviceUnavailable(device);
    }
    if (error instanceof EncodeService.OtherEncoderException) {
      return new ApiException(
          HttpStatus.CONFLICT, "other_encoder", null, String.valueOf(error.getMessage()));
    }
    if (error instanceof IllegalArgumentException) {
      return ApiException.invalid(null, String.valueOf(error.getMessage()));
    }
    if (error instanceof java.util.concurrent.RejectedExecutionException) {
      return new ApiException(
              HttpStatus.TOO_MANY_REQUESTS,
              "server_busy",
              null,
              "as many requests wait as squint.encode.queue allows; try again later")
          .retryAfter(Duration.ofSeconds(1));
    }
    return error;
  }

  @Override
  public void close() {
    threads.dispose();
  }
}
