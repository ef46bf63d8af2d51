// An assertion fails the call, and nothing of it is stored (T4).
// RUN: sym-opt --convert-ml-program-to-sym %s -o %t
// RUN: not sym-runner %t 2>&1 | FileCheck %s

ml_program.global private mutable @s(5 : i64) : i64
func.func @take(%x: i64) -> i64 {
  %s = ml_program.global_load @s : i64
  %n = arith.subi %s, %x : i64
  ml_program.global_store @s = %n : i64
  %zero = arith.constant 0 : i64
  %ok = arith.cmpi sge, %n, %zero : i64
  cf.assert %ok, "not enough is left"
  return %n : i64
}
func.func @main() {
  %x = arith.constant 3 : i64
  %a = call @take(%x) : (i64) -> i64
  %at = tensor.from_elements %a : tensor<i64>
  // CHECK-DAG: left 2
  sym.print "left " %at : tensor<i64>
  // CHECK-DAG: SYM_CHECK_FAILED{{.*}}not enough is left
  %b = call @take(%x) : (i64) -> i64
  return
}
