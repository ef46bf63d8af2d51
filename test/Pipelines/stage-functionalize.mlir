// The stage functionalize leaves tables and pure functions.
// RUN: sym-opt --sym-to-llvm=until-after=functionalize %s | FileCheck %s
// RUN: sym-opt --sym-stage-resolve --sym-stage-functionalize %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<1>
sym.shared @b : tensor<i64> = dense<2>

// CHECK: sym.entry @swap : () -> () reads [@a, @b] updates [@a, @b] body @swap.body
// CHECK: func.func private @swap.body(%[[A:.*]]: tensor<i64>, %[[B:.*]]: tensor<i64>)
// CHECK-NEXT: return %[[B]], %[[A]]
sym.func @swap() {
  %b = sym.read @b : tensor<i64>
  %a = sym.read @a : tensor<i64>
  sym.return updates(@b = %a : tensor<i64>, @a = %b : tensor<i64>)
}
