// The stage resolve leaves functions without evaluations, flags and dead reads.
// RUN: sym-opt --sym-stage-resolve %s | FileCheck %s
// RUN: sym-opt --sym-to-llvm=until-after=resolve %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<1>

// CHECK-NOT: sym.expr
sym.expr @get() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  sym.yield %a : tensor<i64>
}

// CHECK-LABEL: sym.func @f
// CHECK-NEXT: %[[A:.*]] = sym.read @a
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[A]] : tensor<i64>
// CHECK-NEXT: sym.return %[[S]]
sym.func @f() -> tensor<i64> {
  %x = sym.eval @get() : () -> tensor<i64>
  %y = sym.eval @get() : () -> tensor<i64>
  %dead = sym.eval @get() : () -> tensor<i64>
  %s = arith.addi %x, %y overflow<nsw> : tensor<i64>
  %t = sym.stop_gradient %s : tensor<i64>
  sym.return %t : tensor<i64>
}
