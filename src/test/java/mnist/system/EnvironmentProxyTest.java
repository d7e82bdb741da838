package mnist.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentProxyTest {
    private static @Nullable Proxy of(String address, String... variables) {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < variables.length; i += 2) environment.put(variables[i], variables[i + 1]);
        return EnvironmentProxy.of(URI.create(address), environment);
    }

    private static Proxy http(String host, int port) {
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
    }

    @Test
    void theVariableOfTheSchemeNamesTheProxyWithOrWithoutItsOwnScheme() {
        assertEquals(http("proxy", 3128), of("https://data.org/x", "https_proxy", "http://proxy:3128"));
        assertEquals(http("proxy", 3128), of("https://data.org/x", "HTTPS_PROXY", "proxy:3128"));
        assertEquals(http("proxy", 8080), of("http://data.org/x", "http_proxy", "http://user:word@proxy:8080/"));
        assertEquals(http("proxy", 1080), of("http://data.org/x", "ALL_PROXY", "http://proxy"));
        assertNull(of("https://data.org/x", "http_proxy", "http://proxy:3128"));
        assertNull(of("https://data.org/x", "https_proxy", ""));
    }

    @Test
    void anAddressWithoutAHostIsAnErrorThatNamesIt() {
        UserError error =
                assertThrows(UserError.class, () -> of("https://data.org/x", "https_proxy", "http://my_proxy:3128"));
        assertEquals("http://my_proxy:3128 is no address of a proxy", error.what());
    }

    @Test
    void whatNoProxyNamesAndItsSubdomainsAreReachedDirectly() {
        String[] proxy = {"https_proxy", "http://proxy:3128", "no_proxy", "local, .data.org"};
        assertEquals(Proxy.NO_PROXY, of("https://data.org/x", proxy));
        assertEquals(Proxy.NO_PROXY, of("https://www.data.org/x", proxy));
        assertEquals(http("proxy", 3128), of("https://otherdata.org/x", proxy));
        assertEquals(Proxy.NO_PROXY, of("https://any.org/x", "https_proxy", "p:1", "NO_PROXY", "*"));
    }
}
