package dev.squint.webapp.openai;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import reactor.core.scheduler.Schedulers;

/** Resolves host names for connections; fails if one of the addresses is not public. */
final class PublicAddresses extends AddressResolverGroup<InetSocketAddress> {

  /** The resolver of the machine. */
  static final NameService SYSTEM = name -> List.of(InetAddress.getAllByName(name));

  private final NameService names;

  PublicAddresses(NameService names) {
    this.names = names;
  }

  /** Resolves a name to addresses. */
  @FunctionalInterface
  interface NameService {
    List<InetAddress> lookUp(String name) throws UnknownHostException;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Checked(executor).asAddressResolver();
  }

  /**
   * Whether an address belongs to the public Internet: not loopback, link-local, private, shared
   * (RFC 6598), benchmarking, multicast, reserved, unique-local, or an IPv4 address in disguise.
   */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (address instanceof Inet6Address) {
      // Global unicast is 2000::/3; of it, 6to4 and Teredo carry IPv4 addresses of anybody.
      boolean global = first >> 5 == 1;
      boolean sixToFour = first == 0x20 && second == 0x02;
      boolean teredo = first == 0x20 && second == 0x01 && bytes[2] == 0 && bytes[3] == 0;
      return global && !sixToFour && !teredo;
    }
    boolean shared = first == 100 && second >> 6 == 1;
    boolean benchmark = first == 198 && (second == 18 || second == 19);
    boolean special = first == 192 && second == 0 && (bytes[2] == 0 || bytes[2] == 2);
    return first != 0 && first < 224 && !shared && !benchmark && !special;
  }

  /** Resolves names outside the event loops, because a lookup may be slow. */
  private final class Checked extends InetNameResolver {

    Checked(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String name, Promise<InetAddress> promise) {
      Schedulers.boundedElastic()
          .schedule(
              () -> {
                try {
                  promise.setSuccess(lookUp(name).get(0));
                } catch (UnknownHostException e) {
                  promise.setFailure(e);
                }
              });
    }

    @Override
    protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
      Schedulers.boundedElastic()
          .schedule(
              () -> {
                try {
                  promise.setSuccess(lookUp(name));
                } catch (UnknownHostException e) {
                  promise.setFailure(e);
                }
              });
    }

    private List<InetAddress> lookUp(String name) throws UnknownHostException {
      List<InetAddress> addresses = names.lookUp(name);
      if (addresses.isEmpty() || !addresses.stream().allMatch(PublicAddresses::isPublic)) {
        throw new UnknownHostException(name + " has an address that is not public");
      }
      return addresses;
    }
  }
}
