package mnist.system;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The proxy from https_proxy, http_proxy and no_proxy, read as curl does; Java itself ignores them. */
public final class EnvironmentProxy {
    private EnvironmentProxy() {}

    /** Opens a connection; without such a variable Java's system properties name the proxy. */
    public static HttpURLConnection open(URI address) throws IOException {
        Proxy proxy = of(address, System.getenv());
        return (HttpURLConnection)
                (proxy == null
                        ? address.toURL().openConnection()
                        : address.toURL().openConnection(proxy));
    }

    /** Returns the proxy for an address; null if the variables name none. */
    static @Nullable Proxy of(URI address, Map<String, String> environment) {
        String named = address.getScheme().equals("https")
                ? value(environment, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
                : value(environment, "http_proxy", "all_proxy", "ALL_PROXY");
        if (named == null) return null;
        String without = value(environment, "no_proxy", "NO_PROXY");
        if (without != null && Stream.of(without.split(",")).anyMatch(name -> covers(name.strip(), address.getHost())))
            return Proxy.NO_PROXY;
        URI proxy = URI.create(named.contains("://") ? named : "http://" + named);
        if (proxy.getHost() == null)
            throw new UserError(named + " is no address of a proxy", "set https_proxy to one, or unset it");
        int port = proxy.getPort() >= 0 ? proxy.getPort() : 1080; // as curl
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port));
    }

    private static @Nullable String value(Map<String, String> environment, String... names) {
        return Stream.of(names)
                .map(environment::get)
                .filter(Objects::nonNull)
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse(null);
    }

    /** Returns whether a name in no_proxy is the host's name or a domain that contains the host. */
    private static boolean covers(String name, String host) {
        String domain = name.startsWith(".") ? name.substring(1) : name;
        return domain.equals("*") || host.equals(domain) || (!domain.isEmpty() && host.endsWith("." + domain));
    }
}
