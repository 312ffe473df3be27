package dev.squint.webapp.encode;

import dev.squint.vision.io.ContentHash;
import dev.squint.webapp.features.Breaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The encode replicas in the order in which one request asks them: by a hash of the request and the
 * replica's address, so that the same tiles go to the replica that has them in its cache, and a
 * replica more or less moves few tiles. Replicas that failed a moment ago come last.
 */
final class EncodePeers {

  /** One replica. */
  record Peer(String address, Breaker breaker) {}

  private final List<Peer> peers;

  EncodePeers(List<String> addresses, Duration pause) {
    peers =
        addresses.stream()
            .map(address -> new Peer(address, new Breaker(pause, System::nanoTime)))
            .toList();
  }

  List<Peer> order(String request) {
    List<Peer> ordered = new ArrayList<>(peers);
    ordered.sort(Comparator.comparing(peer -> ContentHash.of(request + ' ' + peer.address())));
    List<Peer> healthy = new ArrayList<>();
    List<Peer> failing = new ArrayList<>();
    ordered.forEach(peer -> (peer.breaker().isOpenToCalls() ? healthy : failing).add(peer));
    healthy.addAll(failing);
    return healthy;
  }
}
