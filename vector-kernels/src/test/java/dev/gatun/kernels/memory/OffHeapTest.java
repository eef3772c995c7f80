package dev.gatun.kernels.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OffHeapTest {
    @Test
    void nativeMemoryPasses(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("numbers"), new byte[64]);
        try (Arena arena = Arena.ofShared(); FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment allocated = arena.allocate(64);
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 64, arena);
            assertThat(OffHeap.of(allocated)).isSameAs(allocated);
            assertThat(OffHeap.of(mapped)).isSameAs(mapped);
            assertThat(OffHeap.of(MemorySegment.NULL)).isSameAs(MemorySegment.NULL);
        }
    }

    @Test
    void memoryOfOneThreadDoesNot() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> OffHeap.of(arena.allocate(64)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not confined to one").hasMessageContaining("Arena.ofShared()");
        }
    }

    @Test
    void arraysDoNot() {
        assertThatThrownBy(() -> OffHeap.of(MemorySegment.ofArray(new float[4])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be native (off-heap)");
    }
}
