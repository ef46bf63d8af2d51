// The stage checks leaves one check per condition, in front (T4).
// RUN: sym-opt --sym-to-llvm=until-after=checks %s | FileCheck %s

sym.shared @w : tensor<?xf32>

// One check for the sizes, before the loop; none for what ranges decide.
// CHECK-LABEL: func.func private @train.body
// CHECK: sym.check %{{.*}}, kind(shape) "arith.subf: dimension 0 of operand 1 has size {1}, but operand 0 has {0}"
// CHECK-NOT: sym.check
// CHECK: scf.for
// CHECK-NOT: sym.check
// CHECK: return
sym.func @train(%g: tensor<?xf32>, %n: tensor<i64>) {
  %w = sym.read @w : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tensor.extract %n[] : tensor<i64>
  %m = arith.index_cast %x : i64 to index
  %r = scf.for %i = %c0 to %m step %c1 iter_args(%v = %w) -> tensor<?xf32> {
    %u = arith.subf %v, %g : tensor<?xf32>
    scf.yield %u : tensor<?xf32>
  }
  sym.return updates(@w = %r : tensor<?xf32>)
}

// A divisor that is never zero, by the range of its value.
// CHECK-LABEL: func.func private @range.body
// CHECK-NOT: sym.check
// CHECK: return
sym.func @range(%a: tensor<i32>) -> tensor<i32> {
  %x = tensor.extract %a[] : tensor<i32>
  %c1 = arith.constant 1 : i32
  %d = arith.maxsi %x, %c1 : i32
  %q = arith.divsi %x, %d : i32
  %r = tensor.from_elements %q : tensor<i32>
  sym.return %r : tensor<i32>
}
