package dev.squint.webapp.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** The connection that a request came on. */
public final class ClientConnection {

  private ClientConnection() {}

  /**
   * Cancels a flow when the client closes its connection. Reactor Netty cancels a response while it
   * is sent; this is for clients that leave before its first byte.
   */
  public static <T> Flux<T> whileOpen(ServerWebExchange exchange, Flux<T> flow) {
    ServerHttpRequest request = exchange.getRequest();
    boolean known =
        request instanceof AbstractServerHttpRequest
            || request instanceof ServerHttpRequestDecorator;
    Object given = known ? ServerHttpRequestDecorator.getNativeRequest(request) : request;
    return given instanceof HttpServerRequest netty ? flow.takeUntilOther(closed(netty)) : flow;
  }

  private static Mono<Boolean> closed(HttpServerRequest request) {
    return Mono.create(
        sink ->
            request.withConnection(
                connection -> {
                  ChannelFutureListener listener = end -> sink.success(true);
                  ChannelFuture end = connection.channel().closeFuture();
                  end.addListener(listener);
                  // A connection may have many requests.
                  sink.onDispose(() -> end.removeListener(listener));
                }));
  }
}
