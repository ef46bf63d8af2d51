// T2: every right-hand side sees the values from before the call.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<0>
sym.shared @b : tensor<i64> = dense<1>
sym.func @step() {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %sum = arith.addi %a, %b : tensor<i64>
  sym.return updates(@a = %b : tensor<i64>, @b = %sum : tensor<i64>)
}
func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c50 = arith.constant 50 : index
  scf.for %i = %c0 to %c50 step %c1 {
    sym.call @step() : () -> ()
  }
  %a = sym.get_value @a : tensor<i64>
  // CHECK: 12586269025
  sym.print %a : tensor<i64>
  return
}
