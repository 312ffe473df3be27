package dev.squint.webapp.encode;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2CodecUtil;

/**
 * Answers a request with a body over HTTP/1.1 although it asks for an upgrade to HTTP/2. Netty
 * would gather the whole body before the upgrade, and so before the key is checked. HTTP/2 without
 * an upgrade, and an upgrade by a request without a body, are as before.
 */
final class BodylessUpgrade extends ChannelInboundHandlerAdapter {

  /** Adds the handler before the upgrade of a new connection, if it has one. */
  static void addTo(ChannelPipeline pipeline) {
    ChannelHandlerContext upgrade = pipeline.context(HttpServerUpgradeHandler.class);
    if (upgrade != null) {
      pipeline.addBefore(upgrade.name(), BodylessUpgrade.class.getName(), new BodylessUpgrade());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request && hasBody(request.headers())) {
      request.headers().remove(HttpHeaderNames.UPGRADE);
      request.headers().remove(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER);
    }
    context.fireChannelRead(message);
  }

  private static boolean hasBody(HttpHeaders headers) {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"));
  }
}
