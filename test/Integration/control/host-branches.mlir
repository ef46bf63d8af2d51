// Host programs branch and loop on what calls return.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<i64> = dense<1>
sym.func @double() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %d = arith.addi %s, %s : tensor<i64>
  sym.return %d : tensor<i64> updates(@s = %d : tensor<i64>)
}
func.func @main() {
  %limit = arith.constant 100 : i64
  %start = arith.constant 0 : i64
  %last = scf.while (%x = %start) : (i64) -> i64 {
    %less = arith.cmpi slt, %x, %limit : i64
    scf.condition(%less) %x : i64
  } do {
  ^bb0(%x: i64):
    %t = sym.call @double() : () -> tensor<i64>
    %y = tensor.extract %t[] : tensor<i64>
    scf.yield %y : i64
  }
  %s = sym.get_value @s : tensor<i64>
  // CHECK: 128
  sym.print %s : tensor<i64>
  %big = arith.cmpi sgt, %last, %limit : i64
  scf.if %big {
    %zero = arith.constant dense<0> : tensor<i64>
    sym.set_value @s = %zero : tensor<i64>
  }
  %t = sym.get_value @s : tensor<i64>
  // CHECK: 0
  sym.print %t : tensor<i64>
  return
}
