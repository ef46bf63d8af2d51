// T10: a host program ends at the call that fails; earlier commits stay.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<i64> = dense<0>
sym.func @add(%x: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %x : tensor<i64>
  %v = tensor.extract %n[] : tensor<i64>
  %limit = arith.constant 10 : i64
  %fits = arith.cmpi sle, %v, %limit : i64
  sym.check %fits, "{0} is above {1}" (%v, %limit : i64, i64)
  sym.return %n : tensor<i64> updates(@s = %n : tensor<i64>)
}
func.func @main() {
  %x = arith.constant dense<4> : tensor<i64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  scf.for %i = %c0 to %c9 step %c1 {
    %r = sym.call @add(%x) : (tensor<i64>) -> tensor<i64>
    // CHECK-DAG: now 4
    // CHECK-DAG: now 8
    // CHECK-DAG: SYM_CHECK_FAILED{{.*}}12 is above 10
    // CHECK-NOT: now 12
    sym.print "now " %r : tensor<i64>
  }
  return
}
