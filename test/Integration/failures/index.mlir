// An index out of range fails the call with its value and the size.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @at(%i: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<?xi64>
  %i0 = tensor.extract %i[] : tensor<i64>
  %j = arith.index_cast %i0 : i64 to index
  // CHECK-DAG: index.mlir:[[#@LINE+1]]:
  %e = tensor.extract %s[%j] : tensor<?xi64>
  %r = tensor.from_elements %e : tensor<i64>
  sym.return %r : tensor<i64>
}
func.func @main() {
  %two = arith.constant dense<2> : tensor<i64>
  %a = sym.call @at(%two) : (tensor<i64>) -> tensor<i64>
  // CHECK-DAG: element 3
  sym.print "element " %a : tensor<i64>
  %three = arith.constant dense<3> : tensor<i64>
  // CHECK-DAG: SYM_INDEX_OUT_OF_RANGE{{.*}}3
  %b = sym.call @at(%three) : (tensor<i64>) -> tensor<i64>
  return
}
