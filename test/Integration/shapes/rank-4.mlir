// Rank 4, with static and with dynamic sizes.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<1x2x1x2xi32> = dense<[[[[7, 8]], [[1, 2]]]]>
sym.shared @d : tensor<?x?x?x?xi32> = dense<[[[[7, 8]], [[1, 2]]]]> : tensor<1x2x1x2xi32>
sym.func @step() {
  %one = arith.constant 1 : i32
  %s = sym.read @s : tensor<1x2x1x2xi32>
  %d = sym.read @d : tensor<?x?x?x?xi32>
  %a = linalg.map ins(%s : tensor<1x2x1x2xi32>) outs(%s : tensor<1x2x1x2xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  %b = linalg.map ins(%d : tensor<?x?x?x?xi32>) outs(%d : tensor<?x?x?x?xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  sym.return updates(@s = %a : tensor<1x2x1x2xi32>, @d = %b : tensor<?x?x?x?xi32>)
}
func.func @main() {
  sym.call @step() : () -> ()
  %s = sym.get_value @s : tensor<1x2x1x2xi32>
  // CHECK: {{\[\[\[\[}}6 7]]
  // CHECK-EMPTY:
  // CHECK-NEXT: {{\[\[}}0 1]]]]
  sym.print %s : tensor<1x2x1x2xi32>
  %d = sym.get_value @d : tensor<?x?x?x?xi32>
  // CHECK: {{\[\[\[\[}}6 7]]
  // CHECK-EMPTY:
  // CHECK-NEXT: {{\[\[}}0 1]]]]
  sym.print %d : tensor<?x?x?x?xi32>
  return
}
