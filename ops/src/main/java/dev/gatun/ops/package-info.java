/// Tensors and the operations on them.
///
/// A [Tensor][dev.gatun.ops.Tensor] is memory under a shape. Each of its methods checks, makes an
/// [Op][dev.gatun.ops.Op] record and hands it to [Eager][dev.gatun.ops.Eager], which infers the result, computes it with
/// the kernels of the [Engine][dev.gatun.ops.Engine] and, when gradients are wanted, appends a node. Backward walks the
/// nodes from the latest to the earliest. What operations need beyond numbers is in their records, so a traced graph and
/// a compiled plan run the same records.
///
/// The methods of a tensor are grouped by kind in interfaces that only it implements: `Arithmetic`, `Comparisons`,
/// `Functions`, `InPlace`, `Views`, `Joining`, `Indexing`, `Reductions`, `Products`, `Layers`.
package dev.gatun.ops;
