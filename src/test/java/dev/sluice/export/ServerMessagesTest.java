package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The server's side of the protocol is followed however the network cuts it into pieces. */
class ServerMessagesTest {
    private static final int MOST = 1000;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    @Test
    void tells_when_a_copy_is_under_way_wherever_it_is_cut() throws IOException {
        out.write('N'); // no encryption
        message('R', 4); // authentication
        message('N', 30); // a notice
        message('Z', 1);
        int before = bytes.size();
        message('H', 13);
        int begun = bytes.size() - 13;
        message('d', MOST);
        message('d', 0);
        int over = bytes.size() + 5;
        message('c', 0);
        message('C', 9);
        message('Z', 1);
        byte[] all = bytes.toByteArray();

        for (int cut = 0; cut < all.length; cut++) {
            ServerMessages messages = new ServerMessages(MOST);
            messages.came(all, 0, cut);
            assertThat(messages.copying()).as("after %d bytes", cut).isEqualTo(cut >= begun && cut < over);
            messages.came(all, cut, all.length - cut);
            assertThat(messages.copying()).isFalse();
        }
        assertThat(begun).isGreaterThan(before);
    }

    @Test
    void pieces_of_any_size_say_the_same() throws IOException {
        message('R', 4);
        message('H', 3);
        for (int i = 0; i < 200; i++) {
            message('d', i);
        }
        byte[] all = bytes.toByteArray();
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            ServerMessages messages = new ServerMessages(MOST);
            for (int at = 0; at < all.length; ) {
                int count = Math.min(all.length - at, random.nextInt(40));
                messages.came(all, at, count);
                at += count;
            }
            assertThat(messages.copying()).isTrue();
            messages.came(new byte[] {'E', 0, 0, 0, 4}, 0, 5);
            assertThat(messages.copying()).isFalse();
        }
    }

    @Test
    void a_message_that_is_too_large_is_known_by_its_length() throws IOException {
        message('R', MOST);
        out.write('d');
        out.writeInt(MOST + 5);
        byte[] all = bytes.toByteArray();
        ServerMessages messages = new ServerMessages(MOST);
        messages.came(all, 0, all.length - 1);

        assertThatThrownBy(() -> messages.came(all, all.length - 1, 1))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessage("A message of 1001 bytes, where at most 1000 are taken");
    }

    @Test
    void of_an_encrypted_connection_nothing_is_known() throws IOException {
        out.write('S');
        out.write(new byte[] {'H', 0x7f, 0x7f, 0x7f, 0x7f, 'd'});
        ServerMessages messages = new ServerMessages(MOST);

        messages.came(bytes.toByteArray(), 0, bytes.size());

        assertThat(messages.copying()).isFalse();
    }

    private void message(char type, int content) throws IOException {
        out.write(type);
        out.writeInt(content + 4);
        out.write(new byte[content]);
    }
}
