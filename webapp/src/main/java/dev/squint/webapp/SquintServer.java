package dev.squint.webapp;

import dev.squint.spring.SquintAutoConfiguration;
import java.net.BindException;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.webflux.autoconfigure.ReactiveMultipartAutoConfiguration;

/** The server's main class. */
// Models come from ModelRegistry. Spring Boot's own multipart reader would replace the one of
// HttpConfiguration and write files to a disk.
@SpringBootApplication(
    exclude = {SquintAutoConfiguration.class, ReactiveMultipartAutoConfiguration.class})
@ConfigurationPropertiesScan
public class SquintServer {

  private static final String USAGE =
      """
      Usage: squint serve [--port=8080] [--address=127.0.0.1] [--model=MODEL ...] [--variant=q8] [--NAME=VALUE ...]

        --port               port; 0 takes a free one
        --address            0.0.0.0 accepts other machines; it needs an API key
        --model              a folder in the Hugging Face ONNX layout, OWNER/NAME on a hub, or
                             arch:NAME for speed only (default: Squint's own); give it again for
                             more models, which are loaded at first use
        --variant            precision of the graphs: 'q8', 'decoder=q4,vision=fp16' by session, or
                             'auto' for the fastest on this machine
        --device             where graphs run: cpu (default), cuda, cuda:1, coreml, directml, openvino or
                             auto, which falls back to cpu; or 'vision=cuda,decoder=cpu' by session
        --squint.api-key     required on every route except health
        --squint.keys.NAME   a key of the client NAME
        --squint.open        true lets everybody who reaches the address use the server without a key
        --squint.hosts       names beside localhost under which a server without a key answers
        --squint.cors.origins  origins of pages that may call the server, separated by commas
        --squint.access-log  true logs each request
        --squint.cuts        where the decoder may be cut: auto, none, every, or '2,8'
        --squint.plans[0]    a plan for which the decoder is cut at the start
        --squint.onnx.*      threads, spin-micros, prepacking, arena of ONNX Runtime
        --squint.work.*      answers, decodings, encodings, queue, per-client, deadline, ...
        --squint.limits.*    request-bytes, pixels, pictures, messages, tokens, ... of a request
        --squint.limits.clips.*  bytes, length, pixels, file-frames of a clip; frames used
        --squint.role        all, encode (pictures for other replicas) or answer (asks encode replicas)
        --squint.encode.*    replicas (addresses that an answer replica asks), deadline, queue, batch-tiles
        --squint.picture-header  true names the pictures of a request in its response, for sticky routing
        --squint.features.store  a Redis or Valkey server in which replicas share encoded pictures
        --squint.features.*  timeout, retry, ttl, value-bytes of that store
        --squint.remote.hosts  hosts from which pictures and clips may be fetched, separated by commas
      """;

  /**
   * Starts the server.
   *
   * @param arguments settings such as {@code --port=8080} or {@code --model=MODEL}
   */
  public static void main(String[] arguments) {
    if (ServerArguments.wantHelp(List.of(arguments))) {
      System.out.print(USAGE);
      return;
    }
    try {
      SpringApplication server = new SpringApplication(SquintServer.class);
      server.addListeners(new PortCheck());
      String[] settings = ServerArguments.joined(List.of(arguments));
      System.out.printf(
          "Squint answers at %s%n", ServerAddress.of(server.run(settings).getEnvironment()));
    } catch (RuntimeException e) {
      System.err.println("squint serve: " + reason(e));
      System.exit(1);
    }
  }

  private static String reason(Throwable error) {
    Throwable innermost = error;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    // The innermost cause has the advice, except where the system gave it.
    if (error instanceof IllegalStateException && innermost instanceof BindException) {
      return String.valueOf(error.getMessage());
    }
    return innermost instanceof BindException
        ? "the port is in use; choose another with --port"
        : String.valueOf(innermost.getMessage());
  }
}
