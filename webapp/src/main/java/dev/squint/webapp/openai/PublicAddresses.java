package dev.squint.webapp.openai;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
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

  /** Whether an address may belong to a public host. */
  static boolean isPublic(InetAddress address) {
    return !SpecialAddresses.contains(address);
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
