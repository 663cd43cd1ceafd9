package dev.sluice.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;

/** Whom an address stands for when what somebody does is counted. Stateless. */
public final class Neighbourhood {
    private Neighbourhood() {}

    /** The address; of IPv6 the first 64 bits, because one subscriber has all that begin so (RFC 6177). */
    public static String of(String address) {
        if (!address.contains(":")) {
            return address;
        }
        try {
            // With a colon it is an address, never a name to look up.
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == 16 ? HexFormat.of().formatHex(Arrays.copyOf(bytes, 8)) : address;
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
