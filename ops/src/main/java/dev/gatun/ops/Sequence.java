package dev.gatun.ops;

import dev.gatun.kernels.Call;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Calls run one after another on the same scratch memory.
record Sequence(List<Call> calls) implements Call {
    @Override
    public String kernel() {
        return calls.size() + " " + calls.getFirst().kernel();
    }

    @Override
    public long scratchBytes() {
        long bytes = 0;
        for (Call call : calls) {
            bytes = Math.max(bytes, call.scratchBytes());
        }
        return bytes;
    }

    @Override
    public void run(MemorySegment scratch) {
        for (int i = 0; i < calls.size(); i++) {
            calls.get(i).run(scratch);
        }
    }
}
