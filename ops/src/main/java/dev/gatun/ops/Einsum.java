package dev.gatun.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Sums of products in Einstein's notation: each operand's dims are named by letters, dims of one name run together,
/// and names that the result does not have are summed over. Without `->` the result has the names that occur once, in
/// alphabetical order. A name twice in one operand takes its diagonal; `...` is not supported.
///
/// Operands are multiplied from the left, two at a time, as a batched matrix product: a name that neither the result
/// nor a later operand has is contracted at once.
public final class Einsum {
    private Einsum() {}

    /// A tensor and the names of its dims.
    private record Named(Tensor tensor, String names) {}

    static Tensor of(String equation, Tensor... operands) {
        String compact = equation.replace(" ", "");
        int arrow = compact.indexOf("->");
        String left = arrow < 0 ? compact : compact.substring(0, arrow);
        String[] names = left.split(",", -1);
        String result = arrow < 0 ? once(left) : compact.substring(arrow + 2);
        check(equation, names, result, operands);
        Named product = diagonal(new Named(operands[0], names[0]));
        for (int i = 1; i < operands.length; i++) {
            String later = result + String.join("", Arrays.asList(names).subList(i + 1, names.length));
            product = multiply(product, diagonal(new Named(operands[i], names[i])), later);
        }
        product = sumMissing(product, result);
        return permuted(product, result);
    }

    private static String once(String left) {
        StringBuilder names = new StringBuilder();
        left.chars().filter(Character::isLetter).sorted()
                .filter(c -> left.indexOf(c) == left.lastIndexOf(c)).forEach(c -> names.append((char) c));
        return names.toString();
    }

    private static void check(String equation, String[] names, String result, Tensor[] operands) {
        if (names.length != operands.length) {
            throw new IllegalArgumentException("einsum: '" + equation + "' names " + names.length + " operands, given "
                    + operands.length);
        }
        int[] sizes = new int[128];
        Arrays.fill(sizes, -1);
        for (int i = 0; i < names.length; i++) {
            if (names[i].length() != operands[i].rank()) {
                throw new IllegalArgumentException("einsum: '" + names[i] + "' in '" + equation + "' does not name the"
                        + " dims of operand " + i + ", which has shape " + operands[i].shape());
            }
            for (int d = 0; d < names[i].length(); d++) {
                char c = names[i].charAt(d);
                if (c >= 128 || !Character.isLetter(c)) {
                    throw new IllegalArgumentException("einsum: names must be letters: '" + equation + "'");
                }
                int size = operands[i].size(d);
                if (sizes[c] >= 0 && sizes[c] != size) {
                    throw new IllegalArgumentException("einsum: dim '" + c + "' of '" + equation + "' has two sizes: "
                            + sizes[c] + " and " + size + " (operand " + i + " " + operands[i].shape() + ")");
                }
                sizes[c] = size;
            }
        }
        for (int d = 0; d < result.length(); d++) {
            char c = result.charAt(d);
            if (c >= 128 || sizes[c] < 0 || result.indexOf(c) != d) {
                throw new IllegalArgumentException(
                        "einsum: the result must name dims of the operands once each: '" + equation + "'");
            }
        }
    }

    /// A name twice becomes one dim: the diagonal of the two.
    private static Named diagonal(Named operand) {
        Tensor tensor = operand.tensor;
        String names = operand.names;
        for (int d = 0; d < names.length(); d++) {
            int other = names.indexOf(names.charAt(d), d + 1);
            if (other >= 0) {
                int n = tensor.size(d);
                int[] order = new int[names.length()];
                int next = 0;
                for (int i = 0; i < order.length; i++) {
                    if (i != d && i != other) {
                        order[next++] = i;
                    }
                }
                order[next++] = d;
                order[next] = other;
                Tensor last = tensor.permute(order);
                int[] dims = Arrays.copyOf(last.shape().dims(), names.length() - 1);
                dims[dims.length - 1] = n * n;
                Tensor flat = last.reshape(dims);
                String rest = new StringBuilder(names).deleteCharAt(other).deleteCharAt(d).toString();
                tensor = n == 0 ? flat : flat.slice(-1, 0, n * n, n + 1);
                return diagonal(new Named(tensor, rest + names.charAt(d)));
            }
        }
        return operand;
    }

    private static Named sumMissing(Named operand, String needed) {
        List<Integer> gone = new ArrayList<>();
        StringBuilder kept = new StringBuilder();
        for (int d = 0; d < operand.names.length(); d++) {
            char c = operand.names.charAt(d);
            if (needed.indexOf(c) < 0) {
                gone.add(d);
            } else {
                kept.append(c);
            }
        }
        return gone.isEmpty() ? operand
                : new Named(operand.tensor.sum(gone.stream().mapToInt(Integer::intValue).toArray()), kept.toString());
    }

    private static Tensor permuted(Named operand, String order) {
        return operand.tensor.permute(order.chars().map(operand.names::indexOf).toArray());
    }

    private static Named multiply(Named a, Named b, String later) {
        Named x = sumMissing(a, b.names + later);
        Named y = sumMissing(b, a.names + later);
        StringBuilder batch = new StringBuilder();
        StringBuilder contracted = new StringBuilder();
        StringBuilder onlyX = new StringBuilder();
        for (char c : x.names.toCharArray()) {
            if (y.names.indexOf(c) < 0) {
                onlyX.append(c);
            } else if (later.indexOf(c) < 0) {
                contracted.append(c);
            } else {
                batch.append(c);
            }
        }
        StringBuilder onlyY = new StringBuilder();
        for (char c : y.names.toCharArray()) {
            if (x.names.indexOf(c) < 0) {
                onlyY.append(c);
            }
        }
        Tensor left = grouped(x, batch, onlyX, contracted);
        Tensor right = grouped(y, batch, contracted, onlyY);
        String names = batch.toString() + onlyX + onlyY;
        int[] dims = names.chars()
                .map(c -> x.names.indexOf(c) >= 0 ? x.tensor.size(x.names.indexOf(c))
                        : y.tensor.size(y.names.indexOf(c)))
                .toArray();
        return new Named(left.bmm(right).reshape(dims), names);
    }

    /// The operand as `[batch, rows, columns]`, each a group of dims.
    private static Tensor grouped(Named operand, StringBuilder batch, StringBuilder rows, StringBuilder columns) {
        Tensor ordered = permuted(operand, batch.toString() + rows + columns);
        int[] dims = ordered.shape().dims();
        int b = batch.length();
        int r = b + rows.length();
        return ordered.reshape(
                product(dims, 0, b), product(dims, b, r), product(dims, r, dims.length));
    }

    private static int product(int[] dims, int from, int to) {
        return new Shape(Arrays.copyOfRange(dims, from, to)).count();
    }
}
