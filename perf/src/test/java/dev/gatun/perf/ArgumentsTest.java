package dev.gatun.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static Arguments parse(String... words) {
        return Arguments.parse(List.of(words), List.of("--json", "--epochs"));
    }

    @Test
    void optionsHaveValues() {
        Arguments a = parse("--epochs", "3", "--json", "f");
        assertThat(a.number("--epochs", 1)).contains(3L);
        assertThat(a.text("--json")).contains("f");
        assertThat(parse().text("--json")).isEmpty();
        assertThat(parse().number("--epochs", 1)).isEmpty();
    }

    @Test
    void everythingElseIsRefused() {
        assertRefused("unknown option '--jason'; known: --json --epochs", "--jason", "f");
        assertRefused("--json needs a value", "--json");
        assertRefused("--json is given twice", "--json", "a", "--json", "b");
        assertThatThrownBy(() -> parse("--epochs", "many").number("--epochs", 1))
                .isInstanceOf(Arguments.UsageException.class).hasMessage("--epochs must be a whole number: many");
        assertThatThrownBy(() -> parse("--epochs", "0").number("--epochs", 1))
                .hasMessage("--epochs must be at least 1: 0");
    }

    private static void assertRefused(String message, String... words) {
        assertThatThrownBy(() -> parse(words)).isInstanceOf(Arguments.UsageException.class).hasMessage(message);
    }
}
