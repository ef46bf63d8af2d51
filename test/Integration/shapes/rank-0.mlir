// Rank 0, with static and with dynamic sizes.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<i32> = dense<7>
sym.shared @d : tensor<i32> = dense<7>
sym.func @step() {
  %one = arith.constant 1 : i32
  %s = sym.read @s : tensor<i32>
  %d = sym.read @d : tensor<i32>
  %a = linalg.map ins(%s : tensor<i32>) outs(%s : tensor<i32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  %b = linalg.map ins(%d : tensor<i32>) outs(%d : tensor<i32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  sym.return updates(@s = %a : tensor<i32>, @d = %b : tensor<i32>)
}
func.func @main() {
  sym.call @step() : () -> ()
  %s = sym.get_value @s : tensor<i32>
  // CHECK: 6
  sym.print %s : tensor<i32>
  %d = sym.get_value @d : tensor<i32>
  // CHECK: 6
  sym.print %d : tensor<i32>
  return
}
