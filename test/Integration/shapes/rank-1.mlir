// Rank 1, with static and with dynamic sizes.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi32> = dense<[7, 8, 9]>
sym.shared @d : tensor<?xi32> = dense<[7, 8, 9]> : tensor<3xi32>
sym.func @step() {
  %one = arith.constant 1 : i32
  %s = sym.read @s : tensor<3xi32>
  %d = sym.read @d : tensor<?xi32>
  %a = linalg.map ins(%s : tensor<3xi32>) outs(%s : tensor<3xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  %b = linalg.map ins(%d : tensor<?xi32>) outs(%d : tensor<?xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  sym.return updates(@s = %a : tensor<3xi32>, @d = %b : tensor<?xi32>)
}
func.func @main() {
  sym.call @step() : () -> ()
  %s = sym.get_value @s : tensor<3xi32>
  // CHECK: [6 7 8]
  sym.print %s : tensor<3xi32>
  %d = sym.get_value @d : tensor<?xi32>
  // CHECK: [6 7 8]
  sym.print %d : tensor<?xi32>
  return
}
